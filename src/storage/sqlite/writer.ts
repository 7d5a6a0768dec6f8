// Makes changes. Changes that wait at the same moment share a transaction and its wait for the disk, and some their
// statements, but each succeeds or fails alone. The writer runs in a worker, or on the main thread of a command.
//
// A savepoint for each change makes SQLite keep a copy of every page that the change touches. Nearly all changes
// succeed, or fail before they have changed anything, so they run without savepoints. If one fails after it has changed
// something, the whole transaction is made again with savepoints.

import { sql } from 'kysely'
import { ChangeSet, type Changes } from '../change-feed'
import { DatabaseBusy, DatabaseGone, WalGone } from '../errors'
import type { Write } from '../named-operations'
import { query, tables } from '../query'
import { MAX_ROWS } from '../rows-query'
import { Checkpoints } from './checkpoints'
import { type Durability, openConnection } from './connection'
import { isBusy } from './in-use'
import type { SqliteConnection } from './sqlite-connection'
import { WalFiles } from './wal-files'

export interface WriterOptions {
  path: string
  durability: Durability
  /** Marks this program's commits. */
  id: number
}

/** A requested change. */
export interface Task {
  /** Identifies the task in its outcome. */
  id: number
  write: Write<unknown, unknown>
  argument: unknown
}

/** The result of a task. */
export type Outcome = { id: number } & ({ value: unknown } | { error: unknown })

/** The effect of one commit. Plain values. */
export interface Commit {
  /** The commit's number: greater than every earlier one, across restarts too. */
  change: number
  changes: Changes
}

/** How long one transaction took. Plain values. */
export interface CommitStats {
  /** How many changes were tried in it. */
  changes: number
  /** From its start until it was on disk. */
  seconds: number
  /** The part of `seconds` that waited for the disk. */
  diskSeconds: number
}

/**
 * Is called with the results of tasks, once they are on disk. Without `commit` nothing was changed; without `stats` the
 * transaction itself failed.
 */
export type Settle = (outcomes: Outcome[], commit?: Commit, stats?: CommitStats) => void

/** A change failed after it had changed something, and there is no savepoint to go back to. */
class PartialWrite extends Error {}

interface Waiting extends Task {
  /** When it arrived, by performance.now(). */
  since: number
}

/** How long a transaction accepts further changes, in milliseconds: its clients wait meanwhile. */
const MAX_BATCH_MS = 60

/** How many changes are made together: see Write.runMany. Of fewer, one after another is as fast. */
const MIN_TOGETHER = 8
const MAX_TOGETHER = MAX_ROWS

/** How long a change waits for another process's transaction, and how often it tries again, in milliseconds. */
const MAX_WAIT_MS = 5000
const RETRY_MS = 20

/** How often the writer tries to empty a WAL that was removed or replaced, in milliseconds. */
const RESCUE_EVERY_MS = 1000

const CHANGED_ROWS = 'SELECT total_changes()'

const incrementChange = query<{ writer: number }>()((param) =>
  tables
    .updateTable('change')
    .set({ number: sql`number + 1`, writer: param('writer') })
    .returning('number'),
)

/** Marks again what is marked already: the background keeps a mark that is newer than what it has read. */
const storeStaleMarks = query<{ testcases: string; change: number }>()((param) =>
  tables
    .insertInto('stale_testcase')
    .columns(['testcase', 'change'])
    .expression(sql`SELECT value, ${param('change')} FROM json_each(${param('testcases')}) WHERE true`)
    .onConflict((conflict) => conflict.column('testcase').doUpdateSet({ change: sql`excluded.change` })),
)

export class Writer {
  private readonly connection: SqliteConnection
  private readonly checkpoints: Checkpoints
  private readonly walFiles: WalFiles
  private readonly id: number
  private waiting: Waiting[] = []
  private scheduled = false
  /** The commit in progress. */
  private working: Promise<void> | undefined
  private closed = false
  /** For the next transaction. */
  private useSavepoints = false
  /** Runs while the WAL is removed or replaced and its content is nowhere else. */
  private rescue: NodeJS.Timeout | undefined

  /** @param lost  is called when the writer ends by itself; all commits are in the database by then. */
  constructor(
    { path, durability, id }: WriterOptions,
    private readonly settle: Settle,
    private readonly lost: (reason: Error) => void = () => {},
  ) {
    this.connection = openConnection(path, durability)
    this.connection.execute('PRAGMA busy_timeout = 0') // begin() waits instead, without blocking the thread
    // A statement about many rows keeps copies of the pages that it changes. In a file they take longer than the statement.
    this.connection.execute('PRAGMA temp_store = MEMORY')
    this.checkpoints = new Checkpoints(this.connection)
    this.walFiles = new WalFiles(this.connection)
    this.id = id
  }

  add(task: Task): void {
    this.waiting.push({ ...task, since: performance.now() })
    this.schedule()
  }

  /** Makes the changes that wait, then closes the file. */
  async close(): Promise<void> {
    await this.working
    await this.end()
  }

  private async end(): Promise<void> {
    if (this.closed) return
    this.closed = true
    while (this.waiting.length > 0) await this.commit()
    this.checkpoints.end()
    clearTimeout(this.rescue)
    this.connection.close()
  }

  private schedule(delayMs = 0): void {
    if (this.scheduled) return
    this.scheduled = true
    const work = () => {
      this.working = this.work()
    }
    // setImmediate runs after all tasks that have arrived by now: they share the commit.
    if (delayMs === 0) setImmediate(work)
    else setTimeout(work, delayMs)
  }

  /** Makes one commit, and schedules the next one if changes wait. */
  private async work(): Promise<void> {
    const begun = this.closed || (await this.commit())
    this.scheduled = false
    if (this.closed) return
    if (this.waiting.length > 0) this.schedule(begun ? 0 : RETRY_MS)
  }

  /**
   * Makes as many of the waiting changes as fit into one transaction, one after another: each has ended before the next
   * begins.
   *
   * @returns whether it could begin
   */
  private async commit(): Promise<boolean> {
    if (!(await this.begin())) return false
    const { connection } = this
    const outcomes: Outcome[] = []
    const attempted: Waiting[] = []
    const changes = new ChangeSet()
    const staleTestcases = new Set<number>()
    const takeMarks = () => {
      changes.addAll(connection.changes)
      connection.changes.length = 0
      for (const testcase of connection.staleTestcases) staleTestcases.add(testcase)
      connection.staleTestcases.clear()
    }
    let commit: Commit | undefined
    let stats: CommitStats | undefined
    const beganAt = performance.now()
    try {
      while (this.waiting.length > 0 && performance.now() < beganAt + MAX_BATCH_MS) {
        const next = this.takeNext()
        attempted.push(...next)
        outcomes.push(...(await this.attemptAll(next, takeMarks)))
      }
      const incremented = outcomes.some((outcome) => 'value' in outcome)
        ? await connection.first(incrementChange, { writer: this.id })
        : undefined
      if (incremented && staleTestcases.size > 0) {
        const testcases = JSON.stringify([...staleTestcases])
        await connection.run(storeStaleMarks, { testcases, change: incremented.number })
      }
      const changedAt = performance.now()
      connection.execute('COMMIT')
      const endedAt = performance.now()
      stats = {
        changes: attempted.length,
        seconds: (endedAt - beganAt) / 1000,
        diskSeconds: (endedAt - changedAt) / 1000,
      }
      commit = incremented && { change: incremented.number, changes: changes.toList() }
    } catch (error) {
      connection.clearCaches()
      if (connection.database.inTransaction) connection.execute('ROLLBACK')
      this.useSavepoints = error instanceof PartialWrite
      if (this.useSavepoints) this.waiting.unshift(...attempted)
      // Nothing of this transaction is stored, so every task in it fails.
      else this.settleCommit(attempted.map(({ id }) => ({ id, error })))
      return true
    }
    this.useSavepoints = false
    const lost = commit && this.walFiles.lost
    const gone = lost ? new WalGone(lost, true) : undefined
    if (gone && !this.checkpoints.empty()) {
      this.settleCommit(
        attempted.map(({ id }) => ({ id, error: gone })),
        commit,
        stats,
      )
    } else this.settleCommit(outcomes, commit, stats)
    if (gone) await this.endWhenEmpty(gone)
    return true
  }

  /** Answers the clients, and moves the WAL if nobody waits. Those on this thread have not heard their answers yet. */
  private settleCommit(...settled: Parameters<Settle>): void {
    this.settle(...settled)
    if (this.waiting.length === 0 && !this.closed) this.checkpoints.checkpointAfterCommit()
  }

  /**
   * Moves the content of a removed or replaced WAL into the database, and ends the writer; the next start makes a new
   * WAL. This fails while the disk is full or another program reads; then it tries again.
   */
  private async endWhenEmpty(reason: WalGone): Promise<void> {
    if (this.closed) return
    if (this.checkpoints.empty()) {
      await this.end()
      this.lost(reason)
    } else {
      clearTimeout(this.rescue)
      this.rescue = setTimeout(() => void this.endWhenEmpty(reason), RESCUE_EVERY_MS)
    }
  }

  /**
   * Begins a transaction. While another process holds the lock, tasks go on waiting, and those that have waited too
   * long fail. SQLite's own waiting would block this thread.
   */
  private async begin(): Promise<boolean> {
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
      if (error instanceof WalGone) await this.endWhenEmpty(error)
      return false
    }
  }

  /** Takes the next change, and those behind it that can be made together with it. */
  private takeNext(): Waiting[] {
    const { waiting, useSavepoints } = this
    const write = waiting[0]?.write
    let count = 1
    if (write?.runMany && !useSavepoints)
      while (count < MAX_TOGETHER && waiting[count]?.write === write) count++
    return waiting.splice(0, count < MIN_TOGETHER ? 1 : count)
  }

  /**
   * @param takeMarks  is called after each change that was made, because one that fails clears all marks.
   * @throws as attempt() does.
   */
  private async attemptAll(tasks: Waiting[], takeMarks: () => void): Promise<Outcome[]> {
    const values = tasks.length > 1 ? await this.attemptTogether(tasks) : []
    takeMarks()
    const outcomes: Outcome[] = []
    for (const [index, task] of tasks.entries()) {
      const value = values[index]
      outcomes.push(value === undefined ? await this.attempt(task) : { id: task.id, value })
      if (value === undefined) takeMarks()
    }
    return outcomes
  }

  /** @returns the results; none if it failed before it had changed anything. @throws as attempt() does. */
  private async attemptTogether(tasks: Waiting[]): Promise<unknown[]> {
    const { connection } = this
    const [before] = connection.row(CHANGED_ROWS)
    const changes = tasks.map(({ argument }) => argument)
    try {
      return (await tasks[0]?.write.runMany?.(connection, changes)) ?? []
    } catch (error) {
      if (!connection.database.inTransaction) throw error
      if (connection.row(CHANGED_ROWS)[0] !== before) throw new PartialWrite()
      connection.clearCaches()
      return []
    }
  }

  /** @throws PartialWrite, and an error that has ended the whole transaction, such as a full disk. */
  private async attempt({ id, write, argument }: Waiting): Promise<Outcome> {
    const { connection, useSavepoints } = this
    if (useSavepoints) connection.execute('SAVEPOINT one_change')
    const [before] = connection.row(CHANGED_ROWS)
    try {
      const value = await write.run(connection, argument)
      if (useSavepoints) connection.execute('RELEASE one_change')
      return { id, value }
    } catch (error) {
      if (!connection.database.inTransaction) throw error
      if (useSavepoints) {
        connection.execute('ROLLBACK TO one_change')
        connection.execute('RELEASE one_change')
      } else if (connection.row(CHANGED_ROWS)[0] !== before) throw new PartialWrite()
      connection.clearCaches()
      return { id, error }
    }
  }
}
