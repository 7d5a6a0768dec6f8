// How far masking has come: kept in the database, so that it goes on from there after a kill.

import { defineWrite } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { endTask, findTask, putTask } from '../../storage/tasks'

const NAME = 'redact'

/** Where it is: the rows of a part up to `after` are done, those beyond `until` came masked. */
export interface Progress {
  part: string
  after: number
  until: number
  /** What was masked so far, by part. */
  masked: Record<string, number>
}

/** Of one that was interrupted. */
export function findProgress(connection: Connection): Progress | undefined {
  return findTask<Progress>(connection, NAME)
}

export function storeProgress(connection: Connection, progress: Progress): void {
  putTask(connection, NAME, progress)
}

export const noteProgress = defineWrite('noteRedaction', storeProgress)

export const endRedaction = defineWrite('endRedaction', (connection) => endTask(connection, NAME))

/** From now on, what this connection deletes or replaces is overwritten in the file, too. */
export const wipeDeleted = defineWrite('wipeDeleted', (connection) => {
  connection.row('PRAGMA secure_delete = ON')
})
