// Changes that take the writer long, one after another: several in one commit would keep everybody else waiting for all.

import type { Database, Write } from './database'

/** Rows that one transaction takes at most, and bytes of text in them: some 20 ms of the writer's time. */
export const MAX_ROWS = 1000
export const MAX_BYTES = 1024 ** 2

/** Of the texts of a row, as UTF-8. */
export function bytesOf(...texts: (string | null | undefined)[]): number {
  return texts.reduce((sum, text) => sum + (text ? Buffer.byteLength(text) : 0), 0)
}

/** What one transaction takes. */
export class Portion {
  private rows = 0
  private bytes = 0

  get isEmpty(): boolean {
    return this.rows === 0
  }

  /** @returns whether there is room for a row with so much text; for one, however long, there always is */
  hasRoom(bytes: number): boolean {
    return this.isEmpty || (this.rows < MAX_ROWS && this.bytes + bytes <= MAX_BYTES)
  }

  add(bytes: number): void {
    this.rows++
    this.bytes += bytes
  }
}

/** Settled when the last one that was asked for is. */
const last = new WeakMap<Database, Promise<unknown>>()

/**
 * Makes a change when those that were asked for here before have been made.
 *
 * @returns what the change returns, when it is on disk.
 */
export function writeLarge<A, R>(database: Database, write: Write<A, R>, argument: A): Promise<R> {
  const before = last.get(database) ?? Promise.resolve()
  const mine = before.then(() => database.write(write, argument))
  last.set(
    database,
    mine.catch(() => {}), // whoever was before fails alone
  )
  return mine
}
