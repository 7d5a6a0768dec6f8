// Recognizes the errors of a full disk.

import { isDiskFullInEngine, isEngineError } from './engine-errors'

/** Error codes of the operating system: no space left, or the user's quota is used up. */
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT'])
const NODE_SQLITE_FULL = 13

/** @param error  of the operating system, of the engine or of node:sqlite. */
export function isDiskFull(error: unknown): boolean {
  if (isEngineError(error)) return isDiskFullInEngine(error)
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return (typeof code === 'string' && NO_SPACE.has(code)) || errcode === NODE_SQLITE_FULL
}
