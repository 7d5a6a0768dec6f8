// A connection that reads. All queries of one read see the same state of the data.

import type { NamedQuery } from '../named-operations'
import { openReader } from './connection'
import type { SqliteConnection } from './sqlite-connection'

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

/** Runs one read after another: two that shared a transaction would end it for each other. */
export class Reader {
  readonly connection: SqliteConnection
  private isReading = false
  /** SQLite changes it when another connection changes the file, our writer included. */
  private dataVersion: unknown
  /** Starts the reads that wait for their turn. */
  private readonly waiting: (() => void)[] = []

  constructor(path: string) {
    this.connection = openReader(path)
  }

  /**
   * Runs a query on one state of the data.
   *
   * @param timeoutMs  how long it may take.
   * @param isCancelled  is called regularly during a scan; `true` stops the query.
   * @throws QueryTooLong
   */
  async read<A, R>(
    query: NamedQuery<A, R>,
    argument: A,
    timeoutMs: number,
    isCancelled?: () => boolean,
  ): Promise<R> {
    if (this.isReading) await this.turn()
    this.isReading = true
    try {
      return await this.readNow(query, argument, timeoutMs, isCancelled)
    } finally {
      this.endTurn()
    }
  }

  /** Whether another connection has changed the file since the last call. */
  hasNews(): boolean {
    const [version] = this.connection.row('PRAGMA data_version')
    const hasNews = version !== this.dataVersion
    this.dataVersion = version
    return hasNews
  }

  /** The last commit, and the program that made it. */
  lastCommit(): { number: number; writer: number } {
    const [number, writer] = this.connection.row('SELECT number, writer FROM change') as [number, number]
    return { number, writer }
  }

  /** Closes the connection after the reads that were requested before. */
  async close(): Promise<void> {
    if (this.isReading) await this.turn()
    this.connection.close()
    this.endTurn()
  }

  private turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.waiting.push(resolve)
    return promise
  }

  /** Starts the next read. It takes the turn over, so that no other read comes in between. */
  private endTurn(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.isReading = false
  }

  private async readNow<A, R>(
    query: NamedQuery<A, R>,
    argument: A,
    timeoutMs: number,
    isCancelled?: () => boolean,
  ): Promise<R> {
    const { connection } = this
    connection.timeLimit.begin(timeoutMs, isCancelled)
    connection.answerSize.begin()
    connection.execute('BEGIN')
    try {
      return await query.run(connection, argument)
    } finally {
      connection.execute('COMMIT')
    }
  }
}
