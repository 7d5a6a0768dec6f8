// Who has a database open, and whether what lies beside it is still that of whoever has.

import { SQLiteError, Database as Sqlite } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { DatabaseUnusable } from '../errors'

/** What a process that begins or ends may take to make, or to remove, both files beside the database, in milliseconds. */
const BEGIN_MS = 1000
/** How long between two looks at who has the database open, in milliseconds. */
const LOOK_EVERY_MS = 10
/** For whoever wants a database for itself that another process has. */
export function sentenceOfUse(path: string): string {
  return `${path} is in use by another process: stop it first.`
}

/**
 * @param patienceMs  for how long it is looked again: a command is done sooner.
 * @param isFine  asked first: with this it may be in use.
 * @param sentence  for when it is.
 * @throws DatabaseUnusable when any process, a running server above all, has the database open.
 */
export function refuseIfInUse(
  path: string,
  { patienceMs = 0, isFine = (): boolean => false, sentence = () => sentenceOfUse(path) } = {},
): void {
  const end = performance.now() + patienceMs
  while (!isFine() && isInUse(path)) {
    if (performance.now() >= end) throw new DatabaseUnusable(sentence())
    Bun.sleepSync(LOOK_EVERY_MS)
  }
}

function isInUse(path: string): boolean {
  const sqlite = new Sqlite(path, { readwrite: true })
  try {
    // In WAL mode every open connection keeps a shared lock that an exclusive one has to wait for.
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
 * Looks whether the WAL or the index of it was removed under a process that goes on with it, or both: to make a new one
 * would damage the database, and what is in it would be lost. Whoever begins or ends is without them for a moment.
 *
 * @throws DatabaseUnusable
 */
export function refuseLostFiles(path: string): void {
  const files = [`${path}-wal`, `${path}-shm`]
  const missing = () => files.filter((file) => !existsSync(file))
  refuseIfInUse(path, {
    patienceMs: BEGIN_MS,
    isFine: () => missing().length === 0,
    sentence: () =>
      `${missing().join(' and ')} ${missing().length > 1 ? 'were' : 'was'} removed while another process has ${path} open: stop that one, and start it again.`,
  })
}

/** Whether another process holds a lock that this one needs. */
export function isBusy(error: unknown): boolean {
  return error instanceof SQLiteError && error.code?.startsWith('SQLITE_BUSY') === true
}
