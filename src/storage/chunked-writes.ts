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

/** Fills one part after another with rows. Each part fits into one transaction. */
export class Chunks<Part> {
  private size = new ChunkSize()
  /** The part that is being filled. */
  part: Part

  constructor(private readonly emptyPart: () => Part) {
    this.part = emptyPart()
  }

  /** Counts a row, and yields the part first if it is full. @returns whether the row fits into the same part */
  *addRow(bytes: number): Generator<Part, boolean> {
    const hasRoom = this.size.hasRoom(bytes)
    if (!hasRoom) {
      yield this.part
      this.part = this.emptyPart()
      this.size = new ChunkSize()
    }
    this.size.add(bytes)
    return hasRoom
  }

  /** Yields the last part, unless there were no rows. */
  *end(): Generator<Part> {
    if (!this.size.isEmpty) yield this.part
  }
}

/** Takes the first two parts, or what there is of them. With a second part a write is large. */
export function takeTwo<Part>(parts: Generator<Part>): Part[] {
  return [parts.next(), parts.next()].flatMap(({ done, value }) => (done ? [] : [value as Part]))
}

/** Makes a write. @returns its result, when it is on disk */
export type WriteInTurn = <A, R>(write: Write<A, R>, argument: A) => Promise<R>

/** Makes the writes of something large wait for the earlier writes of other large things. */
export function writerOf(database: Database, { isLarge }: { isLarge: boolean }): WriteInTurn {
  return (write, argument) =>
    isLarge ? writeLarge(database, write, argument) : database.write(write, argument)
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
