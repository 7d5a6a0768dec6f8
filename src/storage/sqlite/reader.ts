// A connection that reads. All queries of one read see the same state of the data.

import { type Connection, TakesLong } from '../query'
import type { Read } from '../reads'
import { openReader } from './connection'

/** More rows than these are left to the thread for what takes long: some milliseconds in which nobody else is served. */
export const FEW_ROWS = 2000

/** Runs long queries in a worker, where no other request waits for them. */
export interface ReaderWorker {
  /**
   * @param timeoutMs  how long it may take, its waiting time included.
   * @param signal  of the client: when it is aborted, the query is stopped.
   * @param from  the client's network: networks take turns.
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
 * @param isWalLong  whether the WAL has grown so long that it should be reset. It cannot be while a query runs, so the
 *   next query waits a little.
 */
export type StartReader = (path: string, isWalLong: () => boolean) => ReaderWorker

export class Reader {
  readonly connection: Connection

  constructor(path: string) {
    this.connection = openReader(path)
  }

  /**
   * Runs `work` on one state of the data.
   *
   * @param timeoutMs  how long it may take.
   * @param isWanted  is asked now and then while rows are looked at; `false` stops the query.
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
