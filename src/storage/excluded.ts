// Rows that take the place of those with the same key.

import { type RawBuilder, sql } from 'kysely'

/**
 * What an upsert stores where the key is there already: the new values of these columns.
 * `.onConflict((conflict) => conflict.column('job').doUpdateSet(excluded('verdict', 'at')))`
 */
export function excluded<Column extends string>(...columns: Column[]): Record<Column, RawBuilder<never>> {
  const entries = columns.map((column) => [column, sql`excluded.${sql.ref(column)}`])
  return Object.fromEntries(entries) as Record<Column, RawBuilder<never>>
}
