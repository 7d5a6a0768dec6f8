// SQLite's words for what engines write differently.

import { sql } from 'kysely'
import type { NumberList, SqlDialect, Value } from '../sql-dialect'

const toSql = (value: Value) => (typeof value === 'string' ? sql.ref(value) : value)

export const sqliteDialect: SqlDialect = {
  // See time-limit.ts.
  inTime: sql<boolean>`in_time()`,
  // SQLite reads the tables of a CROSS JOIN in their order.
  thenJoin: sql`CROSS JOIN`,

  members: (values) => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`,
  inList: (value, list) => sql<boolean>`${toSql(value)} IN (SELECT value FROM json_each(${list}))`,
  toNumberList: (numbers) => JSON.stringify(numbers) as NumberList,
  rowsOf: (list) => sql`json_each(${list})`,
  numberAt: (value, position) => sql`(${value} ->> ${sql.lit(position)})`,
  listOf: (value) => sql<string>`json_group_array(${toSql(value)})`,
  listOfDistinct: (value) => sql<string>`json_group_array(DISTINCT ${toSql(value)})`,
  pairOf: (first, second) => sql`json_array(${toSql(first)}, ${toSql(second)})`,
  fieldOf: (json, name) => sql`(${toSql(json)} ->> ${sql.lit(name)})`,

  // SQLite plans by no index for an expression.
  notIndexed: (value) => sql`+${toSql(value)}`,
  greater: (first, second) => sql<number>`max(${toSql(first)}, ${toSql(second)})`,
  contains: (text, part) => sql<boolean>`instr(${toSql(text)}, ${toSql(part)}) > 0`,
  // See like.ts.
  likeAny: (text, patterns) => sql<boolean>`like_any(${text}, ${JSON.stringify(patterns)})`,
  toInteger: (text) => sql<number>`CAST(${toSql(text)} AS INTEGER)`,
  bytes: (hex) => sql<Uint8Array>`x'${sql.raw(hex)}'`,
}
