// The routes /softwarecomponentkinds/, /softwarecomponentarches/, /softwarecomponents/, /linuxdistros/ and
// /testenvironments/.

import type { TSchema } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyJob, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { answer } from '../../http/resource/request-query'
import type { Shape } from '../../http/resource/shapes'
import type { CrudQueries } from '../core/crud-queries'
import { type CrudResource, crudRoutes } from '../core/crud-routes'
import type { ResultServices } from '../core/services'
import { type NoOwner, readArches, readComponents, readDistros, readEnvironments, readKinds } from './answers'
import { componentWrites } from './components'
import { distroWrites } from './distros'
import { archWrites, kindWrites } from './kinds-and-arches'
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
import { environmentSteps, stepsItem, stepsQuery } from './steps'
import { changeStoredEnvironment, deleteEnvironment, storeEnvironment } from './writing'

export function environmentRoutes(services: ResultServices) {
  return new Elysia({ name: 'environments' })
    .use(
      resource(
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
      resource(
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
      resource(
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
      resource(
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
      resource(
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
    .use(stepRoutes(services))
}

function stepRoutes(services: ResultServices) {
  const { database, config } = services
  return new Elysia({ name: 'environment-steps', prefix: '/testenvironments', tags: ['Environments'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get(
      '/steps/',
      async ({ request }) => answer(database, environmentSteps, request, { zone: config.zone }),
      {
        cacheable: anyJob,
        detail: describe({
          summary: 'What changed from one test environment to another, for many pairs at once',
          reply: stepsItem,
          parameters: parametersOf(stepsQuery),
          errors: [400],
        }),
      },
    )
}

type Writes<S extends Shape> = Pick<CrudResource<NoOwner, S>, 'add' | 'change' | 'remove'>

function resource<S extends Shape>(
  services: ResultServices,
  name: string,
  item: TSchema,
  shape: S,
  nouns: [string, string],
  reads: CrudQueries<NoOwner>,
  writes: Writes<S>,
) {
  return crudRoutes(services, {
    path: `/${name}/`,
    nouns,
    tag: 'Environments',
    item,
    shape,
    reads,
    ...writes,
    location: () => [name],
    added: 'as stored',
  })
}
