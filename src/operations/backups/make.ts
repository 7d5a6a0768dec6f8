// Makes a backup while a server may be running: the database as it is at the beginning, and the files it names.

import { statfsSync, statSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { version } from '../../../package.json'
import { FileStore } from '../../blobs/store'
import { forgetFile, hexOf, isStored, storedFiles } from '../../results/core/files'
import type { Connection } from '../../storage/query'
import { openConnection } from '../../storage/sqlite/connection'
import { copyDatabase } from '../../storage/sqlite/copy'
import { findDamage } from '../../storage/sqlite/integrity'
import { schemaVersionOf } from '../../storage/sqlite/schema-version'
import type { SqliteConnection } from '../../storage/sqlite/sqlite-connection'
import {
  ArchiveWriter,
  DATABASE_PIECE_BYTES,
  DESCRIPTION,
  type Description,
  SUMS,
  type Sums,
} from './archive'
import { BackupFailed, noRoomFor, sentenceAbout } from './failures'
import { copyOf, PAUSE_MS, PIECE_BYTES, PIECES_PER_SYNC, removeLeftovers } from './part-file'

/** Rows of files that are read at once. */
const ROWS = 500
const LEVEL = 3

export interface Made {
  /** The size of the backup. */
  bytes: number
  databaseBytes: number
  files: number
  /** The hashes of files that are missing beside the database. The backup does not name them. */
  missing: string[]
}

/**
 * @param path  the database, which exists.
 * @param target  the backup. A file of that name is replaced.
 * @throws BackupFailed, and leaves no files behind.
 */
export async function makeBackup(path: string, target: string, withFiles: boolean): Promise<Made> {
  const copy = copyOf(target)
  const madeAt = new Date()
  let archive: ArchiveWriter | undefined
  try {
    await removeLeftovers(dirname(resolve(target)), (name) => name === basename(target))
    requireRoom(path, target)
    await copyDatabase(path, copy, {
      pieceBytes: PIECE_BYTES,
      pauseMs: PAUSE_MS,
      piecesPerSync: PIECES_PER_SYNC,
    })
    archive = await ArchiveWriter.create(target)
    const connection = openConnection(copy)
    let stored: Pick<Made, 'files' | 'missing'> = { files: 0, missing: [] }
    try {
      requireUndamaged(connection, path)
      await archive.add(DESCRIPTION, describe(connection, madeAt, withFiles))
      if (withFiles) stored = await addFiles(archive, connection, path)
    } finally {
      connection.close()
    }
    const { databaseBytes, hash } = await addDatabase(archive, copy)
    const sums: Sums = {
      files: stored.files,
      database_bytes: databaseBytes,
      database_sha256: hash,
      entries_sha256: archive.hash.digest(),
    }
    await archive.add(SUMS, JSON.stringify(sums))
    return { bytes: await archive.finish(), databaseBytes, ...stored }
  } catch (error) {
    await archive?.discard()
    throw sentenceAbout(target, error)
  } finally {
    await removeDatabase(copy)
  }
}

/** Checks the free space first: a disk that is full, even for seconds, would make a server refuse writes. */
function requireRoom(path: string, target: string): void {
  const { bavail, bsize } = statfsSync(dirname(resolve(target)))
  // The copy, and the archive, where the database takes less than half of its size.
  if (bavail * bsize < 1.5 * statSync(path).size) throw noRoomFor(target)
}

/** Backups of a damaged database would replace the good ones. */
function requireUndamaged(connection: SqliteConnection, path: string): void {
  const [line] = findDamage(connection, { thoroughly: false })
  if (line === undefined) return
  throw new BackupFailed(
    `${path} is damaged (${line}): there is no backup of it as it is. Run check, and restore an earlier backup.`,
  )
}

function describe(connection: SqliteConnection, madeAt: Date, withFiles: boolean): string {
  const description: Description = {
    kind: 'avocado-server backup',
    program: version,
    schema: schemaVersionOf(connection),
    made_at: madeAt.toISOString(),
    with_files: withFiles,
  }
  return JSON.stringify(description)
}

/** Adds the stored files. Removes the rows of missing files from the copy that `connection` has open. */
async function addFiles(
  archive: ArchiveWriter,
  connection: Connection,
  path: string,
): Promise<Pick<Made, 'files' | 'missing'>> {
  const store = FileStore.openReadOnly(`${path}.files`)
  const added = { files: 0, missing: [] as string[] }
  const live = openConnection(path)
  try {
    for (let after = 0; ; ) {
      const rows = await storedFiles(connection, { after, limit: ROWS })
      for (const { id, hash } of rows) {
        const name = hexOf(hash)
        if (await addFile(archive, store.pathOf(name), name)) {
          added.files++
          continue
        }
        await forgetFile(connection, id)
        if (await isStored.run(live, name)) added.missing.push(name) // else its job was deleted meanwhile
      }
      const last = rows.at(-1)
      if (!last) return added
      after = last.id
    }
  } finally {
    live.close()
  }
}

/** @returns false when there is no such file. */
async function addFile(archive: ArchiveWriter, path: string, hash: string): Promise<boolean> {
  await using file = await openIfThere(path)
  if (!file) return false // an open file stays readable after its removal
  const { size } = await file.stat()
  await archive.addChunks(
    `files/${hash.slice(0, 2)}/${hash.slice(2)}`,
    size,
    piecesOf(file, size, PIECE_BYTES),
  )
  return true
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}

async function addDatabase(archive: ArchiveWriter, copy: string) {
  const hasher = new Bun.CryptoHasher('sha256')
  await using file = await open(copy, 'r')
  const { size: databaseBytes } = await file.stat()
  let number = 0
  for await (const piece of piecesOf(file, databaseBytes, DATABASE_PIECE_BYTES)) {
    hasher.update(piece)
    const packed = await Bun.zstdCompress(piece, { level: LEVEL })
    await archive.add(`database/${String(++number).padStart(8, '0')}.zst`, packed)
  }
  return { databaseBytes, hash: hasher.digest('hex') }
}

/** A file of `size` bytes, in pieces of `pieceBytes` at most. */
async function* piecesOf(file: FileHandle, size: number, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const piece = Buffer.allocUnsafe(Math.min(left, pieceBytes))
    const { bytesRead } = await file.read(piece, 0, piece.length, null)
    if (bytesRead === 0) throw new BackupFailed('A file became shorter while it was read.')
    left -= bytesRead
    yield piece.subarray(0, bytesRead)
  }
}

async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(path + suffix, { force: true })
}
