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
export function requireUnused(
  connection: Connection,
  used: Query<Id, { used: number }>,
  id: number,
  noun: string,
): void {
  if (!connection.first(used, { id })?.used) return
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
  find(connection: Connection, id: number): (Id & V) | undefined
  counted: CountQuery
  used: Query<Id, { used: number }>
  removal: Query<Id, unknown>
  /** @throws Invalid when the value refers to something that does not exist; NotUnique when an equal row exists. */
  insert(connection: Connection, value: V): number
  update(connection: Connection, id: number, value: V): void
  /** Whether two values mean the same; by default, whether they are deeply equal. */
  same?(one: V, other: V): boolean
}

export function defineWrites<V extends object>(name: string, rows: SharedRows<V>) {
  const get = (connection: Connection, id: number): Id & V => {
    const found = rows.find(connection, id)
    if (!found) throw new NotFound()
    return found
  }
  return {
    add: defineWrite(`add ${name}`, (connection, { value }: { value: V }) => ({
      id: rows.insert(connection, value), // marks the change itself, because imports of jobs call it, too
    })),
    change: defineWrite(
      `change ${name}`,
      (connection, { id, value }: { id: number; value: Partial<V> }): void => {
        const { id: _, ...stored } = get(connection, id)
        const changed = { ...stored, ...value } as unknown as V
        if (rows.same ? rows.same(stored as unknown as V, changed) : Bun.deepEquals(stored, changed)) return
        requireUnused(connection, rows.used, id, rows.noun)
        rows.update(connection, id, changed)
        connection.markChanged(rows.kind, id)
      },
    ),
    remove: defineWrite(`delete ${name}`, (connection, { id, actor }: { id: number; actor: Actor }): void => {
      get(connection, id)
      requireUnused(connection, rows.used, id, rows.noun)
      connection.run(rows.removal, { id })
      connection.markChanged(rows.kind, id)
      record(connection, actor, 'deleted', `${rows.noun} ${id}`)
    }),
  }
}
