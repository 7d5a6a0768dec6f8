// SQL queries for Linux distros.

import type { Slice } from '../../http/resource/pagination'
import { NotUnique } from '../../lib/errors'
import { type Connection, query, tables } from '../../storage/query'
import { arches } from './kinds-and-arches'
import type { NewDistro } from './model'
import { count, defineWrites, type Id, remove, usage } from './shared-rows'

type DistroColumns = Omit<NewDistro, 'arch'> & { arch: number }

export const distroRows = tables.selectFrom('distro').innerJoin('arch', 'arch.id', 'distro.arch')
export const distroFields = ['distro.name', 'version', 'release', 'arch.name as arch'] as const

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

/** The columns for a client's value. Adds the architecture if it is new. @throws NotUnique */
function newDistroColumns(connection: Connection, value: NewDistro): DistroColumns {
  const columns = { ...value, arch: arches.idOfMade(connection, value.arch) }
  if (connection.first(identicalDistro, columns)) throw new NotUnique('name', 'version', 'release', 'arch')
  return columns
}

function insert(connection: Connection, columns: DistroColumns): number {
  const { lastInsertRowid: id } = connection.run(insertDistro, columns)
  connection.markChanged('distro', id)
  return id
}

export const distros = {
  kind: 'distro' as const,
  noun: 'distro',
  counted: count('distro'),
  used: usage('environment.distro'),
  removal: remove('distro'),
  find: (connection: Connection, id: number) => connection.first(distroById, { id }),
  list: (connection: Connection, slice: Slice) => connection.all(distroPage, slice),
  insert: (connection: Connection, value: NewDistro): number =>
    insert(connection, newDistroColumns(connection, value)),
  update(connection: Connection, id: number, value: NewDistro): void {
    connection.run(updateDistro, { id, ...newDistroColumns(connection, value) })
  },
}

export const distroWrites = defineWrites('distro', distros)

/** The id of an equal distro. */
export function findDistro(connection: Connection, value: NewDistro): number | undefined {
  const arch = arches.idOf(connection, value.arch)
  return arch === undefined ? undefined : connection.first(identicalDistro, { ...value, arch })?.id
}

/** The id of an equal distro. Adds the distro and its architecture where they do not exist. */
export function findOrAddDistro(connection: Connection, value: NewDistro): number {
  const columns = { ...value, arch: arches.idOfMade(connection, value.arch) }
  return connection.first(identicalDistro, columns)?.id ?? insert(connection, columns)
}
