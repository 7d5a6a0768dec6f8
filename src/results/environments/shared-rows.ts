// Common code for kinds, architectures, components, distros and environments, whose rows several jobs share. A row that
// is in use is a record of the past and must not be changed or deleted.

import { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import { Conflict, NotFound } from '../../lib/errors'
import type { ChangeKind } from '../../storage/change-feed'
import { defineWrite } from '../../storage/database'
import { type Connection, type Query, query, tables } from '../../storage/query'

export type Id = { id: number }
type CountQuery = Query<Record<never, never>, { count: number }>

export function count(table: 'component_kind' | 'arch' | 'component' | 'distro' | 'environment'): CountQuery {
  return query()(() => tables.selectFrom(table).select((column) => column.fn.countAll<number>().as('count')))
}

export function remove(table: 'component_kind' | 'arch' | 'component' | 'distro' | 'environment') {
  return query<Id>()((param) => tables.deleteFrom(table).where('id', '=', param('id')))
}

/** A query: whether any row refers to this id in one of these columns. */
export function usage(...columns: string[]) {
  return query<Id>()((param) => {
    const uses = columns.map((column) => {
      const [table] = column.split('.') as [string]
      return sql`EXISTS (SELECT 1 FROM ${sql.table(table)} WHERE ${sql.ref(column)} = ${param('id')})`
    })
    return tables.selectNoFrom(sql<number>`${sql.join(uses, sql` OR `)}`.as('used'))
  })
}

/** @throws Conflict when something uses the row */
export async function requireUnused(
  connection: Connection,
  used: Query<Id, { used: number }>,
  id: number,
  noun: string,
): Promise<void> {
  if (!(await connection.first(used, { id }))?.used) return
  throw new Conflict(`This ${noun} is in use: a record of the past is neither changed nor deleted.`)
}

/**
 * A table whose rows are shared.
 *
 * @template V  a row in the wire format.
 */
export interface SharedRows<V> {
  kind: ChangeKind
  noun: string
  find(connection: Connection, id: number): Promise<(Id & V) | undefined>
  counted: CountQuery
  used: Query<Id, { used: number }>
  removal: Query<Id, unknown>
  /** @throws Invalid when the value refers to something that does not exist; NotUnique when an equal row exists. */
  insert(connection: Connection, value: V): Promise<number>
  update(connection: Connection, id: number, value: V): Promise<void>
  /** Whether two values mean the same; by default, whether they are deeply equal. */
  same?(one: V, other: V): boolean
}

export function defineWrites<V extends object>(name: string, rows: SharedRows<V>) {
  const get = async (connection: Connection, id: number): Promise<Id & V> => {
    const found = await rows.find(connection, id)
    if (!found) throw new NotFound()
    return found
  }
  return {
    add: defineWrite(`add ${name}`, async (connection, { value }: { value: V }) => ({
      id: await rows.insert(connection, value), // marks the change itself, because imports of jobs call it, too
    })),
    change: defineWrite(
      `change ${name}`,
      async (connection, { id, value }: { id: number; value: Partial<V> }): Promise<void> => {
        const { id: _, ...stored } = await get(connection, id)
        const changed = { ...stored, ...value } as unknown as V
        if (rows.same ? rows.same(stored as unknown as V, changed) : Bun.deepEquals(stored, changed)) return
        await requireUnused(connection, rows.used, id, rows.noun)
        await rows.update(connection, id, changed)
        connection.markChanged(rows.kind, id)
      },
    ),
    remove: defineWrite(
      `delete ${name}`,
      async (connection, { id, actor }: { id: number; actor: Actor }): Promise<void> => {
        await get(connection, id)
        await requireUnused(connection, rows.used, id, rows.noun)
        await connection.run(rows.removal, { id })
        connection.markChanged(rows.kind, id)
        await record(connection, actor, 'deleted', `${rows.noun} ${id}`)
      },
    ),
  }
}
