// What kinds, architectures, components, distros and environments have in common: jobs share them. A row that is in use is
// a record of the past, and is neither changed nor deleted.

import { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import { Conflict, NotFound } from '../../lib/errors'
import type { ChangeKind } from '../../storage/change-feed'
import { defineWrite } from '../../storage/database'
import { type Connection, type Query, query, tables } from '../../storage/query'

export type Id = { id: number }
type Counting = Query<Record<never, never>, { count: number }>

export function count(table: 'component_kind' | 'arch' | 'component' | 'distro' | 'environment'): Counting {
  return query()(() => tables.selectFrom(table).select((column) => column.fn.countAll<number>().as('count')))
}

export function remove(table: 'component_kind' | 'arch' | 'component' | 'distro' | 'environment') {
  return query<Id>()((param) => tables.deleteFrom(table).where('id', '=', param('id')))
}

/** Asks whether any row refers by one of these columns to the one with this id. */
export function usage(...columns: string[]) {
  return query<Id>()((param) => {
    const uses = columns.map((column) => {
      const [table] = column.split('.') as [string]
      return sql`EXISTS (SELECT 1 FROM ${sql.table(table)} WHERE ${sql.ref(column)} = ${param('id')})`
    })
    return tables.selectNoFrom(sql<number>`${sql.join(uses, sql` OR `)}`.as('used'))
  })
}

/** @throws Conflict when something uses it */
export function refuseUsed(
  connection: Connection,
  used: Query<Id, { used: number }>,
  id: number,
  noun: string,
): void {
  if (!connection.first(used, { id })?.used) return
  throw new Conflict(`This ${noun} is in use: a record of the past is neither changed nor deleted.`)
}

/**
 * A table whose rows others refer to.
 *
 * @template V  a row as clients send it.
 */
export interface SharedRows<V> {
  kind: ChangeKind
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

export function writesOf<V extends object>(name: string, rows: SharedRows<V>) {
  const get = (connection: Connection, id: number): Id & V => {
    const found = rows.find(connection, id)
    if (!found) throw new NotFound()
    return found
  }
  return {
    add: defineWrite(`add ${name}`, (connection, { value }: { value: V }) => ({
      id: rows.insert(connection, value), // announces the change itself: jobs bring rows of their own, too
    })),
    change: defineWrite(
      `change ${name}`,
      (connection, { id, value }: { id: number; value: Partial<V> }): void => {
        const { id: _, ...stored } = get(connection, id)
        const changed = { ...stored, ...value } as unknown as V
        if (rows.same ? rows.same(stored as unknown as V, changed) : Bun.deepEquals(stored, changed)) return
        refuseUsed(connection, rows.used, id, rows.noun)
        rows.update(connection, id, changed)
        connection.markChanged(rows.kind, id)
      },
    ),
    remove: defineWrite(`delete ${name}`, (connection, { id, act }: { id: number; act: Actor }): void => {
      get(connection, id)
      refuseUsed(connection, rows.used, id, rows.noun)
      connection.run(rows.removal, { id })
      connection.markChanged(rows.kind, id)
      record(connection, act, 'deleted', `${rows.noun} ${id}`)
    }),
  }
}
