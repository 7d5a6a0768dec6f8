// A connection that reads. All queries of one read see the same state of the data.

import type { NamedQuery } from '../named-operations'
import type { Connection } from '../query'
import { openReader } from './connection'

/** Runs long queries in a worker, where no other request waits for them. */
export interface ReaderWorker {
  /**
   * @param timeoutMs  how long it may take, its waiting time included.
   * @param signal  of the client: when it is aborted, the query is stopped.
   * @param from  the client's network: networks take turns.
   * @throws QueryTooLong, QueryCancelled, ReaderClosed
   */
  read<A, R>(
    read: NamedQuery<A, R>,
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
   * @param isCancelled  is called regularly during a scan; `true` stops the query.
   * @throws QueryTooLong
   */
  read<T>(work: (connection: Connection) => T, timeoutMs: number, isCancelled?: () => boolean): T {
    const { connection } = this
    connection.timeLimit.begin(timeoutMs, isCancelled)
    connection.answerSize.begin()
    connection.execute('BEGIN')
    try {
      return work(connection)
    } finally {
      connection.execute('COMMIT')
    }
  }

  close(): void {
    this.connection.close()
  }
}
