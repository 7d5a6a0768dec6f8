// /softwarecomponentkinds/, /softwarecomponentarches/, /softwarecomponents/, /linuxdistros/, /testenvironments/.

import type { TSchema } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Shape } from '../../http/resource/shapes'
import type { CollectionQueries } from '../core/collection-answers'
import { type Collection, collectionRoutes } from '../core/collection-routes'
import type { ResultServices } from '../core/services'
import { type NoOwner, readArches, readComponents, readDistros, readEnvironments, readKinds } from './answers'
import { componentWrites } from './components'
import { distroWrites } from './distros'
import {
  componentItem,
  distroItem,
  environmentItem,
  nameItem,
  newComponent,
  newDistro,
  newEnvironment,
  newName,
} from './model'
import { archWrites, kindWrites } from './names'
import { changeStoredEnvironment, deleteEnvironment, storeEnvironment } from './writing'

export function environmentRoutes(services: ResultServices) {
  return new Elysia({ name: 'environments' })
    .use(
      things(
        services,
        'softwarecomponentkinds',
        nameItem,
        newName,
        ['a component kind', 'component kinds'],
        readKinds,
        kindWrites,
      ),
    )
    .use(
      things(
        services,
        'softwarecomponentarches',
        nameItem,
        newName,
        ['an architecture', 'architectures'],
        readArches,
        archWrites,
      ),
    )
    .use(
      things(
        services,
        'softwarecomponents',
        componentItem,
        newComponent,
        ['a component', 'components'],
        readComponents,
        componentWrites,
      ),
    )
    .use(
      things(
        services,
        'linuxdistros',
        distroItem,
        newDistro,
        ['a distro', 'distros'],
        readDistros,
        distroWrites,
      ),
    )
    .use(
      things(
        services,
        'testenvironments',
        environmentItem,
        newEnvironment,
        ['a test environment', 'test environments'],
        readEnvironments,
        {
          add: async ({ value }) => ({ id: await storeEnvironment(services, value) }),
          change: (change) => changeStoredEnvironment(services, change),
          remove: (removal) => deleteEnvironment(services, removal),
        },
      ),
    )
}

type Doing<S extends Shape> = Pick<Collection<NoOwner, S>, 'add' | 'change' | 'remove'>

function things<S extends Shape>(
  services: ResultServices,
  name: string,
  item: TSchema,
  shape: S,
  nouns: [string, string],
  reads: CollectionQueries<NoOwner>,
  doing: Doing<S>,
) {
  return collectionRoutes(services, {
    path: `/${name}/`,
    nouns,
    tag: 'Environments',
    item,
    shape,
    reads,
    ownerToChange: () => ({}),
    ...doing,
    location: () => [name],
    added: 'as stored',
  })
}
