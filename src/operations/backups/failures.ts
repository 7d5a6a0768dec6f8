// The failures of making and restoring a backup, each with a sentence for the user.

import { isDiskFull } from '../../storage/disk-full-errors'
import { isEngineError } from '../../storage/engine-errors'

export class BackupFailed extends Error {}

/** Turns an error of the system or of SQLite into a sentence about `path`. Returns any other error as it is. */
export function sentenceAbout(path: string, error: unknown): unknown {
  if (isDiskFull(error)) return noRoomFor(path)
  const { code, message } = error as { code?: string; message: string }
  const known = isEngineError(error) || code === 'ERR_SQLITE_ERROR' || /^E[A-Z]+$/.test(code ?? '')
  return known ? new BackupFailed(`${path} cannot be made: ${message}. Nothing was left of it.`) : error
}

export function noRoomFor(path: string): BackupFailed {
  return new BackupFailed(
    `There is no room for ${path}: make room there, or choose another place. Nothing was left of it.`,
  )
}
