// How the commands get at the database.

import { existsSync } from 'node:fs'
import type { Settings } from '../config'
import { Database } from '../storage/database'
import { migrations } from '../storage/migrations'
import { inspectDatabase } from '../storage/sqlite'
import { Failure } from './terminal'

/** Opens the database, made or upgraded first. @throws DatabaseUnusable, with the file untouched */
export function openDatabase(
  { database: path }: Settings,
  options: Parameters<typeof Database.open>[1] = {},
): ReturnType<typeof Database.open> {
  inspectDatabase(path)
  return Database.open(path, options)
}

/** Runs `work` on a database that must be there and up to date: a mistyped path makes no new one. */
export async function withDatabase<T>(
  { database: path }: Settings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const version = inspectDatabase(path)
  if (!existsSync(path) || version < migrations.length) {
    throw new Failure(
      `${path} ${version === 0 ? 'is no database yet' : 'is of an older version'}: run syncdb first.`,
    )
  }
  const { database } = Database.open(path)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
