// Access to the data: read(), readInWorker() for long queries, and write(), which resolves when a change is on disk.

import { randomInt } from 'node:crypto'
import { CommitHistograms } from './commit-stats'
import { DatabaseBusy, WriterLost } from './errors'
import type { NamedQuery, Write } from './named-operations'
import { isWalLong } from './sqlite/checkpoints'
import { type Durability, openConnection } from './sqlite/connection'
import { migrate } from './sqlite/migrations/migrate'
import { Reader, type ReaderWorker, type StartReader } from './sqlite/reader'
import { schemaVersion } from './sqlite/schema-version'
import { WalFiles } from './sqlite/wal-files'
import {
  type Commit,
  type CommitStats,
  type Outcome,
  type Settle,
  Writer,
  type WriterOptions,
} from './sqlite/writer'

export { defineQuery, defineWrite, type NamedQuery, type Write } from './named-operations'
export type { Commit } from './sqlite/writer'

/**
 * Starts a writer, on this thread or in a worker.
 *
 * @param lost  is called when it ends by itself.
 */
export type StartWriter = (
  options: WriterOptions,
  settle: Settle,
  lost: (reason: Error) => void,
) => Pick<Writer, 'add'> & { close(): void | Promise<void> }

const startOnThisThread: StartWriter = (options, settle, lost) => new Writer(options, settle, lost)

interface Waiting extends PromiseWithResolvers<unknown> {
  /** When the change was requested, by performance.now(). */
  since: number
}

interface Subscriber {
  listener(commit: Commit): void
  failed(error: unknown): void
}

/** The shortest time between two checks for commits of other processes, in milliseconds. */
const CHECK_INTERVAL_MS = 1

export class Database {
  closed = false
  /** The number of the last commit whose changes have been acknowledged, or that another process made. */
  change: number
  /** Resolves when the writer has ended by itself. Every write fails from then on. */
  readonly writerLost: Promise<WriterLost>
  private readonly writer: ReturnType<StartWriter>
  private readonly readerWorker: ReaderWorker | undefined
  private readonly id = randomInt(2 ** 47)
  /** Figures of all commits so far. */
  readonly commits = new CommitHistograms()
  /** When a commit ended last, by performance.now(), and why it failed. A lock of another process is no failure. */
  lastCommit: { endedAt: number; failure?: unknown } = { endedAt: Number.NEGATIVE_INFINITY }
  private readonly waiting = new Map<number, Waiting>()
  private lastTask = 0
  private loss: WriterLost | undefined
  private readonly subscribers = new Set<Subscriber>()
  private readonly walFiles: WalFiles
  private checkedAt = Number.NEGATIVE_INFINITY

  private constructor(
    readonly path: string,
    private readonly reader: Reader,
    startReader: StartReader | undefined,
    durability: Durability,
    startWriter: StartWriter,
    private readonly queryTimeoutMs: number,
  ) {
    this.change = reader.lastCommit().number
    this.walFiles = new WalFiles(reader.connection)
    this.readerWorker = startReader?.(path, () => isWalLong(reader.connection))
    const { promise, resolve } = Promise.withResolvers<WriterLost>()
    this.writerLost = promise
    const lost = (reason: Error) => {
      this.loss = new WriterLost(reason.message, { cause: reason })
      for (const { reject } of this.waiting.values()) reject(this.loss)
      this.waiting.clear()
      resolve(this.loss)
    }
    const settle: Settle = (...settled) => this.settle(...settled)
    this.writer = startWriter({ path, durability, id: this.id }, settle, lost)
  }

  /**
   * Opens the database. Creates and upgrades it as needed.
   *
   * @param startReader  starts the worker for long queries; undefined: they run on this thread.
   * @param queryTimeoutSeconds  how long one read may take.
   * @throws DatabaseUnusable with a sentence for the person who started the program.
   */
  static open(
    path: string,
    {
      durability = 'full' as Durability,
      startWriter = startOnThisThread,
      startReader = undefined as StartReader | undefined,
      queryTimeoutSeconds = Number.POSITIVE_INFINITY,
    } = {},
  ): { database: Database; migrated: string[] } {
    const connection = openConnection(path)
    try {
      const migrated = migrate(connection)
      const database = new Database(
        path,
        new Reader(path),
        startReader,
        durability,
        startWriter,
        queryTimeoutSeconds * 1000,
      )
      return { database, migrated }
    } finally {
      connection.close()
    }
  }

  /** Runs a query on this thread, in one transaction: all of it sees the same state of the data. @throws QueryTooLong */
  read<R>(query: NamedQuery<unknown, R>): Promise<R>
  read<A, R>(query: NamedQuery<A, R>, argument: A): Promise<R>
  read<A, R>(query: NamedQuery<A, R>, argument?: A): Promise<R> {
    return this.reader.read(query, argument as A, this.queryTimeoutMs)
  }

  /**
   * Runs a long query in the worker, if there is one.
   *
   * @param signal  of the client: when it is aborted, the query is stopped.
   * @param from  the client's network: networks take turns.
   * @throws QueryTooLong, QueryCancelled, ReaderClosed
   */
  async readInWorker<A, R>(
    read: NamedQuery<A, R>,
    argument: A,
    signal?: AbortSignal,
    from?: string,
  ): Promise<R> {
    if (this.closed) throw new Error(`${read.name}: the database is closed`)
    // Another file may have this path by now. A worker that starts would open that file.
    const isLost = this.isMoved || this.lostFile !== undefined
    if (!this.readerWorker || isLost) return this.read(read, argument)
    return this.readerWorker.read(read, argument, this.queryTimeoutMs, signal, from)
  }

  /**
   * Makes a change. Changes that wait at the same moment share one commit, and so one wait for the disk, but each
   * succeeds or fails alone.
   *
   * @returns the change's result, once it is on disk.
   */
  write<A, R>(write: Write<A, R>, argument: A): Promise<R> {
    if (this.closed) return Promise.reject(new Error(`${write.name}: the database is closed`))
    if (this.loss) return Promise.reject(this.loss)
    const id = ++this.lastTask
    const waiting = { ...Promise.withResolvers<unknown>(), since: performance.now() }
    this.waiting.set(id, waiting)
    this.writer.add({ id, write: write as Write<unknown, unknown>, argument })
    return waiting.promise as Promise<R>
  }

  /**
   * Calls `listener` after each commit from now on, when the commit is on disk and its writes have resolved.
   *
   * @param failed  is called with what `listener` throws: the commit cannot fail any more by then.
   * @returns a function that ends the subscription.
   */
  subscribe(listener: (commit: Commit) => void, failed: (error: unknown) => void): () => void {
    const subscriber = { listener, failed }
    this.subscribers.add(subscriber)
    return () => this.subscribers.delete(subscriber)
  }

  /**
   * Checks for commits of other processes, unless it did a moment ago: SQLite needs file locks for this, which takes
   * longer than an answer from memory.
   */
  checkOtherProcesses(): void {
    const now = performance.now()
    if (now - this.checkedAt < CHECK_INTERVAL_MS) return
    this.checkedAt = now
    if (!this.reader.hasNews()) return
    const last = this.reader.lastCommit()
    // settle() handles our own writer's commits, and the commits of others before them.
    if (last.writer === this.id || last.number <= this.change) return
    this.change = last.number
    this.announce({ change: last.number, changes: 'unknown' })
  }

  /** How many changes are not on disk yet, and how long the oldest of them has been waiting. */
  get waitingWrites(): { count: number; seconds: number } {
    const [first] = this.waiting.values()
    const seconds = first ? (performance.now() - first.since) / 1000 : 0
    return { count: this.waiting.size, seconds }
  }

  /** The file beside the database that was removed or replaced, if one was. */
  get lostFile(): string | undefined {
    return this.walFiles.lost
  }

  /** Whether the path belongs to another file, or to none, since the database was opened. */
  get isMoved(): boolean {
    return this.reader.connection.isMoved()
  }

  /** The schema version of the file, which this reads. */
  readSchemaVersion(): Promise<number> {
    return this.read(schemaVersion)
  }

  /** Why writes fail; undefined while the writer works. */
  get lossOfWriter(): WriterLost | undefined {
    return this.loss
  }

  /** Finishes the reads and writes that wait, then closes the file. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    // The writer closes last, because the last connection empties the WAL.
    await this.reader.close()
    await this.readerWorker?.close()
    await this.writer.close()
  }

  /** Runs in one task of the event loop, so that a client that has its answer finds its change in all caches. */
  private settle(...[outcomes, commit, stats]: Parameters<Settle>): void {
    this.commits.add(commit, stats)
    this.noteCommit(outcomes, commit, stats)
    const before = this.change
    if (commit) {
      this.change = Math.max(before, commit.change)
      this.checkedAt = performance.now() // the number shows whether others committed before
    }
    for (const outcome of outcomes) {
      const waiting = this.waiting.get(outcome.id)
      this.waiting.delete(outcome.id)
      if ('error' in outcome) waiting?.reject(outcome.error)
      else waiting?.resolve(outcome.value)
    }
    if (!commit || commit.change <= before) return
    // A gap in the numbers is a commit of another process.
    this.announce(commit.change === before + 1 ? commit : { change: commit.change, changes: 'unknown' })
  }

  private noteCommit([outcome]: Outcome[], commit: Commit | undefined, stats: CommitStats | undefined): void {
    const endedAt = performance.now()
    if (commit) this.lastCommit = { endedAt }
    else if (!stats && outcome && 'error' in outcome && !(outcome.error instanceof DatabaseBusy)) {
      this.lastCommit = { endedAt, failure: outcome.error }
    }
  }

  private announce(commit: Commit): void {
    for (const { listener, failed } of this.subscribers) {
      try {
        listener(commit)
      } catch (error) {
        failed(error)
      }
    }
  }
}
