// SQL queries for software components.

import { doesNotExist } from '../../http/resource/fields'
import type { Direction } from '../../http/resource/ordering'
import { fromNearerEnd, type Slice } from '../../http/resource/pagination'
import { Invalid, NotUnique } from '../../lib/errors'
import { type Connection, query, tables } from '../../storage/query'
import { arches, kinds } from './kinds-and-arches'
import type { NewComponent } from './model'
import { count, defineWrites, type Id, remove, usage } from './shared-rows'

type ComponentColumns = Omit<NewComponent, 'kind' | 'arch'> & { kind: number; arch: number }

export const componentRows = tables
  .selectFrom('component')
  .innerJoin('component_kind', 'component_kind.id', 'component.kind')
  .innerJoin('arch', 'arch.id', 'component.arch')
export const componentFields = [
  'component.name',
  'version',
  'release',
  'checksum',
  'component_kind.name as kind',
  'arch.name as arch',
] as const

const pageOf = (direction: Direction) =>
  query<Slice>()((param) =>
    componentRows
      .select(['component.id', ...componentFields])
      .orderBy('component.id', direction)
      .limit(param('limit'))
      .offset(param('offset')),
  )
const first = pageOf('asc')
const last = pageOf('desc')
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

/** The columns for a client's value. @throws Invalid, NotUnique */
async function newComponentColumns(connection: Connection, value: NewComponent): Promise<ComponentColumns> {
  const kind = await kinds.idOf(connection, value.kind)
  const arch = await arches.idOf(connection, value.arch)
  if (kind === undefined || arch === undefined) {
    throw new Invalid({
      ...(kind === undefined && { kind: doesNotExist(value.kind) }),
      ...(arch === undefined && { arch: doesNotExist(value.arch) }),
    })
  }
  const columns = { ...value, kind, arch }
  if (await connection.first(identicalComponent, columns)) {
    throw new NotUnique('kind', 'name', 'version', 'release', 'checksum', 'arch')
  }
  return columns
}

async function insert(connection: Connection, columns: ComponentColumns): Promise<number> {
  const id = await connection.insert(insertComponent, columns)
  connection.markChanged('component', id)
  return id
}

export const components = {
  kind: 'component' as const,
  noun: 'component',
  counted: count('component'),
  used: usage('environment_component.component'),
  removal: remove('component'),
  find: (connection: Connection, id: number) => connection.first(componentById, { id }),
  list: (connection: Connection, slice: Slice) =>
    fromNearerEnd(slice, (slice, reversed) => connection.all(reversed ? last : first, slice)),
  insert: async (connection: Connection, value: NewComponent): Promise<number> =>
    insert(connection, await newComponentColumns(connection, value)),
  async update(connection: Connection, id: number, value: NewComponent): Promise<void> {
    await connection.run(updateComponent, { id, ...(await newComponentColumns(connection, value)) })
  },
}

export const componentWrites = defineWrites('component', components)

/** The id of an equal component. */
export async function findComponent(
  connection: Connection,
  value: NewComponent,
): Promise<number | undefined> {
  const kind = await kinds.idOf(connection, value.kind)
  const arch = await arches.idOf(connection, value.arch)
  if (kind === undefined || arch === undefined) return undefined
  return (await connection.first(identicalComponent, { ...value, kind, arch }))?.id
}

/** The id of an equal component. Adds the component, its kind and its architecture where they do not exist. */
export async function findOrAddComponent(connection: Connection, value: NewComponent): Promise<number> {
  const kind = await kinds.idOfMade(connection, value.kind)
  const arch = await arches.idOfMade(connection, value.arch)
  const columns = { ...value, kind, arch }
  return (await connection.first(identicalComponent, columns))?.id ?? (await insert(connection, columns))
}
