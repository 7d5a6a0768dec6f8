// Makes the changes that wait, all of one moment in one transaction: they share one wait for the disk, but each succeeds
// or fails alone. The same whether it runs beside the readers or in a thread of its own.
//
// A savepoint for each change makes SQLite keep a copy of every page that the change touches. Nearly all changes succeed,
// or fail before they have changed anything: so they are made without, and only where one fails halfway, the whole
// transaction is made again with savepoints.

import { sql } from 'kysely'
import { DatabaseBusy, DatabaseGone, WalGone } from '../errors'
import type { Write } from '../operations'
import { type Connection, query, tables } from '../query'
import { Checkpoints } from './checkpoints'
import { type Durability, openConnection } from './connection'
import { isBusy } from './in-use'
import { WalFiles } from './wal-files'

export interface WriterOptions {
  path: string
  durability: Durability
  /** By which commits of this program are told from those of others. */
  id: number
}

/** A change that is asked for. */
export interface Task {
  /** Names it in its outcome. */
  id: number
  write: Write<unknown, unknown>
  argument: unknown
}

/** What became of a task. */
export type Outcome = { id: number } & ({ value: unknown } | { error: unknown })

/** What one commit did. Plain values. */
export interface Commit {
  /** The number of the commit: greater than those before, across restarts, too. */
  change: number
  /**
   * The jobs whose readers see something else than before; a job that is gone is among them. Of the commits of other
   * processes that is unknown.
   */
  jobs: number[] | 'unknown'
  /** What is remembered of users, of tokens and of who made which job may hold no longer. */
  outdates?: true
}

/** What one transaction took. Plain values: they come with its outcomes. */
export interface CommitStats {
  /** Changes that were tried in it. */
  changes: number
  /** From its beginning until it was on disk. */
  seconds: number
  /** The part of that which waited for the disk. */
  diskSeconds: number
}

/**
 * Hears what became of tasks, when it is on disk. Without a commit nothing was changed; without stats the
 * transaction itself failed.
 */
export type Settle = (outcomes: Outcome[], commit?: Commit, stats?: CommitStats) => void

/** A change failed when it had changed something already, and there is no savepoint to go back to. */
class PartialWrite extends Error {}

interface Waiting extends Task {
  /** When it was asked for, by performance.now(). */
  since: number
}

/** For how long one transaction takes in further changes, in milliseconds, before those who wait get their answer. */
const MAX_BATCH_MS = 60

/** For how long a change waits for another process's transaction, and how often it looks, in milliseconds. */
const MAX_WAIT_MS = 5000
const RETRY_MS = 20

/** How often a WAL without a name is tried to be emptied, in milliseconds. */
const RESCUE_EVERY_MS = 1000

const CHANGED_ROWS = 'SELECT total_changes()'

const growChange = query<{ writer: number }>()((param) =>
  tables
    .updateTable('change')
    .set({ number: sql`number + 1`, writer: param('writer') })
    .returning('number'),
)

export class Writer {
  private readonly connection: Connection
  private readonly checkpoints: Checkpoints
  private readonly walFiles: WalFiles
  private readonly id: number
  private waiting: Waiting[] = []
  private scheduled = false
  private closed = false
  /** The next transaction has savepoints. */
  private useSavepoints = false
  /** Runs while the WAL has lost its name, and what it holds is nowhere else. */
  private rescue: NodeJS.Timeout | undefined

  /** @param lost  is told when it ends without having been asked to: all that was committed is in the database then. */
  constructor(
    { path, durability, id }: WriterOptions,
    private readonly settle: Settle,
    private readonly lost: (reason: Error) => void = () => {},
  ) {
    this.connection = openConnection(path, durability)
    this.connection.execute('PRAGMA busy_timeout = 0') // begin() waits, and lets others be answered meanwhile
    this.checkpoints = new Checkpoints(this.connection)
    this.walFiles = new WalFiles(this.connection)
    this.id = id
  }

  add(task: Task): void {
    this.waiting.push({ ...task, since: performance.now() })
    this.schedule()
  }

  /** Makes the changes that wait, then closes the file. */
  close(): void {
    if (this.closed) return
    this.closed = true
    while (this.waiting.length > 0) this.commit()
    this.checkpoints.end()
    clearTimeout(this.rescue)
    this.connection.close()
  }

  private schedule(delayMs = 0): void {
    if (this.scheduled) return
    this.scheduled = true
    const work = () => {
      this.scheduled = false
      if (this.closed) return
      const begun = this.commit()
      if (this.waiting.length > 0) this.schedule(begun ? 0 : RETRY_MS)
      else if (begun && !this.closed) this.checkpoints.look()
    }
    // Immediately is after all tasks that have arrived by now: they share the commit.
    if (delayMs === 0) setImmediate(work)
    else setTimeout(work, delayMs)
  }

  /** Makes as many of the waiting changes as fit into one transaction. @returns whether one could begin */
  private commit(): boolean {
    if (!this.begin()) return false
    const { connection } = this
    const outcomes: Outcome[] = []
    const attempted: Waiting[] = []
    const jobs = new Set<number>()
    let commit: Commit | undefined
    let stats: CommitStats | undefined
    const begun = performance.now()
    try {
      while (this.waiting.length > 0 && performance.now() < begun + MAX_BATCH_MS) {
        const next = this.waiting.shift() as Waiting
        attempted.push(next)
        outcomes.push(this.attempt(next))
        for (const job of connection.touched) jobs.add(job)
        connection.touched.clear()
      }
      const grown = outcomes.some((outcome) => 'value' in outcome)
        ? connection.first(growChange, { writer: this.id })
        : undefined
      const changed = performance.now()
      connection.execute('COMMIT')
      const ended = performance.now()
      stats = {
        changes: attempted.length,
        seconds: (ended - begun) / 1000,
        diskSeconds: (ended - changed) / 1000,
      }
      commit = grown && {
        change: grown.number,
        jobs: [...jobs],
        ...(connection.outdates && { outdates: true }),
      }
      connection.outdates = false
    } catch (error) {
      connection.forget()
      if (connection.database.inTransaction) connection.execute('ROLLBACK')
      this.useSavepoints = error instanceof PartialWrite
      if (this.useSavepoints) this.waiting.unshift(...attempted)
      // Nothing of this transaction is stored: nobody may hear otherwise.
      else this.settle(attempted.map(({ id }) => ({ id, error })))
      return true
    }
    this.useSavepoints = false
    const lost = commit && this.walFiles.lost
    const gone = lost ? new WalGone(lost, true) : undefined
    if (gone && !this.checkpoints.empty()) {
      this.settle(
        attempted.map(({ id }) => ({ id, error: gone })),
        commit,
        stats,
      )
    } else this.settle(outcomes, commit, stats)
    if (gone) this.endWhenEmpty(gone)
    return true
  }

  /**
   * Without its name the WAL has to be given up: what it holds is moved into the database, and the next start makes a new
   * one. While the disk is full or another program reads, that fails, and is tried again.
   */
  private endWhenEmpty(reason: WalGone): void {
    if (this.closed) return
    if (this.checkpoints.empty()) {
      this.close()
      this.lost(reason)
    } else {
      clearTimeout(this.rescue)
      this.rescue = setTimeout(() => this.endWhenEmpty(reason), RESCUE_EVERY_MS)
    }
  }

  /**
   * Begins a transaction. While another process holds the lock, those that wait go on waiting, and those that have
   * waited too long are told. SQLite's own waiting would hold up everything that is to be heard meanwhile.
   */
  private begin(): boolean {
    try {
      if (this.connection.isMoved()) throw new DatabaseGone('the database is not the file that was opened')
      const { lost } = this.walFiles
      if (lost) throw new WalGone(lost)
      this.connection.execute('BEGIN IMMEDIATE')
      return true
    } catch (error) {
      const now = performance.now()
      const { patient = [], expired = [] } = Object.groupBy(this.waiting, ({ since }) =>
        isBusy(error) && !this.closed && now - since < MAX_WAIT_MS ? 'patient' : 'expired',
      )
      this.waiting = patient
      const reason = isBusy(error) ? new DatabaseBusy() : error
      if (expired.length > 0) this.settle(expired.map(({ id }) => ({ id, error: reason })))
      if (error instanceof WalGone) this.endWhenEmpty(error)
      return false
    }
  }

  /** @throws PartialWrite, and what ends the whole transaction: a full disk does, not only the savepoint. */
  private attempt({ id, write, argument }: Waiting): Outcome {
    const { connection, useSavepoints } = this
    if (useSavepoints) connection.execute('SAVEPOINT one_change')
    const [before] = connection.row(CHANGED_ROWS)
    try {
      const value = write.run(connection, argument)
      if (useSavepoints) connection.execute('RELEASE one_change')
      return { id, value }
    } catch (error) {
      if (!connection.database.inTransaction) throw error
      if (useSavepoints) {
        connection.execute('ROLLBACK TO one_change')
        connection.execute('RELEASE one_change')
      } else if (connection.row(CHANGED_ROWS)[0] !== before) throw new PartialWrite()
      connection.forget()
      return { id, error }
    }
  }
}
