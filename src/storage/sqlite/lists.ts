// Lists of numbers in conditions. The query's text is the same for any number of them, so it is compiled once.

import { type RawBuilder, sql } from 'kysely'

/** The right side of an IN. */
export function members(numbers: readonly number[]): RawBuilder<unknown> {
  return sql`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`
}

/** Whether a column has one of many numbers, which are given at each run: `where(inList('job', param('jobs')))`. */
export function inList(column: string, list: RawBuilder<NumberList>): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} IN (SELECT value FROM json_each(${list}))`
}

/** The value of a parameter for inList(). */
export type NumberList = string & { readonly isNumberList: true }

export function toNumberList(numbers: readonly number[]): NumberList {
  return JSON.stringify(numbers) as NumberList
}
