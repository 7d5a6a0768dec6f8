// The database as it was before an upgrade, kept beside it: the way back to the program before.

import { Database as Sqlite } from 'bun:sqlite'
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isDiskFull } from '../disk-full'

/** Why there is no snapshot, in a sentence: no upgrade without one. */
export class NoSnapshot extends Error {}

/** @param version  of the schema that the upgrade leads to. */
export function snapshotPath(path: string, version: number): string {
  return `${path}.before-${version}`
}

/**
 * Copies the last committed state of the database, and removes older snapshots. The caller holds the lock for
 * writing, so that nothing is committed behind it. When this returns, the copy is on disk.
 *
 * @throws NoSnapshot, with nothing left behind.
 */
export function keepSnapshot(path: string, version: number): void {
  const target = snapshotPath(path, version)
  const part = `${target}.part`
  const sqlite = new Sqlite(path, { readwrite: true })
  try {
    rmSync(part, { force: true }) // of an upgrade that was cut short
    closeSync(openSync(part, 'wx', 0o600)) // it holds password hashes; SQLite takes an empty file as it is
    sqlite.run('VACUUM INTO ?', [part])
    syncToDisk(part)
  } catch (error) {
    rmSync(part, { force: true })
    if (!isDiskFull(error)) throw error
    throw new NoSnapshot(
      `There is no room for ${target}, the copy that is kept before an upgrade: make room there. ${path} was left as it is.`,
    )
  } finally {
    sqlite.close(true)
  }
  renameSync(part, target)
  const folder = dirname(resolve(path))
  for (const name of readdirSync(folder)) {
    const ofVersion = name.startsWith(`${basename(path)}.before-`) && /\.before-\d+$/.test(name)
    if (ofVersion && name !== basename(target)) rmSync(join(folder, name))
  }
  syncToDisk(folder)
}

function syncToDisk(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
