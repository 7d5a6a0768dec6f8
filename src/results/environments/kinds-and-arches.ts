// SQL queries for component kinds and architectures.

import type { Slice } from '../../http/resource/pagination'
import { Invalid } from '../../lib/errors'
import type { ChangeKind } from '../../storage/change-feed'
import { type Connection, query, tables } from '../../storage/query'
import type { NewName } from './model'
import { count, defineWrites, type Id, remove, usage } from './shared-rows'

function nameTable(table: 'component_kind' | 'arch', kind: ChangeKind) {
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
  const idOf = async (connection: Connection, name: string) => (await connection.first(named, { name }))?.id
  const insert = async (connection: Connection, name: string): Promise<number> => {
    const id = await connection.insert(insertion, { name })
    connection.markChanged(kind, id)
    return id
  }
  const refuseTaken = async (connection: Connection, name: string) => {
    if ((await idOf(connection, name)) !== undefined)
      throw new Invalid({ name: 'This field must be unique.' })
  }
  return {
    kind,
    find: (connection: Connection, id: number) => connection.first(one, { id }),
    list: (connection: Connection, slice: Slice) => connection.all(page, slice),
    counted: count(table),
    removal: remove(table),
    async insert(connection: Connection, { name }: NewName): Promise<number> {
      await refuseTaken(connection, name)
      return insert(connection, name)
    },
    async update(connection: Connection, id: number, { name }: NewName): Promise<void> {
      await refuseTaken(connection, name)
      await connection.run(renaming, { id, name })
    },
    idOf,
    idOfMade: async (connection: Connection, name: string) =>
      (await idOf(connection, name)) ?? (await insert(connection, name)),
  }
}

export const kinds = {
  ...nameTable('component_kind', 'component-kind'),
  noun: 'component kind',
  used: usage('component.kind'),
}

export const arches = {
  ...nameTable('arch', 'arch'),
  noun: 'architecture',
  used: usage('component.arch', 'distro.arch'),
}

export const kindWrites = defineWrites('kind', kinds)
export const archWrites = defineWrites('arch', arches)
