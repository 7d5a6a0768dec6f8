// Runs large writes one after another: several in one commit would make all other writes wait for all of them.

import type { Database, Write } from './database'

/** The most rows of one transaction, and the most bytes of text in them. They take the writer about 20 ms. */
export const MAX_CHUNK_ROWS = 1000
export const MAX_CHUNK_BYTES = 1024 ** 2

/** The size of the texts of a row in UTF-8. */
export function bytesOf(...texts: (string | null | undefined)[]): number {
  return texts.reduce((sum, text) => sum + (text ? Buffer.byteLength(text) : 0), 0)
}

/** Counts the rows and bytes of one transaction. */
export class ChunkSize {
  private rows = 0
  private bytes = 0

  get isEmpty(): boolean {
    return this.rows === 0
  }

  /** @returns whether another row with so much text fits. The first row always fits. */
  hasRoom(bytes: number): boolean {
    return this.isEmpty || (this.rows < MAX_CHUNK_ROWS && this.bytes + bytes <= MAX_CHUNK_BYTES)
  }

  add(bytes: number): void {
    this.rows++
    this.bytes += bytes
  }
}

/** Settles when the last requested write has settled. */
const last = new WeakMap<Database, Promise<unknown>>()

/**
 * Runs a write after the earlier writes of this function.
 *
 * @returns the result of the write, when it is on disk.
 */
export function writeLarge<A, R>(database: Database, write: Write<A, R>, argument: A): Promise<R> {
  const before = last.get(database) ?? Promise.resolve()
  const mine = before.then(() => database.write(write, argument))
  last.set(
    database,
    mine.catch(() => {}), // a failure must not stop the next write
  )
  return mine
}
