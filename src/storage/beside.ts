// The WAL and the index of it, which SQLite opens with the database and goes on with when their names are gone. Then what
// is committed ends with the process, and another process makes files of its own, which damages the database.

import { statSync } from 'node:fs'
import type { Connection } from './query'

export class FilesBeside {
  private readonly wal: OpenedFile
  private readonly index: OpenedFile

  /** To be made when the connection is new: what has the names now is what it opened. */
  constructor(connection: Connection) {
    connection.row('PRAGMA user_version') // opens them, if nothing has so far
    const [, , path] = connection.row('PRAGMA database_list') // links are followed in it
    this.wal = new OpenedFile(`${path}-wal`)
    this.index = new OpenedFile(`${path}-shm`)
  }

  /** The one that has lost its name, if one has. Costs two microseconds. */
  get lost(): string | undefined {
    if (this.wal.isMoved) return this.wal.path
    return this.index.isMoved ? this.index.path : undefined
  }

  get walPath(): string {
    return this.wal.path
  }

  /** Whether a commit is in a file that nobody finds any more. */
  get isWalLost(): boolean {
    return this.wal.isMoved
  }
}

class OpenedFile {
  private readonly inode: number | undefined

  constructor(readonly path: string) {
    this.inode = this.inodeNow
  }

  /** Whether another file, or none, has the name. */
  get isMoved(): boolean {
    const { inodeNow } = this
    return inodeNow === undefined || inodeNow !== this.inode
  }

  private get inodeNow(): number | undefined {
    return statSync(this.path, { throwIfNoEntry: false })?.ino
  }
}
