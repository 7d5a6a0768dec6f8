// Opens the database for commands.

import { existsSync } from 'node:fs'
import { Database } from '../storage/database'
import { inspectDatabase } from '../storage/sqlite/connection'
import { refuseIfInUse } from '../storage/sqlite/in-use'
import { migrations } from '../storage/sqlite/migrations'
import { snapshotPath } from '../storage/sqlite/snapshot'
import type { Settings } from './settings'
import { Failure, say } from './terminal'
import { foretellUpgrade } from './upgrade'

/**
 * Opens the database; creates or upgrades it first.
 *
 * @param tell  is told what an upgrade takes, before it begins.
 * @returns `migrated`: the steps of the upgrade; `notes`: a sentence on the snapshot from before the upgrade, if any.
 * @throws DatabaseUnusable, with the file untouched
 */
export function openDatabase(
  { database: path }: Settings,
  options: Parameters<typeof Database.open>[1] = {},
  tell: (sentence: string) => void = say,
): { database: Database; migrated: string[]; notes: string[] } {
  const version = inspectDatabase(path)
  const upgrading = version > 0 && version < migrations.length
  if (upgrading) {
    refuseIfInUse(path) // a running server of the older version does not know the new tables
    const foretold = foretellUpgrade(path)
    if (foretold !== undefined) tell(foretold)
  }
  const opened = Database.open(path, options)
  const snapshot = snapshotPath(path, migrations.length)
  const notes =
    upgrading && existsSync(snapshot)
      ? [`The database as it was before the upgrade is kept in ${snapshot}.`]
      : []
  return { ...opened, notes }
}

/** Checks that the database exists and is up to date. @throws Failure, DatabaseUnusable */
export function requireDatabase(path: string): void {
  const version = inspectDatabase(path)
  if (existsSync(path) && version === migrations.length) return
  throw new Failure(
    `${path} ${version === 0 ? 'is no database yet' : 'is of an older version'}: run syncdb first.`,
  )
}

/** Runs `work` on a database that must exist and be up to date, so that a mistyped path does not create a new one. */
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
