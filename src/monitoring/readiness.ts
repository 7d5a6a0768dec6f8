// Whether the server can do its work at this moment, and in a sentence why not.

import type { Context } from '../context'
import type { Room } from '../http/room'
import type { Database } from '../storage/database'
import { migrations } from '../storage/migrations'

/** Longer than another process may hold the database, after which a change is answered, one way or the other. */
const MAX_WAIT_SECONDS = 30

/**
 * What keeps the server from its work; none: it is ready.
 *
 * @param maxWaitSeconds  what a change may wait at most.
 */
export function obstaclesOf(
  { database, room }: Pick<Context, 'database' | 'room'>,
  maxWaitSeconds = MAX_WAIT_SECONDS,
): string[] {
  const obstacles = [
    obstacleOfWriter(database, maxWaitSeconds),
    obstacleOfDisk(room),
    obstacleOfDatabase(database),
  ]
  return obstacles.filter((obstacle) => obstacle !== undefined)
}

function obstacleOfWriter(
  { lossOfWriter, waitingWrites }: Database,
  maxWaitSeconds: number,
): string | undefined {
  if (lossOfWriter) return `The writer has ended (${lossOfWriter.message}): start the server again.`
  if (waitingWrites.seconds < maxWaitSeconds) return undefined
  return `A change has been waiting for ${Math.round(waitingWrites.seconds)} s: look at the disk.`
}

function obstacleOfDisk(room: Room): string | undefined {
  try {
    return room.shortage()
  } catch (error) {
    return `The disk does not answer (${(error as Error).message}).`
  }
}

function obstacleOfDatabase(database: Database): string | undefined {
  try {
    return database.read((connection) => {
      if (connection.isMoved()) {
        return 'The database file was removed or replaced: put it back, then start the server again.'
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
