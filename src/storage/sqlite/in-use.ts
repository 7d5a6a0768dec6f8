// Checks whether another process has a database open, and whether its WAL files are still in place.

import { Database as Sqlite } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { DatabaseUnusable } from '../errors'
import { isEngineError } from './engine-errors'

/** How long a process may take to create both WAL files when it starts, or to remove them when it ends. */
const MAX_START_MS = 1000
/** How long to wait between two checks, in milliseconds. */
const RETRY_MS = 10
/** The error when a command needs a database for itself and another process has it open. */
export function inUseMessage(path: string): string {
  return `${path} is in use by another process: stop it first.`
}

/**
 * @param timeoutMs  how long to check again: the other process may be a command that ends soon.
 * @param isAllowed  is called before each check. If it returns true, the database may be in use.
 * @param message  makes the error's sentence.
 * @throws DatabaseUnusable when any process, a running server above all, has the database open.
 */
export function refuseIfInUse(
  path: string,
  { timeoutMs = 0, isAllowed = (): boolean => false, message = () => inUseMessage(path) } = {},
): void {
  const end = performance.now() + timeoutMs
  while (!isAllowed() && isInUse(path)) {
    if (performance.now() >= end) throw new DatabaseUnusable(message())
    Bun.sleepSync(RETRY_MS)
  }
}

function isInUse(path: string): boolean {
  const sqlite = new Sqlite(path, { readwrite: true })
  try {
    // In WAL mode every open connection keeps a shared lock, which blocks an exclusive lock.
    sqlite.run('PRAGMA locking_mode = EXCLUSIVE')
    sqlite.run('BEGIN EXCLUSIVE')
    sqlite.run('ROLLBACK')
    return false
  } catch (error) {
    if (!isBusy(error)) throw error
    return true
  } finally {
    sqlite.close(true)
  }
}

/**
 * Checks whether the WAL or its index was removed while another process uses it. To create a new one would damage the
 * database and lose commits. A process that starts or ends has no such files for a moment, so this checks for a while.
 *
 * @throws DatabaseUnusable
 */
export function refuseLostFiles(path: string): void {
  const files = [`${path}-wal`, `${path}-shm`]
  const missing = () => files.filter((file) => !existsSync(file))
  refuseIfInUse(path, {
    timeoutMs: MAX_START_MS,
    isAllowed: () => missing().length === 0,
    message: () =>
      `${missing().join(' and ')} ${missing().length > 1 ? 'were' : 'was'} removed while another process has ${path} open: stop that one, and start it again.`,
  })
}

/** Whether another process holds a lock that this one needs. */
export function isBusy(error: unknown): boolean {
  return isEngineError(error) && error.code?.startsWith('SQLITE_BUSY') === true
}
