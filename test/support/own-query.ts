// Reads that only a test makes.

import type { NamedQuery } from '../../src/storage/database'
import { type SqliteConnection, sqliteOf } from '../../src/storage/sqlite/sqlite-connection'

/** For database.read(), which takes queries with names. */
export function ownQuery<R>(run: (connection: SqliteConnection) => Promise<R>): NamedQuery<unknown, R> {
  return { name: 'of a test', run: (connection) => run(sqliteOf(connection)) }
}
