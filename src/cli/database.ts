// How the commands get at the database.

import { existsSync } from 'node:fs'
import { Database } from '../storage/database'
import { inspectDatabase } from '../storage/sqlite/connection'
import { refuseIfInUse } from '../storage/sqlite/in-use'
import { migrations } from '../storage/sqlite/migrations'
import { snapshotPath } from '../storage/sqlite/snapshot'
import type { Settings } from './settings'
import { Failure } from './terminal'

/**
 * Opens the database, made or upgraded first.
 *
 * @returns with it the steps of the upgrade, and a sentence about the snapshot that was kept before, if one was.
 * @throws DatabaseUnusable, with the file untouched
 */
export function openDatabase(
  { database: path }: Settings,
  options: Parameters<typeof Database.open>[1] = {},
): { database: Database; migrated: string[]; notes: string[] } {
  const version = inspectDatabase(path)
  const upgrading = version > 0 && version < migrations.length
  if (upgrading) refuseIfInUse(path) // a server of the version before would go on with tables that it does not know
  const opened = Database.open(path, options)
  const snapshot = snapshotPath(path, migrations.length)
  const notes =
    upgrading && existsSync(snapshot)
      ? [`The database as it was before the upgrade is kept in ${snapshot}.`]
      : []
  return { ...opened, notes }
}

/** Makes sure that the database is there and up to date. @throws Failure, DatabaseUnusable */
export function requireDatabase(path: string): void {
  const version = inspectDatabase(path)
  if (existsSync(path) && version === migrations.length) return
  throw new Failure(
    `${path} ${version === 0 ? 'is no database yet' : 'is of an older version'}: run syncdb first.`,
  )
}

/** Runs `work` on a database that must be there and up to date: a mistyped path makes no new one. */
export async function withDatabase<T>(
  { database: path }: Settings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  requireDatabase(path)
  const { database } = Database.open(path)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
