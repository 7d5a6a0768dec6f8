// One who reads: what is asked together is answered of one state of the data.

import { type Connection, TakesLong } from '../query'
import type { Read } from '../reads'
import { openReader } from './connection'

/** More rows than these are left to the thread for what takes long: some milliseconds in which nobody else is served. */
export const FEW_ROWS = 2000

/** Does what takes long where nobody else has to wait for it. */
export interface ReaderWorker {
  /**
   * @param timeoutMs  what it may take, with the time that it waits for others.
   * @param signal  of the one who asks: aborted, it is given up.
   * @param from  where it is asked from: each place has a turn after the others.
   * @throws QueryTooLong, QueryCancelled, ReaderClosed
   */
  read<A, R>(
    read: Read<A, R>,
    argument: A,
    timeoutMs: number,
    signal?: AbortSignal,
    from?: string,
  ): Promise<R>
  close(): Promise<void>
}

/**
 * @param isInTheWay  whether the WAL has grown so long that it should be begun anew, which it cannot while somebody
 *   reads: then the next read waits a little.
 */
export type StartReader = (path: string, isInTheWay: () => boolean) => ReaderWorker

export class Reader {
  readonly connection: Connection

  constructor(path: string) {
    this.connection = openReader(path)
  }

  /**
   * Runs `work` on one state of the data.
   *
   * @param timeoutMs  what it may take.
   * @param isWanted  asked now and then, while rows are looked at: no longer, and it is given up.
   * @throws QueryTooLong
   */
  read<T>(work: (connection: Connection) => T, timeoutMs: number, isWanted?: () => boolean): T {
    const { connection } = this
    connection.timeLimit.begin(timeoutMs, isWanted)
    connection.answerRoom.begin()
    connection.execute('BEGIN')
    try {
      return work(connection)
    } finally {
      connection.execute('COMMIT')
    }
  }

  /** The same, unless it foresees to look at many rows: undefined then. */
  readIfShort<T>(work: (connection: Connection) => T, timeoutMs: number): T | undefined {
    this.connection.patience = FEW_ROWS
    try {
      return this.read(work, timeoutMs)
    } catch (error) {
      if (error instanceof TakesLong) return undefined
      throw error
    } finally {
      this.connection.patience = Number.POSITIVE_INFINITY
    }
  }

  close(): void {
    this.connection.close()
  }
}
