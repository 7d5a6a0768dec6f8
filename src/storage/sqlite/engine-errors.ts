// Recognizes SQLite's errors.

import { SQLiteError } from 'bun:sqlite'

/** SQLite's own code, and the two ways in which it cannot grow its index of the WAL. */
const NO_SPACE = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_SHMOPEN'])

/** An error of SQLite, whatever it is about. Its `code` says more. */
export function isEngineError(error: unknown): error is Error & { code?: string } {
  return error instanceof SQLiteError
}

export function isDiskFullInEngine(error: unknown): boolean {
  return isEngineError(error) && NO_SPACE.has(error.code ?? '')
}

/** Whether another row has the values that must be unique. */
export function isUniqueViolation(error: unknown): boolean {
  return isEngineError(error) && error.code === 'SQLITE_CONSTRAINT_UNIQUE'
}
