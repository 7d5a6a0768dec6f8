// Moves the content of the WAL into the database file while no client waits. SQLite can reset the WAL only while nobody
// reads. On the main thread no read lasts longer than a task of the event loop, and the reader's worker pauses between
// two queries while the WAL is long. So only another program can keep the WAL from being reset for long: a backup, or
// `avocado-server check` of a large database.

import type { SqliteConnection } from './sqlite-connection'

/**
 * How many pages of 4 KiB the WAL may have before they are moved: 16 MiB, which takes the writer some 20 ms. Under load
 * this takes a fourteenth of the writer's time; with half as many pages it would take a ninth, because most pages are
 * written many times.
 */
export const CHECKPOINT_PAGES = 4000
/** The WAL is emptied after this time without a commit. */
export const IDLE_MS = 1000
/** How long a few commits may stay in the WAL alone: with --durability normal a power cut can lose them. */
export const MAX_AGE_MS = 3000

/** How long to wait after a reader has blocked a checkpoint: an attempt takes a millisecond. */
const BLOCKED_MS = 50
/** The WAL has so many pages only if readers have blocked checkpoints: 32 MiB. */
const LONG_PAGES = 2 * CHECKPOINT_PAGES

/** Whether long queries should pause, so that the WAL can be reset. */
export function isWalLong(connection: SqliteConnection): boolean {
  try {
    const [, pages = 0] = connection.row('PRAGMA wal_checkpoint(NOOP)') as number[]
    return pages >= LONG_PAGES
  } catch {
    return false // the next query meets the same error, and reports it
  }
}

export class Checkpoints {
  private readonly idle: NodeJS.Timeout
  /** When the WAL got the first page that is not in the database file yet. */
  private since = Number.POSITIVE_INFINITY
  private blockedUntil = 0

  constructor(private readonly connection: SqliteConnection) {
    this.idle = setTimeout(() => this.truncate(), IDLE_MS)
    this.idle.unref()
  }

  /**
   * Call it after a commit, when its clients have their answers and no task waits. While a reader blocks the reset, the
   * WAL grows, and each call tries again.
   */
  checkpointAfterCommit(): void {
    this.idle.refresh()
    const { pages, moved } = this.checkpoint('NOOP')
    if (moved === pages) return
    const now = performance.now()
    this.since = Math.min(this.since, now)
    if (now < this.blockedUntil || (pages < CHECKPOINT_PAGES && now - this.since < MAX_AGE_MS)) return
    const after = this.checkpoint('PASSIVE')
    if (after.moved < after.pages) this.blockedUntil = now + BLOCKED_MS
  }

  /** Moves all pages into the database file. @returns whether it succeeded */
  empty(): boolean {
    try {
      const [busy, pages, moved] = this.connection.row('PRAGMA wal_checkpoint(TRUNCATE)')
      return busy === 0 && pages === moved
    } catch {
      return false
    }
  }

  end(): void {
    clearTimeout(this.idle)
  }

  private truncate(): void {
    if (this.checkpoint('TRUNCATE').pages > 0) this.idle.refresh() // a reader blocked it
  }

  private checkpoint(mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE'): { pages: number; moved: number } {
    if (mode !== 'NOOP') this.since = Number.POSITIVE_INFINITY
    try {
      const [, pages = 0, moved = 0] = this.connection.row(`PRAGMA wal_checkpoint(${mode})`) as number[]
      return { pages, moved }
    } catch {
      // Nothing is lost: the pages stay in the WAL. The next write meets the same error, and reports it.
      return { pages: 0, moved: 0 }
    }
  }
}
