// /softwarecomponentkinds/, /softwarecomponentarches/, /softwarecomponents/, /linuxdistros/, /testenvironments/.

import type { TSchema } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Act } from '../audit/log'
import { collectionRoutes } from '../collections/routes'
import type { Context } from '../context'
import type { Body, Shape } from '../http/fields'
import type { Slice } from '../http/pagination'
import type { Write } from '../storage/database'
import type { Connection, Query } from '../storage/query'
import { components, componentWrites } from './components'
import { distros, distroWrites } from './distros'
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
import { arches, archWrites, kinds, kindWrites } from './names'
import { environments, environmentWrites } from './queries'

export function environmentRoutes(context: Context) {
  return new Elysia({ name: 'environments' })
    .use(
      things(
        context,
        'softwarecomponentkinds',
        nameItem,
        newName,
        ['a component kind', 'component kinds'],
        kinds,
        kindWrites,
      ),
    )
    .use(
      things(
        context,
        'softwarecomponentarches',
        nameItem,
        newName,
        ['an architecture', 'architectures'],
        arches,
        archWrites,
      ),
    )
    .use(
      things(
        context,
        'softwarecomponents',
        componentItem,
        newComponent,
        ['a component', 'components'],
        components,
        componentWrites,
      ),
    )
    .use(
      things(context, 'linuxdistros', distroItem, newDistro, ['a distro', 'distros'], distros, distroWrites),
    )
    .use(
      things(
        context,
        'testenvironments',
        environmentItem,
        newEnvironment,
        ['a test environment', 'test environments'],
        environments,
        environmentWrites,
      ),
    )
}

interface Reads {
  counted: Query<Record<never, never>, { count: number }>
  find(connection: Connection, id: number): object | undefined
  list(connection: Connection, slice: Slice): object[]
}

interface Writes<S extends Shape> {
  add: Write<{ value: Body<S> }, { id: number }>
  change: Write<{ id: number; value: Partial<Body<S>> }, void>
  remove: Write<{ id: number; act: Act }, void>
}

function things<S extends Shape>(
  context: Context,
  name: string,
  item: TSchema,
  shape: S,
  nouns: [string, string],
  reads: Reads,
  writes: Writes<S>,
) {
  return collectionRoutes(context, {
    path: `/${name}/`,
    nouns,
    tag: 'Environments',
    item,
    shape,
    owner: () => ({}),
    ownerToChange: () => ({}),
    count: (connection) => connection.first(reads.counted, {})?.count ?? 0,
    list: (connection, _, slice) => reads.list(connection, slice),
    find: (connection, _, id) => reads.find(connection, id),
    ...writes,
    location: () => [name],
    added: 'as stored',
  })
}
