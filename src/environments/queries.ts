// Kinds, architectures, components, distros and environments in SQL. What something else uses is a record of the
// past: it is neither changed nor deleted.

import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { Conflict, Invalid, NotFound, NotUnique } from '../http/errors'
import { type Body, noObject } from '../http/fields'
import type { Slice } from '../http/pagination'
import { defineWrite } from '../storage/database'
import { type Connection, type Query, query, tables } from '../storage/query'
import type { newComponent, newDistro, newEnvironment, newName } from './model'

export type NewName = Body<typeof newName>
export type NewComponent = Body<typeof newComponent>
export type NewDistro = Body<typeof newDistro>
export type NewEnvironment = Body<typeof newEnvironment>

type Id = { id: number }
type Counting = Query<Record<never, never>, { count: number }>

function count(table: 'component_kind' | 'arch' | 'component' | 'distro' | 'environment'): Counting {
  return query()(() => tables.selectFrom(table).select((column) => column.fn.countAll<number>().as('count')))
}

function remove(table: 'component_kind' | 'arch' | 'component' | 'distro' | 'environment') {
  return query<Id>()((param) => tables.deleteFrom(table).where('id', '=', param('id')))
}

/** Asks whether any row refers by one of these columns to the one with this id. */
function usage(...columns: string[]) {
  return query<Id>()((param) => {
    const uses = columns.map((column) => {
      const [table] = column.split('.') as [string]
      return sql`EXISTS (SELECT 1 FROM ${sql.table(table)} WHERE ${sql.ref(column)} = ${param('id')})`
    })
    return tables.selectNoFrom(sql<number>`${sql.join(uses, sql` OR `)}`.as('used'))
  })
}

/**
 * What can be done with the rows of a table that other rows refer to.
 *
 * @param V  a row as clients send it.
 */
interface Things<V> {
  noun: string
  find(connection: Connection, id: number): (Id & V) | undefined
  counted: Counting
  used: Query<Id, { used: number }>
  removal: Query<Id, unknown>
  /** @throws Invalid when something that the value names does not exist; NotUnique when the value does. */
  insert(connection: Connection, value: V): number
  update(connection: Connection, id: number, value: V): void
  /** Whether two values mean the same; that they are equal unless told. */
  same?(one: V, other: V): boolean
}

function writesOf<V extends object>(name: string, things: Things<V>) {
  const get = (connection: Connection, id: number): Id & V => {
    const found = things.find(connection, id)
    if (!found) throw new NotFound()
    return found
  }
  const refuseUsed = (connection: Connection, id: number) => {
    if (!connection.first(things.used, { id })?.used) return
    throw new Conflict(`This ${things.noun} is in use: a record of the past is neither changed nor deleted.`)
  }
  return {
    add: defineWrite(`add ${name}`, (connection, { value }: { value: V }) => ({
      id: things.insert(connection, value),
    })),
    change: defineWrite(
      `change ${name}`,
      (connection, { id, value }: { id: number; value: Partial<V> }): void => {
        const { id: _, ...stored } = get(connection, id)
        const changed = { ...stored, ...value } as unknown as V
        if (things.same ? things.same(stored as unknown as V, changed) : Bun.deepEquals(stored, changed))
          return
        refuseUsed(connection, id)
        things.update(connection, id, changed)
      },
    ),
    remove: defineWrite(`delete ${name}`, (connection, { id }: { id: number }): void => {
      get(connection, id)
      refuseUsed(connection, id)
      connection.run(things.removal, { id })
    }),
  }
}

// --- kinds and architectures

function nameTable(table: 'component_kind' | 'arch') {
  const page = query<Slice>()((param) =>
    tables
      .selectFrom(table)
      .select(['id', 'name'])
      .orderBy('id')
      .limit(param('limit'))
      .offset(param('offset')),
  )
  const one = query<Id>()((param) =>
    tables.selectFrom(table).select(['id', 'name']).where('id', '=', param('id')),
  )
  const named = query<{ name: string }>()((param) =>
    tables.selectFrom(table).select('id').where('name', '=', param('name')),
  )
  const insertion = query<{ name: string }>()((param) =>
    tables.insertInto(table).values({ name: param('name') }),
  )
  const renaming = query<Id & { name: string }>()((param) =>
    tables
      .updateTable(table)
      .set({ name: param('name') })
      .where('id', '=', param('id')),
  )
  const idOf = (connection: Connection, name: string) => connection.first(named, { name })?.id
  const insert = (connection: Connection, name: string) => connection.run(insertion, { name }).lastInsertRowid
  const refuseTaken = (connection: Connection, name: string) => {
    if (idOf(connection, name) !== undefined) throw new Invalid({ name: 'This field must be unique.' })
  }
  return {
    find: (connection: Connection, id: number) => connection.first(one, { id }),
    list: (connection: Connection, slice: Slice) => connection.all(page, slice),
    counted: count(table),
    removal: remove(table),
    insert(connection: Connection, { name }: NewName): number {
      refuseTaken(connection, name)
      return insert(connection, name)
    },
    update(connection: Connection, id: number, { name }: NewName): void {
      refuseTaken(connection, name)
      connection.run(renaming, { id, name })
    },
    idOf,
    idOfMade: (connection: Connection, name: string) => idOf(connection, name) ?? insert(connection, name),
  }
}

export const kinds = {
  ...nameTable('component_kind'),
  noun: 'component kind',
  used: usage('component.kind'),
}

export const arches = {
  ...nameTable('arch'),
  noun: 'architecture',
  used: usage('component.arch', 'distro.arch'),
}

export const kindWrites = writesOf('kind', kinds)
export const archWrites = writesOf('arch', arches)

// --- components

type ComponentColumns = Omit<NewComponent, 'kind' | 'arch'> & { kind: number; arch: number }

const componentRows = tables
  .selectFrom('component')
  .innerJoin('component_kind', 'component_kind.id', 'component.kind')
  .innerJoin('arch', 'arch.id', 'component.arch')
const componentFields = [
  'component.name',
  'version',
  'release',
  'checksum',
  'component_kind.name as kind',
  'arch.name as arch',
] as const

const componentPage = query<Slice>()((param) =>
  componentRows
    .select(['component.id', ...componentFields])
    .orderBy('component.id')
    .limit(param('limit'))
    .offset(param('offset')),
)
const componentById = query<Id>()((param) =>
  componentRows.select(['component.id', ...componentFields]).where('component.id', '=', param('id')),
)
const identicalComponent = query<ComponentColumns>()((param) =>
  tables
    .selectFrom('component')
    .select('id')
    .where('name', '=', param('name'))
    .where('version', '=', param('version'))
    .where('release', '=', param('release'))
    .where('arch', '=', param('arch'))
    .where('kind', '=', param('kind'))
    .where('checksum', '=', param('checksum')),
)
const insertComponent = query<ComponentColumns>()((param) =>
  tables.insertInto('component').values({
    name: param('name'),
    version: param('version'),
    release: param('release'),
    checksum: param('checksum'),
    kind: param('kind'),
    arch: param('arch'),
  }),
)
const updateComponent = query<ComponentColumns & Id>()((param) =>
  tables
    .updateTable('component')
    .set({
      name: param('name'),
      version: param('version'),
      release: param('release'),
      checksum: param('checksum'),
      kind: param('kind'),
      arch: param('arch'),
    })
    .where('id', '=', param('id')),
)

/** The row that a client's value would make. @throws Invalid, NotUnique */
function newComponentColumns(connection: Connection, value: NewComponent): ComponentColumns {
  const kind = kinds.idOf(connection, value.kind)
  const arch = arches.idOf(connection, value.arch)
  if (kind === undefined || arch === undefined) {
    throw new Invalid({
      ...(kind === undefined && { kind: noObject(value.kind) }),
      ...(arch === undefined && { arch: noObject(value.arch) }),
    })
  }
  const columns = { ...value, kind, arch }
  if (connection.first(identicalComponent, columns)) {
    throw new NotUnique('name', 'version', 'release', 'arch', 'kind', 'checksum')
  }
  return columns
}

export const components = {
  noun: 'component',
  counted: count('component'),
  used: usage('environment_component.component'),
  removal: remove('component'),
  find: (connection: Connection, id: number) => connection.first(componentById, { id }),
  list: (connection: Connection, slice: Slice) => connection.all(componentPage, slice),
  insert: (connection: Connection, value: NewComponent): number =>
    connection.run(insertComponent, newComponentColumns(connection, value)).lastInsertRowid,
  update(connection: Connection, id: number, value: NewComponent): void {
    connection.run(updateComponent, { id, ...newComponentColumns(connection, value) })
  },
}

export const componentWrites = writesOf('component', components)

/** The id of this component, which is made when there is none, its kind and architecture, too. */
function componentIdOfMade(connection: Connection, value: NewComponent): number {
  const kind = kinds.idOfMade(connection, value.kind)
  const arch = arches.idOfMade(connection, value.arch)
  const columns = { ...value, kind, arch }
  return (
    connection.first(identicalComponent, columns)?.id ??
    connection.run(insertComponent, columns).lastInsertRowid
  )
}

// --- distros

type DistroColumns = Omit<NewDistro, 'arch'> & { arch: number }

const distroRows = tables.selectFrom('distro').innerJoin('arch', 'arch.id', 'distro.arch')
const distroFields = ['distro.name', 'version', 'release', 'arch.name as arch'] as const

const distroPage = query<Slice>()((param) =>
  distroRows
    .select(['distro.id', ...distroFields])
    .orderBy('distro.id')
    .limit(param('limit'))
    .offset(param('offset')),
)
const distroById = query<Id>()((param) =>
  distroRows.select(['distro.id', ...distroFields]).where('distro.id', '=', param('id')),
)
const identicalDistro = query<DistroColumns>()((param) =>
  tables
    .selectFrom('distro')
    .select('id')
    .where('name', '=', param('name'))
    .where('version', '=', param('version'))
    .where('release', '=', param('release'))
    .where('arch', '=', param('arch')),
)
const insertDistro = query<DistroColumns>()((param) =>
  tables.insertInto('distro').values({
    name: param('name'),
    version: param('version'),
    release: param('release'),
    arch: param('arch'),
  }),
)
const updateDistro = query<DistroColumns & Id>()((param) =>
  tables
    .updateTable('distro')
    .set({
      name: param('name'),
      version: param('version'),
      release: param('release'),
      arch: param('arch'),
    })
    .where('id', '=', param('id')),
)

/** The row that a client's value would make. @throws Invalid, NotUnique */
function newDistroColumns(connection: Connection, value: NewDistro): DistroColumns {
  const arch = arches.idOf(connection, value.arch)
  if (arch === undefined) throw new Invalid({ arch: noObject(value.arch) })
  const columns = { ...value, arch }
  if (connection.first(identicalDistro, columns)) throw new NotUnique('name', 'version', 'release', 'arch')
  return columns
}

export const distros = {
  noun: 'distro',
  counted: count('distro'),
  used: usage('environment.distro'),
  removal: remove('distro'),
  find: (connection: Connection, id: number) => connection.first(distroById, { id }),
  list: (connection: Connection, slice: Slice) => connection.all(distroPage, slice),
  insert: (connection: Connection, value: NewDistro): number =>
    connection.run(insertDistro, newDistroColumns(connection, value)).lastInsertRowid,
  update(connection: Connection, id: number, value: NewDistro): void {
    connection.run(updateDistro, { id, ...newDistroColumns(connection, value) })
  },
}

export const distroWrites = writesOf('distro', distros)

function distroIdOfMade(connection: Connection, value: NewDistro): number {
  const columns = { ...value, arch: arches.idOfMade(connection, value.arch) }
  return (
    connection.first(identicalDistro, columns)?.id ?? connection.run(insertDistro, columns).lastInsertRowid
  )
}

// --- environments

const environmentPage = query<Slice>()((param) =>
  tables.selectFrom('environment').select('id').orderBy('id').limit(param('limit')).offset(param('offset')),
)
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
    connection.all(environmentPage, slice).map(({ id }) => environments.find(connection, id) as object),
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
