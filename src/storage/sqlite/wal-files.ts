// The WAL and its index. SQLite keeps both open with the database and goes on using them after somebody has removed or
// replaced them. Then all commits are lost with the process, and another process makes new files, which damages the
// database.

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteConnection } from './sqlite-connection'

/** Two changes of a folder within this time may have the same timestamp: some systems have no finer clock. */
const SAME_TIME_MS = 100

export class WalFiles {
  private readonly walPath: string
  private readonly indexPath: string
  private readonly folder: string
  private readonly walInode: number | undefined
  private readonly indexInode: number | undefined
  /** When the folder had last changed, at a moment when both files were in place. */
  private changedMs: number | undefined

  /** To be called when the connection is new, while the names still belong to the files that it opened. */
  constructor(connection: SqliteConnection) {
    connection.row('PRAGMA user_version') // opens both files, if nothing has so far
    const path = String(connection.row('PRAGMA database_list')[2]) // where links lead to
    this.folder = dirname(path)
    this.walPath = `${path}-wal`
    this.indexPath = `${path}-shm`
    this.walInode = inodeOf(this.walPath)
    this.indexInode = inodeOf(this.indexPath)
  }

  /**
   * The path of the file that was removed or replaced; undefined: both are in place. Takes a microsecond.
   *
   * Looks at the folder first, because a stat() of the WAL makes the next commit take 50 microseconds longer on ext4: the
   * next write gives the file a new timestamp.
   */
  get lost(): string | undefined {
    try {
      return this.findLost()
    } catch {
      return undefined // the folder cannot be read, so nothing is known
    }
  }

  private findLost(): string | undefined {
    const changedMs = statSync(this.folder, { throwIfNoEntry: false })?.mtimeMs
    if (changedMs !== undefined && changedMs === this.changedMs) return undefined
    if (hasMoved(this.walPath, this.walInode)) return this.walPath
    if (hasMoved(this.indexPath, this.indexInode)) return this.indexPath
    const isSettled = changedMs !== undefined && Math.abs(Date.now() - changedMs) > SAME_TIME_MS
    this.changedMs = isSettled ? changedMs : undefined
    return undefined
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/** Whether the path belongs to another file, or to none. */
function hasMoved(path: string, inode: number | undefined): boolean {
  const now = inodeOf(path)
  return now === undefined || now !== inode
}
