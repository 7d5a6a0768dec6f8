// Ensures that only one server uses a database. The server locks a file beside the database. The system releases the
// lock however the process ends.

import { Database as Sqlite } from 'bun:sqlite'
import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseUnusable } from '../errors'
import { inUseMessage, isBusy } from './in-use'

/** When two servers start at the same moment, one waits this long for the other to give up. */
const BUSY_TIMEOUT_MS = 500

/**
 * Locks the database for this process until the lock is disposed of: `using lock = lockDatabase(path)`.
 *
 * @throws DatabaseUnusable when another server has locked it.
 */
export function lockDatabase(path: string): Disposable {
  const lock = `${path}-lock`
  for (;;) {
    closeSync(openSync(lock, 'a', 0o600)) // a user who could read it could lock the server out
    const before = inodeOf(lock)
    const sqlite = new Sqlite(lock, { create: true, readwrite: true })
    try {
      sqlite.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
      sqlite.run('PRAGMA journal_mode = MEMORY') // avoids a journal file; Bun's SQLite does not support OFF
      sqlite.run('BEGIN EXCLUSIVE') // nothing is written, so the file stays empty
    } catch (error) {
      sqlite.close(true)
      if (!isBusy(error)) throw error
      throw new DatabaseUnusable(inUseMessage(path))
    }
    // The previous server may have removed this file in the meantime. A lock on a removed file does not count.
    if (before !== undefined && inodeOf(lock) === before) {
      return {
        [Symbol.dispose]() {
          try {
            rmSync(lock, { force: true })
          } catch {
            // The disk has become read-only. The file stays, but its lock ends with the process.
          }
          sqlite.close(true)
        },
      }
    }
    sqlite.close(true)
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}
