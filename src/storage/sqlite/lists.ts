// Lists in conditions. The query's text is the same for any number of members, so it is compiled once.

import { type RawBuilder, sql } from 'kysely'

/** The right side of an IN. */
export function members(values: readonly (number | string)[]): RawBuilder<unknown> {
  return sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`
}

/**
 * Whether a column, or an expression, has one of many numbers, which are given at each run:
 * `where(inList('job', param('jobs')))`.
 */
export function inList(
  column: string | RawBuilder<unknown>,
  list: RawBuilder<NumberList>,
): RawBuilder<boolean> {
  return sql<boolean>`${typeof column === 'string' ? sql.ref(column) : column} IN (SELECT value FROM json_each(${list}))`
}

/** The value of a parameter for inList(). */
export type NumberList = string & { readonly isNumberList: true }

export function toNumberList(numbers: readonly number[]): NumberList {
  return JSON.stringify(numbers) as NumberList
}
