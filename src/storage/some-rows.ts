// Finds out whether an owner has many rows, without a scan of all of them.

import { type RawBuilder, sql } from 'kysely'
import { query, tables } from './query'
import { FEW_ROWS } from './row-budget'
import type { Tables } from './schema'

/** A query that counts the rows of one owner, up to FEW_ROWS + 1. */
export function someRows(table: keyof Tables, column: string) {
  return query<{ owner: number }>()((param) => {
    const some: RawBuilder<unknown> = sql`SELECT 1 FROM ${sql.table(table)} WHERE ${sql.ref(column)} = ${param('owner')} LIMIT ${sql.lit(FEW_ROWS + 1)}`
    return tables.selectNoFrom(sql<number>`(SELECT count(*) FROM (${some}) AS found)`.as('count'))
  })
}
