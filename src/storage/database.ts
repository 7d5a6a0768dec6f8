// The two ports to the data: read(), and write(), which answers when the data is on disk.

import { sql } from 'kysely'
import { type Connection, query, tables } from './query'
import { isBusy, migrate, openConnection, openReader } from './sqlite'

/**
 * A change to the data, done synchronously inside a transaction of the writer's. `argument` and the result are
 * plain values that can be cloned, so that the writer may live in a Worker. What `run` throws undoes this change
 * alone.
 */
export interface Write<A, R> {
  readonly name: string
  run(connection: Connection, argument: A): R
}

export function defineWrite<A, R>(name: string, run: Write<A, R>['run']): Write<A, R> {
  return { name, run }
}

/** What one commit did. Plain values, as those of a Write are. */
export interface Commit {
  /** The number of the commit: greater than those before, across restarts, too. */
  change: number
  /**
   * The jobs whose readers see something else than before; a job that is gone is among them. Of the commits of other
   * processes that is unknown.
   */
  jobs: number[] | 'unknown'
}

interface Subscriber {
  listener(commit: Commit): void
  failed(error: unknown): void
}

/** Another process held the database for too long: nothing was stored. */
export class DatabaseBusy extends Error {}

/** The file was removed or replaced under the server: what is written would be gone with the process. */
export class DatabaseGone extends Error {}

interface Waiting {
  /** When it was asked for, by performance.now(). */
  since: number
  run(connection: Connection): unknown
  resolve(value: unknown): void
  reject(reason: unknown): void
}

/** What to tell the one who waits, once the transaction is on disk. */
interface Answer {
  succeeded: boolean
  tell(): void
}

/** For how long one transaction takes in further changes, in milliseconds, before those who wait get their answer. */
const MAX_BATCH_MS = 60

/** For how long a change waits for another process's transaction, and how often it looks, in milliseconds. */
const MAX_WAIT_MS = 5000
const RETRY_MS = 20

const growChange = query()(() =>
  tables.updateTable('change').set({ number: sql`number + 1` }).returning('number'),
)
const lastChange = query()(() => tables.selectFrom('change').select('number'))

export class Database {
  private waiting: Waiting[] = []
  private scheduled = false
  private readonly subscribers = new Set<Subscriber>()
  closed = false
  /** The number of the last commit. */
  change: number
  /** Of the reader: SQLite gives it another one when anybody else has changed the file. */
  private dataVersion: unknown

  private constructor(
    readonly path: string,
    private readonly writer: Connection,
    private readonly reader: Connection,
  ) {
    writer.database.run('PRAGMA busy_timeout = 0') // begin() waits, and lets others be answered meanwhile
    this.change = reader.first(lastChange, {})?.number ?? 0
  }

  /**
   * Opens the database, made and upgraded as needed.
   *
   * @throws DatabaseUnusable with a sentence for the person who started the program.
   */
  static open(path: string): { database: Database; migrated: string[] } {
    const writer = openConnection(path)
    try {
      const migrated = migrate(writer)
      return { database: new Database(path, writer, openReader(path)), migrated }
    } catch (error) {
      writer.close()
      throw error
    }
  }

  /** Runs `work` on one consistent state of the data. */
  read<T>(work: (connection: Connection) => T): T {
    this.reader.execute('BEGIN')
    try {
      return work(this.reader)
    } finally {
      this.reader.execute('COMMIT')
    }
  }

  /**
   * Makes a change, together with all others that wait at the same moment: they share one commit and so one wait
   * for the disk, but each succeeds or fails alone.
   *
   * @returns what the change returns, when it is on disk.
   */
  write<A, R>(write: Write<A, R>, argument: A): Promise<R> {
    if (this.closed) return Promise.reject(new Error(`${write.name}: the database is closed`))
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({
        since: performance.now(),
        run: (connection) => write.run(connection, argument),
        resolve: resolve as (value: unknown) => void,
        reject,
      })
      this.schedule()
    })
  }

  /**
   * Tells of every commit from now on, when it is on disk and those who wait for it have their answer.
   *
   * @param failed  is told what `listener` throws: a commit cannot fail any more by then.
   * @returns a function that ends it.
   */
  subscribe(listener: (commit: Commit) => void, failed: (error: unknown) => void): () => void {
    const subscriber = { listener, failed }
    this.subscribers.add(subscriber)
    return () => this.subscribers.delete(subscriber)
  }

  /** Looks whether another process has changed something. Costs a microsecond. */
  noticeOthers(): void {
    const version = this.reader.value('PRAGMA data_version')
    if (version === this.dataVersion) return
    this.dataVersion = version
    const change = this.reader.first(lastChange, {})?.number ?? 0
    if (change <= this.change) return
    this.change = change
    this.announce({ change, jobs: 'unknown' })
  }

  /** Finishes the writes that wait, then closes the file. */
  close(): void {
    if (this.closed) return
    this.closed = true
    while (this.waiting.length > 0) this.commit()
    this.reader.close()
    this.writer.close()
  }

  private schedule(delayMs = 0): void {
    if (this.scheduled) return
    this.scheduled = true
    const work = () => {
      this.scheduled = false
      if (this.closed) return
      const begun = this.commit()
      if (this.waiting.length > 0) this.schedule(begun ? 0 : RETRY_MS)
    }
    // Immediately is after all requests that have arrived by now: they share the commit.
    if (delayMs === 0) setImmediate(work)
    else setTimeout(work, delayMs)
  }

  /** Makes as many of the waiting changes as fit into one transaction. @returns whether one could begin */
  private commit(): boolean {
    const answers: Answer[] = []
    const attempted: Waiting[] = []
    const jobs = new Set<number>()
    const { writer, change } = this
    if (!this.begin()) return false
    try {
      const end = performance.now() + MAX_BATCH_MS
      while (this.waiting.length > 0 && performance.now() < end) {
        const next = this.waiting.shift() as Waiting
        attempted.push(next)
        answers.push(this.attempt(next))
        for (const job of writer.touched) jobs.add(job)
        writer.touched.clear()
      }
      const grown = answers.some(({ succeeded }) => succeeded) ? writer.first(growChange, {}) : undefined
      writer.execute('COMMIT')
      this.change = grown?.number ?? change
    } catch (error) {
      // Nothing of this transaction is stored: nobody may hear otherwise.
      for (const { reject } of attempted) reject(error)
      writer.remembered.clear()
      writer.touched.clear()
      if (writer.database.inTransaction) writer.execute('ROLLBACK')
      return true
    }
    for (const { tell } of answers) tell()
    // A number left out is another process's commit.
    const isNext = this.change === change + 1
    if (this.change !== change) this.announce({ change: this.change, jobs: isNext ? [...jobs] : 'unknown' })
    return true
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

  /**
   * Begins a transaction. While another process holds the lock, those that wait go on waiting, and those that have
   * waited too long are told. SQLite's own waiting would stop the whole server.
   */
  private begin(): boolean {
    try {
      if (this.writer.isMoved()) throw new DatabaseGone(`${this.path} is not the file that was opened`)
      this.writer.execute('BEGIN IMMEDIATE')
      return true
    } catch (error) {
      const now = performance.now()
      const { patient = [], expired = [] } = Object.groupBy(this.waiting, ({ since }) =>
        isBusy(error) && !this.closed && now - since < MAX_WAIT_MS ? 'patient' : 'expired',
      )
      this.waiting = patient
      for (const { reject } of expired) reject(isBusy(error) ? new DatabaseBusy() : error)
      return false
    }
  }

  private attempt({ run, resolve, reject }: Waiting): Answer {
    const { writer } = this
    writer.execute('SAVEPOINT one_change')
    try {
      const result = run(writer)
      writer.execute('RELEASE one_change')
      return { succeeded: true, tell: () => resolve(result) }
    } catch (error) {
      // A full disk ends the whole transaction, not only the savepoint.
      if (!writer.database.inTransaction) throw error
      writer.remembered.clear()
      writer.touched.clear()
      writer.execute('ROLLBACK TO one_change')
      writer.execute('RELEASE one_change')
      return { succeeded: false, tell: () => reject(error) }
    }
  }
}
