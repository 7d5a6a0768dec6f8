// Moves what gathers in the WAL into the database file, where nobody waits for it. No read of this program outlasts its
// turn of the event loop (Database.read is synchronous), so only another program's reader can keep the WAL from being
// begun anew for long: a backup, `avocado-server check` of a large database. Long reads have a thread of their own, and wait
// between one another when the WAL has become long.

import type { Connection } from '../query'

/**
 * Pages of 4 KiB that may gather in the WAL before they are moved: 16 MiB, and some 20 ms of the writer's time. With half
 * of them it would take a ninth of the time of a writer under load, not a fourteenth: most pages are written many times.
 */
export const CHECKPOINT_PAGES = 4000
/** After how long without a commit the WAL is emptied. */
export const IDLE_MS = 1000
/** For how long what trickles in may stay in the WAL alone: with --durability normal a power cut can take it. */
export const MAX_AGE_MS = 3000

/** How long none is tried when somebody who reads was in the way: to find that out takes a millisecond. */
const BLOCKED_MS = 50
/** So many pages the WAL has only if somebody has been reading: 32 MiB. */
const LONG_PAGES = 2 * CHECKPOINT_PAGES

/** Whether whoever reads for long should make way, so that the WAL can be begun anew. */
export function isWalLong(connection: Connection): boolean {
  try {
    const [, pages = 0] = connection.row('PRAGMA wal_checkpoint(NOOP)') as number[]
    return pages >= LONG_PAGES
  } catch {
    return false // whoever reads next meets the same fault, and is told
  }
}

export class Checkpoints {
  private readonly idle: NodeJS.Timeout
  /** Since when the WAL has pages that were not moved. */
  private since = Number.POSITIVE_INFINITY
  private blockedUntil = 0

  constructor(private readonly connection: Connection) {
    this.idle = setTimeout(() => this.truncate(), IDLE_MS)
    this.idle.unref()
  }

  /**
   * To be called after a commit, when those who waited for it have their answer and nobody else waits.
   *
   * Where a reader keeps the WAL from being begun anew, it goes on growing, and this tries again and again.
   */
  look(): void {
    this.idle.refresh()
    const { pages, moved } = this.checkpoint('NOOP')
    if (moved === pages) return
    const now = performance.now()
    this.since = Math.min(this.since, now)
    if (now < this.blockedUntil || (pages < CHECKPOINT_PAGES && now - this.since < MAX_AGE_MS)) return
    const after = this.checkpoint('PASSIVE')
    if (after.moved < after.pages) this.blockedUntil = now + BLOCKED_MS
  }

  /** Moves everything into the file. @returns whether that succeeded */
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
    if (this.checkpoint('TRUNCATE').pages > 0) this.idle.refresh() // somebody was reading
  }

  private checkpoint(mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE'): { pages: number; moved: number } {
    if (mode !== 'NOOP') this.since = Number.POSITIVE_INFINITY
    try {
      const [, pages = 0, moved = 0] = this.connection.row(`PRAGMA wal_checkpoint(${mode})`) as number[]
      return { pages, moved }
    } catch {
      // Nothing is lost: what is in the WAL stays there. Whoever writes next meets the same fault, and is told.
      return { pages: 0, moved: 0 }
    }
  }
}
