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
async function newDistroColumns(connection: Connection, value: NewDistro): Promise<DistroColumns> {
  const columns = { ...value, arch: await arches.idOfMade(connection, value.arch) }
  if (await connection.first(identicalDistro, columns))
    throw new NotUnique('name', 'version', 'release', 'arch')
  return columns
}

async function insert(connection: Connection, columns: DistroColumns): Promise<number> {
  const id = await connection.insert(insertDistro, columns)
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
  insert: async (connection: Connection, value: NewDistro): Promise<number> =>
    insert(connection, await newDistroColumns(connection, value)),
  async update(connection: Connection, id: number, value: NewDistro): Promise<void> {
    await connection.run(updateDistro, { id, ...(await newDistroColumns(connection, value)) })
  },
}

export const distroWrites = defineWrites('distro', distros)

/** The id of an equal distro. */
export async function findDistro(connection: Connection, value: NewDistro): Promise<number | undefined> {
  const arch = await arches.idOf(connection, value.arch)
  return arch === undefined ? undefined : (await connection.first(identicalDistro, { ...value, arch }))?.id
}

/** The id of an equal distro. Adds the distro and its architecture where they do not exist. */
export async function findOrAddDistro(connection: Connection, value: NewDistro): Promise<number> {
  const columns = { ...value, arch: await arches.idOfMade(connection, value.arch) }
  return (await connection.first(identicalDistro, columns))?.id ?? (await insert(connection, columns))
}
