// Changes that take the writer long, one after another: several in one commit would keep everybody else waiting for all.

import type { Database, Write } from './database'

/** A row with so much text takes the writer as long as two. */
export const BYTES_OF_ROW = 4096

/** How many rows the writer could have written meanwhile, with the row itself. */
export function rowsOf(text: string | null | undefined): number {
  return 1 + Math.floor((text?.length ?? 0) / BYTES_OF_ROW)
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
