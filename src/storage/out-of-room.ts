// How a full disk is told from other failures.

import { SQLiteError } from 'bun:sqlite'

/** As the system names it, and quotas. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT'])
const NODE_SQLITE_FULL = 13

/** @param error  of the system, of bun:sqlite or of node:sqlite. */
export function isOutOfRoom(error: unknown): boolean {
  if (error instanceof SQLiteError) return error.code === 'SQLITE_FULL'
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return (typeof code === 'string' && NO_ROOM.has(code)) || errcode === NODE_SQLITE_FULL
}
