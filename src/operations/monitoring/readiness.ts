// Checks whether the server can do its work now. If not, sentences say why.

import type { ServerParts } from '../../http/services'
import { type Database, defineWrite } from '../../storage/database'
import type { DiskSpaceGuard } from '../../storage/disk-space-guard'
import { DatabaseGone, WalGone } from '../../storage/errors'
import { migrations } from '../../storage/sqlite/migrations'

/** How long a write may wait, in milliseconds. /ready/ answers within that time. */
const MAX_WAIT_MS = 3000
/** A write is tried this long after the last commit, or after a failed commit, in milliseconds. */
const TRY_EVERY_MS = 5000
const TRY_AGAIN_MS = 1000

/** Changes nothing, but its commit is synced to disk as every commit is. */
export const tryWrite = defineWrite('tryWrite', async () => undefined)

export class Readiness {
  /** The running test write. */
  private attempt: Promise<void> | undefined

  /** @param maxWaitMs  how long a write may wait. */
  constructor(
    private readonly services: Pick<ServerParts, 'database' | 'diskSpace'>,
    private readonly maxWaitMs = MAX_WAIT_MS,
  ) {}

  /** The reasons why the server cannot work; empty when it is ready. */
  async obstacles(): Promise<string[]> {
    const { database, diskSpace } = this.services
    const waitedMs = await this.waitForWriter()
    if (waitedMs >= this.maxWaitMs) {
      // The main thread does not touch the disk then: it might block as long, and with it every request.
      return [`A change has been waiting for ${Math.round(waitedMs / 1000)} s: look at the disk.`]
    }
    const obstacles = [
      obstacleOfWriter(database),
      obstacleOfDisk(diskSpace),
      await obstacleOfDatabase(database),
    ]
    return obstacles.filter((obstacle) => obstacle !== undefined)
  }

  /** Tries a write if the last commit is too old to prove anything. @returns how long the oldest write has waited. */
  private async waitForWriter(): Promise<number> {
    const { database } = this.services
    const { endedAt, failure } = database.lastCommit
    const isDue = performance.now() - endedAt >= (failure ? TRY_AGAIN_MS : TRY_EVERY_MS)
    if (isDue && !database.lossOfWriter && this.waitedMs < this.maxWaitMs) {
      this.attempt ??= this.try()
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, this.maxWaitMs - this.waitedMs + 2) // timers may fire a millisecond early
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
      // lastCommit has the failure
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
  // obstacleOfDatabase() reports a lost file, and knows whether it is back.
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

async function obstacleOfDatabase(database: Database): Promise<string | undefined> {
  try {
    // This reads the file, which proves that the disk answers.
    const version = await database.readSchemaVersion()
    if (database.isMoved) {
      return 'The database file was removed or replaced: put it back; to use another one, stop the server first.'
    }
    const { lostFile } = database
    if (lostFile) return `${lostFile} was removed or replaced: start the server again.`
    return version === migrations.length
      ? undefined
      : `The database has schema ${version}, and this server needs ${migrations.length}: start it again.`
  } catch (error) {
    return `The database does not answer (${(error as Error).message}): run avocado-server check.`
  }
}
