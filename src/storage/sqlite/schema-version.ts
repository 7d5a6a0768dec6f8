// The schema version of the file: how many migrations it has had.

import { defineQuery } from '../named-operations'
import { type SqliteConnection, sqliteOf } from './sqlite-connection'

/** Reads the file. */
export function schemaVersionOf(connection: SqliteConnection): number {
  return Number(connection.row('PRAGMA user_version')[0])
}

export const schemaVersion = defineQuery('schemaVersion', async (connection) =>
  schemaVersionOf(sqliteOf(connection)),
)
