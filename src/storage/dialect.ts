// The dialect of the engine that stores the data.

import type { SqlDialect } from './sql-dialect'
import { sqliteDialect } from './sqlite/dialect'

const engine: SqlDialect = sqliteDialect

export const {
  inTime,
  thenJoin,
  members,
  inList,
  toNumberList,
  rowsOf,
  numberAt,
  listOf,
  listOfDistinct,
  pairOf,
  fieldOf,
  notIndexed,
  greater,
  contains,
  likeAny,
  toInteger,
  bytes,
} = engine
