// Test environments in SQL: a distro and a set of components. Equal ones are one.

import { createHash } from 'node:crypto'
import { NotUnique } from '../http/errors'
import type { Direction } from '../http/ordering'
import { fromNearerEnd, type Slice } from '../http/pagination'
import { type Connection, query, tables } from '../storage/query'
import { componentFields, componentIdOfMade, componentRows } from './components'
import { distroFields, distroIdOfMade, distroRows } from './distros'
import type { NewEnvironment } from './model'
import { count, type Id, remove, usage, writesOf } from './things'

const pageOf = (direction: Direction) =>
  query<Slice>()((param) =>
    tables
      .selectFrom('environment')
      .select('id')
      .orderBy('id', direction)
      .limit(param('limit'))
      .offset(param('offset')),
  )
const first = pageOf('asc')
const last = pageOf('desc')
const distroOfEnvironment = query<Id>()((param) =>
  distroRows
    .innerJoin('environment', 'environment.distro', 'distro.id')
    .select(distroFields)
    .where('environment.id', '=', param('id')),
)
const componentsOfEnvironment = query<Id>()((param) =>
  componentRows
    .innerJoin('environment_component', 'environment_component.component', 'component.id')
    .select(componentFields)
    .where('environment_component.environment', '=', param('id'))
    .orderBy('component.id'),
)
const environmentById = query<Id>()((param) =>
  tables.selectFrom('environment').select('id').where('id', '=', param('id')),
)
const environmentByHash = query<{ hash: Uint8Array }>()((param) =>
  tables.selectFrom('environment').select('id').where('hash', '=', param('hash')),
)
const insertEnvironment = query<{ distro: number; hash: Uint8Array }>()((param) =>
  tables.insertInto('environment').values({ distro: param('distro'), hash: param('hash') }),
)
const updateEnvironment = query<{ id: number; distro: number; hash: Uint8Array }>()((param) =>
  tables
    .updateTable('environment')
    .set({ distro: param('distro'), hash: param('hash') })
    .where('id', '=', param('id')),
)
const insertLink = query<{ environment: number; component: number }>()((param) =>
  tables
    .insertInto('environment_component')
    .values({ environment: param('environment'), component: param('component') }),
)
const deleteLinks = query<{ environment: number }>()((param) =>
  tables.deleteFrom('environment_component').where('environment', '=', param('environment')),
)

/** What an environment consists of, made where it does not exist, and the hash by which equal ones are one. */
function partsOfMade(connection: Connection, value: NewEnvironment) {
  const distro = distroIdOfMade(connection, value.distro)
  const ids = value.installed_software_components.map((component) => componentIdOfMade(connection, component))
  const components = [...new Set(ids)].sort((a, b) => a - b)
  const hash = createHash('sha256')
    .update(JSON.stringify([distro, components]))
    .digest()
  return { distro, components, hash }
}

function linkComponents(connection: Connection, environment: number, components: number[]): void {
  for (const component of components) connection.run(insertLink, { environment, component })
}

export const environments = {
  noun: 'test environment',
  counted: count('environment'),
  used: usage('test.environment', 'job.environment'),
  removal: remove('environment'),
  find(connection: Connection, id: number): (Id & NewEnvironment) | undefined {
    const distro = connection.first(distroOfEnvironment, { id })
    return (
      distro && { id, distro, installed_software_components: connection.all(componentsOfEnvironment, { id }) }
    )
  },
  /** The order of the components means nothing. */
  same: (one: NewEnvironment, other: NewEnvironment) =>
    Bun.deepEquals(one.distro, other.distro) &&
    Bun.deepEquals(
      one.installed_software_components.map((component) => JSON.stringify(component)).sort(),
      other.installed_software_components.map((component) => JSON.stringify(component)).sort(),
    ),
  list: (connection: Connection, slice: Slice) =>
    fromNearerEnd(slice, (slice, reversed) => connection.all(reversed ? last : first, slice)).map(
      ({ id }) => environments.find(connection, id) as object,
    ),
  /** Adds an environment, or finds the equal one. */
  insert(connection: Connection, value: NewEnvironment): number {
    const { distro, components, hash } = partsOfMade(connection, value)
    const equal = connection.first(environmentByHash, { hash })
    if (equal) return equal.id
    const id = connection.run(insertEnvironment, { distro, hash }).lastInsertRowid
    linkComponents(connection, id, components)
    return id
  },
  update(connection: Connection, id: number, value: NewEnvironment): void {
    const { distro, components, hash } = partsOfMade(connection, value)
    const equal = connection.first(environmentByHash, { hash })
    if (equal && equal.id !== id) throw new NotUnique('distro', 'installed_software_components')
    connection.run(updateEnvironment, { id, distro, hash })
    connection.run(deleteLinks, { environment: id })
    linkComponents(connection, id, components)
  },
}

export function environmentExists(connection: Connection, id: number): boolean {
  return connection.first(environmentById, { id }) !== undefined
}

export const environmentWrites = writesOf<NewEnvironment>('environment', environments)
