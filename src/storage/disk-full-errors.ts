// Recognizes the errors of a full disk.

import { SQLiteError } from 'bun:sqlite'

/** Error codes of the operating system: no space left, or the user's quota is used up. */
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT'])
const NODE_SQLITE_FULL = 13
/** SQLite's own code, and the two ways in which it cannot grow its index of the WAL. */
const SQLITE_NO_SPACE = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_SHMOPEN'])

/** @param error  of the operating system, of bun:sqlite or of node:sqlite. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof SQLiteError) return SQLITE_NO_SPACE.has(error.code ?? '')
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return (typeof code === 'string' && NO_SPACE.has(code)) || errcode === NODE_SQLITE_FULL
}
