// Copies the database before an upgrade, so that a user can go back to the previous version of the program.

import { Database as Sqlite } from 'bun:sqlite'
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isDiskFull } from '../disk-full-errors'

/** The snapshot failed, and so does the upgrade. The message is a sentence for the user. */
export class NoSnapshot extends Error {}

/** @param version  the schema version after the upgrade. */
export function snapshotPath(path: string, version: number): string {
  return `${path}.before-${version}`
}

/**
 * Copies the last committed state of the database, and removes older snapshots. The caller holds the write lock, so
 * that there is no commit meanwhile. When this returns, the copy is on disk.
 *
 * @throws NoSnapshot; then no file is left.
 */
export function takeSnapshot(path: string, version: number): void {
  const target = snapshotPath(path, version)
  const part = `${target}.part`
  const sqlite = new Sqlite(path, { readwrite: true })
  try {
    rmSync(part, { force: true }) // left by an interrupted upgrade
    closeSync(openSync(part, 'wx', 0o600)) // the copy has password hashes; SQLite keeps the mode of an empty file
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
