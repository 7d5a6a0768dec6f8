// Upgrades the schema of a database: runs the migrations that it has not had.

import type { Database as Sqlite } from 'bun:sqlite'
import { DatabaseUnusable } from '../../errors'
import { firstValue, pragma } from '../pragma'
import { NoSnapshot, takeSnapshot } from '../snapshot'
import type { SqliteConnection } from '../sqlite-connection'
import { migrations } from '.'

/** "AVOC" in the file's header, which marks a database of this server. */
export const APPLICATION_ID = 0x41564f43

/**
 * Upgrades the schema in one transaction, so that a crash leaves either the old schema or the new one. If the database
 * has data, it is copied first: see snapshot.ts.
 *
 * @returns the names of the steps that were run; none when the schema was up to date.
 * @throws DatabaseUnusable when there is no room for the snapshot.
 */
export function migrate({ database }: SqliteConnection): string[] {
  // Otherwise a step that replaces a table would delete the rows that refer to the old table. SQLite ignores this
  // PRAGMA inside a transaction.
  database.run('PRAGMA foreign_keys = OFF')
  database.run('BEGIN IMMEDIATE')
  try {
    const version = pragma(database, 'user_version')
    const pending = migrations.slice(version)
    if (version > 0 && pending.length > 0 && hasData(database)) {
      takeSnapshot(database.filename, migrations.length)
    }
    for (const migration of pending) migration.up(database)
    if (pending.length > 0) {
      database.run(`PRAGMA user_version = ${migrations.length}`)
      database.run(`PRAGMA application_id = ${APPLICATION_ID}`)
    }
    database.run('COMMIT')
    // Empties the WAL: a user may put the snapshot in place of the file, and SQLite replays any WAL with the right
    // name.
    if (pending.length > 0) database.run('PRAGMA wal_checkpoint(TRUNCATE)')
    return pending.map(({ name }) => name)
  } catch (error) {
    if (database.inTransaction) database.run('ROLLBACK')
    throw error instanceof NoSnapshot ? new DatabaseUnusable(error.message) : error
  } finally {
    database.run('PRAGMA foreign_keys = ON')
  }
}

/** Whether the database has had a commit. Every commit increases the number. */
function hasData(sqlite: Sqlite): boolean {
  return firstValue(sqlite, 'SELECT number FROM change') > 0
}
