// How long one query may take. Nothing in bun:sqlite interrupts SQLite, but SQLite can call a function for each row
// that it looks at, and the function can throw.

import type { Database } from 'bun:sqlite'
import { QueryCancelled, QueryTooLong } from '../errors'
import { LikeAny } from './like'

/** How many rows are scanned between two checks of the clock. */
const ROWS = 256
/** How many characters are matched with patterns between two checks of the clock. */
const CHARACTERS = 1024 * 1024

export class TimeLimit {
  private end = Number.POSITIVE_INFINITY
  private isCancelled = () => false
  private rows = 0
  private characters = 0

  /** Lets the queries of this connection use `inTime`, which costs 0.04 microseconds a row, and `likeAny`. Without begin() they may take any time. */
  constructor(database: Database) {
    database.function('in_time', () => {
      if (++this.rows % ROWS === 0) this.check()
      return 1
    })
    const like = new LikeAny()
    database.function('like_any', (text: unknown, patterns: unknown) => {
      if (typeof text !== 'string') return 0
      this.characters += text.length
      if (this.characters > CHARACTERS) {
        this.characters = 0
        this.check()
      }
      return like.matches(text, String(patterns)) ? 1 : 0
    })
  }

  /** From now on queries have this time, and stop when `isCancelled` returns true. */
  begin(milliseconds: number, isCancelled = () => false): void {
    this.end = performance.now() + milliseconds
    this.isCancelled = isCancelled
  }

  private check(): void {
    if (performance.now() > this.end) throw new QueryTooLong()
    if (this.isCancelled()) throw new QueryCancelled()
  }
}
