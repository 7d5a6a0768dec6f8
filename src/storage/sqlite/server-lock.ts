// One server at a time has a database. Its claim is a lock on a file beside the database that the system gives back
// however the process ends.

import { Database as Sqlite } from 'bun:sqlite'
import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseUnusable } from '../errors'
import { isBusy, sentenceOfUse } from './in-use'

/** Of two that begin at the same moment, SQLite makes one wait for the other to give up. */
const BUSY_TIMEOUT_MS = 500

/**
 * Claims the database for this process until it is disposed of: `using claim = claimDatabase(path)`.
 *
 * @throws DatabaseUnusable when another server has it.
 */
export function claimDatabase(path: string): Disposable {
  const lock = `${path}-lock`
  for (;;) {
    closeSync(openSync(lock, 'a', 0o600)) // or anybody who may read it could keep the server out
    const before = inodeOf(lock)
    const sqlite = new Sqlite(lock, { create: true, readwrite: true })
    try {
      sqlite.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
      sqlite.run('PRAGMA journal_mode = MEMORY') // else there is a file of that, too; Bun's SQLite knows no OFF
      sqlite.run('BEGIN EXCLUSIVE') // of a database with nothing in it: the file stays empty
    } catch (error) {
      sqlite.close(true)
      if (!isBusy(error)) throw error
      throw new DatabaseUnusable(sentenceOfUse(path))
    }
    // Who had it removes the file: a lock on one that is gone keeps nobody out.
    if (before !== undefined && inodeOf(lock) === before) {
      return {
        [Symbol.dispose]() {
          try {
            rmSync(lock, { force: true })
          } catch {
            // The disk has become read-only: the file stays, and its lock goes with the process.
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
