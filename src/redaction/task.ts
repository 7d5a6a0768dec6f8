// How far masking has come: kept in the database, so that it goes on from there after a kill.

import { defineWrite } from '../storage/database'
import { type Connection, composed, tables } from '../storage/query'

const NAME = 'redact'

/** Where it is: the rows of a part up to `after` are done, those beyond `until` came masked. */
export interface Progress {
  part: string
  after: number
  until: number
  /** What was masked so far, by part. */
  masked: Record<string, number>
}

const find = composed('findTask')(() => tables.selectFrom('task').select('state').where('name', '=', NAME))
const store = composed<{ state: string }>('storeTask')((param) =>
  tables
    .insertInto('task')
    .values({ name: NAME, state: param('state') })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ state: param('state') })),
)
const remove = composed('removeTask')(() => tables.deleteFrom('task').where('name', '=', NAME))

/** Of one that was interrupted. */
export function findProgress(connection: Connection): Progress | undefined {
  const row = connection.first(find, {})
  return row && (JSON.parse(row.state) as Progress)
}

export function storeProgress(connection: Connection, progress: Progress): void {
  connection.run(store, { state: JSON.stringify(progress) })
}

export const noteProgress = defineWrite('noteRedaction', storeProgress)

export const endTask = defineWrite('endRedaction', (connection) => {
  connection.run(remove, {})
})

/** From now on, what this connection deletes or replaces is overwritten in the file, too. */
export const wipeDeleted = defineWrite('wipeDeleted', (connection) => {
  connection.row('PRAGMA secure_delete = ON')
})
