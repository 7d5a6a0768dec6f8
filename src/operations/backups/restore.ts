// Puts a backup in the place of a database: it is unpacked beside it and verified, and only then takes its name, in one
// step. Killed at any moment, either the database of before or the whole backup is there.

import { existsSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { link, mkdir, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { inspectDatabase, inspectPath, openConnection } from '../../storage/sqlite/connection'
import { refuseIfInUse } from '../../storage/sqlite/in-use'
import { findDamage } from '../../storage/sqlite/integrity'
import { migrations } from '../../storage/sqlite/migrations'
import { lockDatabase } from '../../storage/sqlite/server-lock'
import type { Description } from './archive'
import { BackupFailed, sentenceAbout } from './failures'
import { faultsOfFiles, faultsOfRows } from './faults'
import { syncFolder } from './part-file'
import { unpackBackup } from './unpack'

export interface Restored {
  description: Description
  /** The name that the database of before has now; undefined when there was none. */
  kept: string | undefined
}

/**
 * @param path  of the database.
 * @param accepting  restores also what has faults but can be read.
 * @throws BackupFailed, DatabaseUnusable: the database of before is as it was
 */
export async function restoreBackup(
  backup: string,
  path: string,
  { accepting = false } = {},
): Promise<Restored> {
  inspectPath(path)
  const staging = `${path}.restoring`
  try {
    using _lock = lockDatabase(path) // no server has it, or takes it meanwhile
    if (holdsAnything(path)) refuseOthers(path)
    const description = await unpackVerified(backup, staging, accepting)
    if (holdsAnything(path)) refuseOthers(path) // a command that was started meanwhile
    const kept = holdsAnything(path) ? await keep(path) : undefined
    await takePlace(staging, path)
    return { description, kept }
  } catch (error) {
    throw sentenceAbout(path, error)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/**
 * Finds out whether a backup can be restored, by all but doing it, in a folder beside it.
 *
 * @throws BackupFailed, DatabaseUnusable when it cannot
 */
export async function checkBackup(backup: string): Promise<Description> {
  const staging = `${backup}.checking`
  try {
    return await unpackVerified(backup, staging, false)
  } catch (error) {
    throw sentenceAbout(staging, error)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

async function unpackVerified(backup: string, staging: string, accepting: boolean): Promise<Description> {
  rmSync(staging, { recursive: true, force: true }) // of an attempt that was cut short
  await mkdir(staging, { mode: 0o700 })
  const { isExact, ...description } = await unpackBackup(backup, staging)
  await verify(backup, staging, { ...description, isExact }, accepting)
  return description
}

function holdsAnything(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
}

function refuseOthers(path: string): void {
  try {
    refuseIfInUse(path)
  } catch (error) {
    // A database that is too damaged to be asked is one that is restored for that.
    if (!/^SQLITE_(NOTADB|CORRUPT)/.test(String((error as { code?: string }).code))) throw error
  }
}

async function verify(
  backup: string,
  staging: string,
  { schema, with_files, isExact }: Description & { isExact: boolean },
  accepting: boolean,
): Promise<void> {
  const path = join(staging, 'database')
  inspectDatabase(path)
  const connection = openConnection(path)
  try {
    const damage = findDamage(connection)
    if (damage.length > 0) {
      throw new BackupFailed(`The database in ${backup} is damaged (${damage[0]}): nothing was restored.`)
    }
    const faults = [
      // The numbers of an earlier schema are looked at when it has been upgraded.
      ...(schema === migrations.length ? faultsOfRows(connection) : []),
      ...(with_files ? await faultsOfFiles(connection, join(staging, 'files'), true) : []),
    ]
    if (faults.length === 0 && !isExact) faults.push('Bits of it have changed since it was made.')
    if (faults.length === 0 || accepting) return
    throw new BackupFailed(
      [`${backup} has faults, nothing was restored (--force restores it as it is):`, ...faults].join('\n'),
    )
  } finally {
    connection.close()
  }
}

/** Gives the database and its files second names: they take no room, and the first ones stay. */
async function keep(path: string): Promise<string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const kept = `${path}.replaced-${time}`
  if (existsSync(kept)) throw new BackupFailed(`${kept} exists already: try again in a second.`)
  for (const [from, to] of await storedIn(`${path}.files`, `${kept}.files`)) await link(from, to)
  await link(path, kept)
  // There only after a crash of a database that cannot be opened any more; it belongs to no other.
  if (existsSync(`${path}-wal`)) await link(`${path}-wal`, `${kept}-wal`)
  await syncFolder(dirname(resolve(path)))
  return kept
}

/** The files first: the database of before does not mind them, and the new one needs them. */
async function takePlace(staging: string, path: string): Promise<void> {
  for (const [from, to] of await storedIn(join(staging, 'files'), `${path}.files`)) await rename(from, to)
  await syncFolders(`${path}.files`)
  for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) unlinkSync(path + suffix)
  await rename(join(staging, 'database'), path)
  await syncFolder(dirname(resolve(path)))
}

/** The stored contents below `from`, with where they belong below `to`, whose folders are made. */
async function storedIn(from: string, to: string): Promise<[from: string, to: string][]> {
  if (!existsSync(from)) return []
  const pairs: [string, string][] = []
  for (const part of await readdir(from)) {
    if (!/^[0-9a-f]{2}$/.test(part)) continue
    await mkdir(join(to, part), { recursive: true, mode: 0o700 })
    for (const name of await readdir(join(from, part))) {
      pairs.push([join(from, part, name), join(to, part, basename(name))])
    }
  }
  return pairs
}

async function syncFolders(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  for (const part of await readdir(folder)) {
    if (/^[0-9a-f]{2}$/.test(part)) await syncFolder(join(folder, part))
  }
  await syncFolder(folder)
}
