// Whether the server can do its work now. If not, a sentence says why.

import type { ServerParts } from '../../http/services'
import { type Database, defineWrite } from '../../storage/database'
import type { DiskSpaceGuard } from '../../storage/disk-space-guard'
import { DatabaseGone, WalGone } from '../../storage/errors'
import { migrations } from '../../storage/sqlite/migrations'

/** How long a change may wait, in milliseconds. /ready/ answers by then. */
const PATIENCE_MS = 3000
/** A write is tried so long after the last commit, or after a failed one, in milliseconds. */
const TRY_EVERY_MS = 5000
const TRY_AGAIN_MS = 1000

/** Changes nothing. Its commit goes to the disk, as every commit does. */
export const tryWrite = defineWrite('tryWrite', () => undefined)

export class Readiness {
  /** The write that is being tried. */
  private attempt: Promise<void> | undefined

  /** @param patienceMs  how long a change may wait. */
  constructor(
    private readonly services: Pick<ServerParts, 'database' | 'diskSpace'>,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** The reasons why the server cannot work. None: it is ready. */
  async obstacles(): Promise<string[]> {
    const { database, diskSpace } = this.services
    const waitedMs = await this.waitForWriter()
    if (waitedMs >= this.patienceMs) {
      // This thread does not ask the disk, or it might wait as long, and every request with it.
      return [`A change has been waiting for ${Math.round(waitedMs / 1000)} s: look at the disk.`]
    }
    const obstacles = [obstacleOfWriter(database), obstacleOfDisk(diskSpace), obstacleOfDatabase(database)]
    return obstacles.filter((obstacle) => obstacle !== undefined)
  }

  /** Tries a write, if the last commit is too old to tell. @returns how long the oldest write has been waiting */
  private async waitForWriter(): Promise<number> {
    const { database } = this.services
    const { endedAt, failure } = database.lastCommit
    const isDue = performance.now() - endedAt >= (failure ? TRY_AGAIN_MS : TRY_EVERY_MS)
    if (isDue && !database.lossOfWriter && this.waitedMs < this.patienceMs) {
      this.attempt ??= this.try()
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, this.patienceMs - this.waitedMs + 2) // it may come a millisecond early
      timer.unref() // it does not keep a server from stopping
      await Promise.race([this.attempt, late.promise])
      clearTimeout(timer)
    }
    return this.waitedMs
  }

  private async try(): Promise<void> {
    try {
      await this.services.database.write(tryWrite, null)
    } catch {
      // lastCommit tells
    } finally {
      this.attempt = undefined
    }
  }

  private get waitedMs(): number {
    return this.services.database.waitingWrites.seconds * 1000
  }
}

function obstacleOfWriter({ lossOfWriter, lastCommit: { failure } }: Database): string | undefined {
  if (lossOfWriter) return `The writer has ended (${lossOfWriter.message}): start the server again.`
  // Of a lost file obstacleOfDatabase() tells, and whether it is back.
  if (!failure || failure instanceof DatabaseGone || failure instanceof WalGone) return undefined
  const { code = '', message } = failure as Error & { code?: string }
  return `The last write failed (${[code, message].filter(Boolean).join(': ')}): look at the disk.`
}

function obstacleOfDisk(diskSpace: DiskSpaceGuard): string | undefined {
  try {
    return diskSpace.shortage()
  } catch (error) {
    return `The disk does not answer (${(error as Error).message}).`
  }
}

function obstacleOfDatabase(database: Database): string | undefined {
  try {
    return database.read((connection) => {
      if (connection.isMoved()) {
        return 'The database file was removed or replaced: put it back; to use another one, stop the server first.'
      }
      const { lostFile } = database
      if (lostFile) return `${lostFile} was removed or replaced: start the server again.`
      const [version] = connection.row('PRAGMA user_version')
      // Read from the file, and so it answers.
      return version === migrations.length
        ? undefined
        : `The database has schema ${version}, and this server needs ${migrations.length}: start it again.`
    })
  } catch (error) {
    return `The database does not answer (${(error as Error).message}): run avocado-server check.`
  }
}
