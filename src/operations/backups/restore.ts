// Replaces a database by a backup. The backup is unpacked beside the database and verified, and then renamed in one
// step. After a kill at any moment, either the former database or the whole backup is there.

import { existsSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { link, mkdir, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { now } from '../../lib/clock'
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
  /** The new name of the former database; undefined when there was none. */
  kept: string | undefined
}

/**
 * @param path  the database to replace.
 * @param acceptFaults  restores a backup with faults, too, if it can be read.
 * @throws BackupFailed, DatabaseUnusable: the former database is unchanged.
 */
export async function restoreBackup(
  backup: string,
  path: string,
  { acceptFaults = false } = {},
): Promise<Restored> {
  inspectPath(path)
  const staging = `${path}.restoring`
  try {
    using _lock = lockDatabase(path) // no server has it, or takes it meanwhile
    if (hasContent(path)) requireUnused(path)
    const description = await unpackVerified(backup, staging, acceptFaults)
    if (hasContent(path)) requireUnused(path) // a command that was started meanwhile
    const kept = hasContent(path) ? await keepFormer(path) : undefined
    await moveIntoPlace(staging, path)
    return { description, kept }
  } catch (error) {
    throw sentenceAbout(path, error)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/**
 * Checks that a backup can be restored: unpacks and verifies it in a folder beside it.
 *
 * @throws BackupFailed, DatabaseUnusable when it cannot be restored.
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

async function unpackVerified(backup: string, staging: string, acceptFaults: boolean): Promise<Description> {
  rmSync(staging, { recursive: true, force: true }) // of an interrupted attempt
  await mkdir(staging, { mode: 0o700 })
  const { isExact, ...description } = await unpackBackup(backup, staging)
  await verify(backup, staging, { ...description, isExact }, acceptFaults)
  return description
}

function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
}

function requireUnused(path: string): void {
  try {
    refuseIfInUse(path)
  } catch (error) {
    // A database may be too damaged to read: that is a reason to restore it.
    if (!/^SQLITE_(NOTADB|CORRUPT)/.test(String((error as { code?: string }).code))) throw error
  }
}

async function verify(
  backup: string,
  staging: string,
  { schema, with_files, isExact }: Description & { isExact: boolean },
  acceptFaults: boolean,
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
      // The rows of an earlier schema are checked after its upgrade.
      ...(schema === migrations.length ? await faultsOfRows(connection, now()) : []),
      ...(with_files ? await faultsOfFiles(connection, join(staging, 'files'), true) : []),
    ]
    if (faults.length === 0 && !isExact) faults.push('Bits of it have changed since it was made.')
    if (faults.length === 0 || acceptFaults) return
    throw new BackupFailed(
      [`${backup} has faults, nothing was restored (--force restores it as it is):`, ...faults].join('\n'),
    )
  } finally {
    connection.close()
  }
}

/** Keeps the former database and its files under second names. Hard links take no space. */
async function keepFormer(path: string): Promise<string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const kept = `${path}.replaced-${time}`
  if (existsSync(kept)) throw new BackupFailed(`${kept} exists already: try again in a second.`)
  for (const [from, to] of await storedFilesIn(`${path}.files`, `${kept}.files`)) await link(from, to)
  await link(path, kept)
  // There is a WAL only after a crash, if the database cannot be opened any more.
  if (existsSync(`${path}-wal`)) await link(`${path}-wal`, `${kept}-wal`)
  await syncFolder(dirname(resolve(path)))
  return kept
}

/** Moves the files first: the former database ignores them, and the new one needs them. */
async function moveIntoPlace(staging: string, path: string): Promise<void> {
  for (const [from, to] of await storedFilesIn(join(staging, 'files'), `${path}.files`))
    await rename(from, to)
  await syncFolders(`${path}.files`)
  for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) unlinkSync(path + suffix)
  await rename(join(staging, 'database'), path)
  await syncFolder(dirname(resolve(path)))
}

/** The stored files below `from`, each with its path below `to`. Makes the folders there. */
async function storedFilesIn(from: string, to: string): Promise<[from: string, to: string][]> {
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
