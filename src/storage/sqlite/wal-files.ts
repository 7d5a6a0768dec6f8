// The WAL and the index of it, which SQLite opens with the database and goes on with when their names are gone. Then what
// is committed ends with the process, and another process makes files of its own, which damages the database.

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Connection } from '../query'

/** Within so many milliseconds two changes of a folder may have the same time: some systems have no finer clock. */
const SAME_TIME_MS = 100

export class WalFiles {
  private readonly walPath: string
  private readonly indexPath: string
  private readonly folder: string
  private readonly walInode: number | undefined
  private readonly indexInode: number | undefined
  /** When names in the folder had changed last, when both files had theirs. */
  private changedMs: number | undefined

  /** To be made when the connection is new: what has the names now is what it opened. */
  constructor(connection: Connection) {
    connection.row('PRAGMA user_version') // opens them, if nothing has so far
    const path = String(connection.row('PRAGMA database_list')[2]) // where links lead to
    this.folder = dirname(path)
    this.walPath = `${path}-wal`
    this.indexPath = `${path}-shm`
    this.walInode = inodeOf(this.walPath)
    this.indexInode = inodeOf(this.indexPath)
  }

  /**
   * The one whose name is gone or belongs to another file; undefined: both have theirs. Takes a microsecond.
   *
   * The folder is asked first, and not for that: after every stat() of a file its next write takes a new time for it,
   * which makes a commit take 50 microseconds longer on ext4.
   */
  get lost(): string | undefined {
    try {
      return this.findLost()
    } catch {
      return undefined // the folder cannot be read: of the names in it nothing is known
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

/** Whether another file, or none, has the name. */
function hasMoved(path: string, inode: number | undefined): boolean {
  const now = inodeOf(path)
  return now === undefined || now !== inode
}
