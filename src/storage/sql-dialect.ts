// What engines write differently in SQL, each with one meaning. An engine gives its words in its own folder, and dialect.ts
// says which engine that is. All else in a query is standard SQL, or what SQLite and PostgreSQL have in common.

import type { RawBuilder } from 'kysely'

export type Expression = RawBuilder<unknown>
/** A column, or an expression. */
export type Value = string | Expression

/** The value of a parameter that is a list of numbers. */
export type NumberList = string & { readonly isNumberList: true }

/** What a list has, and how a member is read. */
export interface Members {
  numbers: number
  texts: string
  lists: unknown
}

export interface SqlDialect {
  /**
   * A condition for every query that may scan a whole table: it ends the query when its time is over. It must come
   * before other conditions: an engine may evaluate none after the first one that is false.
   */
  readonly inTime: RawBuilder<boolean>
  /** `JOIN`, for tables that are to be read in the order in which they are written. */
  readonly thenJoin: RawBuilder<unknown>

  /** The right side of an IN. The query's text is the same for any number of members, so it is compiled once. */
  members(values: readonly (number | string)[]): Expression
  /** Whether a value is one of many numbers, which are given at each run: `where(inList('job', param('jobs')))`. */
  inList(value: Value, list: RawBuilder<NumberList>): RawBuilder<boolean>
  toNumberList(numbers: readonly number[]): NumberList
  /** The members of a list in JSON as the rows of a table with one column, `value`. It wants a name: `AS wanted`. */
  rowsOf<Member extends keyof Members>(
    list: Expression | string,
    members: Member,
  ): RawBuilder<{ value: Members[Member] }>
  /** A number, by its position, of a `value` of rowsOf() that is a list of numbers itself. */
  numberAt<Number extends number | null>(value: Expression, position: number): RawBuilder<Number>
  /** Collects the values of all rows in one list, in JSON. Without rows: an empty list. */
  listOf(value: Value): RawBuilder<string>
  /** The same with each value once. */
  listOfDistinct(value: Value): RawBuilder<string>
  /** Two values as one, for listOf(): a list of two. */
  pairOf(first: Value, second: Value): Expression
  /** A field of an object that is stored as JSON. */
  fieldOf<Field>(json: Value, name: string): RawBuilder<Field>

  /** The same value, for a condition that must not be answered by an index: another one finds the rows faster. */
  notIndexed<T = unknown>(value: Value): RawBuilder<T>
  /** The greater of two values, neither of which is NULL. */
  greater(first: Value, second: Value): RawBuilder<number>
  /** Whether a text has another one in it, in the same case. */
  contains(text: Value, part: Value | RawBuilder<string>): RawBuilder<boolean>
  /** Whether a text matches any of the patterns, in which only `*` is special: it stands for any text. */
  likeAny(text: Expression, patterns: readonly string[]): RawBuilder<boolean>
  /** The number that a text begins with; 0: none. */
  toInteger(text: Value): RawBuilder<number>
  /** Bytes, each in two hexadecimal digits. */
  bytes(hex: string): RawBuilder<Uint8Array>
}
