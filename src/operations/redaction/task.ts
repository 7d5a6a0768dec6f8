// The progress of masking. It is stored in the database, so that masking continues there after a kill.

import { defineQuery, defineWrite } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { overwriteDeleted } from '../../storage/sqlite/sqlite-connection'
import { endTask, findTask, putTask } from '../../storage/tasks'

const NAME = 'redact'

/** Rows of `part` with ids up to `after` are done. Rows beyond `until` were stored masked. */
export interface Progress {
  part: string
  after: number
  until: number
  /** The number of masked rows so far, by part. */
  masked: Record<string, number>
}

/** The progress of an interrupted run; undefined if there is none. */
export const findProgress = defineQuery('findRedactionProgress', (connection) =>
  findTask<Progress>(connection, NAME),
)

export async function storeProgress(connection: Connection, progress: Progress): Promise<void> {
  await putTask(connection, NAME, progress)
}

export const saveProgress = defineWrite('saveRedactionProgress', storeProgress)

export const endRedaction = defineWrite('endRedaction', (connection) => endTask(connection, NAME))

/** Makes SQLite overwrite in the file what this connection deletes or replaces from now on. */
export const wipeDeleted = defineWrite('wipeDeleted', async (connection) => {
  overwriteDeleted(connection)
})
