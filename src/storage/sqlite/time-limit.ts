// How long one question to the data may take. Nothing in bun:sqlite interrupts SQLite, but SQLite asks a function for
// each row that it looks at, and a function can throw.

import type { Database } from 'bun:sqlite'
import { sql } from 'kysely'
import { QueryCancelled, QueryTooLong } from '../errors'
import { LikeAny } from './like'

/**
 * To be among the conditions of a query that may look at as many rows as there are. It costs 0.04 microseconds a row.
 */
export const inTime = sql<boolean>`in_time()`

/** Rows between two looks at the clock. */
const ROWS = 256
/** The same of characters that are compared with patterns. */
const CHARACTERS = 1024 * 1024

export class TimeLimit {
  private end = Number.POSITIVE_INFINITY
  private isWanted = () => true
  private rows = 0
  private characters = 0

  /** Lets the queries of this connection use `inTime` and `likeAny`. Without begin() they may take any time. */
  constructor(database: Database) {
    database.function('in_time', () => {
      if (++this.rows % ROWS === 0) this.look()
      return 1
    })
    const like = new LikeAny()
    database.function('like_any', (text: unknown, patterns: unknown) => {
      if (typeof text !== 'string') return 0
      this.characters += text.length
      if (this.characters > CHARACTERS) {
        this.characters = 0
        this.look()
      }
      return like.matches(text, String(patterns)) ? 1 : 0
    })
  }

  /** What is asked from now on has to be answered in this time, and while it is wanted. */
  begin(milliseconds: number, isWanted = () => true): void {
    this.end = performance.now() + milliseconds
    this.isWanted = isWanted
  }

  private look(): void {
    if (performance.now() > this.end) throw new QueryTooLong()
    if (!this.isWanted()) throw new QueryCancelled()
  }
}
