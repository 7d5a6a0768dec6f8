// Unpacks a backup into a folder and checks that it is complete.

import { constants, existsSync, statSync } from 'node:fs'
import { chmod, copyFile, type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { inspectDatabase, isSqlite } from '../../storage/sqlite/connection'
import { migrations } from '../../storage/sqlite/migrations'
import {
  DATABASE_PIECE,
  DATABASE_PIECE_BYTES,
  DESCRIPTION,
  type Description,
  EntriesHash,
  readEntries,
  readEntry,
  STORED_FILE,
  SUMS,
  type Sums,
} from './archive'
import { BackupFailed } from './failures'
import { syncFolder } from './part-file'

const MAX_DOCUMENT_BYTES = 64 * 1024
/** zstd makes random bytes a little longer. */
const MAX_PIECE_BYTES = DATABASE_PIECE_BYTES * 1.1

const decompress = promisify(zstdDecompress)

/** `isExact`: every byte is as it was packed. A changed bit need not damage the database or a file. */
type Unpacked = Description & { isExact: boolean }

/**
 * Unpacks into `folder`/database and `folder`/files, and syncs them to disk. The files are not compared with their
 * hashes yet.
 *
 * @throws BackupFailed when the file is no backup, is incomplete, or was made by a newer version.
 */
export async function unpackBackup(backup: string, folder: string): Promise<Unpacked> {
  if (!existsSync(backup)) throw new BackupFailed(`${backup} does not exist.`)
  if (isSqlite(backup)) return copyPlainDatabase(backup, folder)
  const hasher = new Bun.CryptoHasher('sha256')
  const entries = new EntriesHash()
  let description: Description | undefined
  let sums: Sums | undefined
  let files = 0
  let pieces = 0
  let bytes = 0
  await using database = await open(join(folder, 'database'), 'wx', 0o600)
  for await (const { name, chunks: plainChunks } of readEntries(backup)) {
    const chunks = name === SUMS ? plainChunks : entries.of(name, plainChunks)
    const [, hash] = STORED_FILE.exec(name) ?? []
    const [, piece] = DATABASE_PIECE.exec(name) ?? []
    if (!description) {
      if (name !== DESCRIPTION) break
      description = (await readDocument(chunks, backup)) as Description
      requireKnownSchema(backup, description)
    } else if (hash && pieces === 0) {
      await writeFile(join(folder, 'files', hash), chunks)
      files++
    } else if (Number(piece) === pieces + 1) {
      const plain = await unpackPiece(await readEntry(chunks, MAX_PIECE_BYTES), backup)
      await writeAll(database, plain)
      hasher.update(plain)
      bytes += plain.length
      pieces++
    } else if (name === SUMS && !sums) sums = (await readDocument(chunks, backup)) as Sums
    else throw damaged(backup, `it has ${name} where that does not belong`)
  }
  if (!description) throw new BackupFailed(`${backup} is no backup of avocado-server.`)
  if (!sums) throw damaged(backup, 'its end is missing')
  const found: Sums = {
    files,
    database_bytes: bytes,
    database_sha256: hasher.digest('hex'),
    ...(sums.entries_sha256 !== undefined && { entries_sha256: sums.entries_sha256 }),
  }
  if (!Bun.deepEquals(found, sums)) throw damaged(backup, 'its sums are not those of what is in it')
  await database.sync()
  await syncFolder(folder)
  return { ...description, isExact: [undefined, entries.digest()].includes(sums.entries_sha256) }
}

/** Takes a plain database file, such as the copy that is kept before an upgrade. */
async function copyPlainDatabase(backup: string, folder: string): Promise<Unpacked> {
  const wal = statSync(`${backup}-wal`, { throwIfNoEntry: false })
  if (wal && wal.size > 0) {
    throw new BackupFailed(
      `${backup} is no copy: what was stored last is in ${backup}-wal. Make a backup of it instead.`,
    )
  }
  const path = join(folder, 'database')
  await copyFile(backup, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  await chmod(path, 0o600)
  await using database = await open(path, 'r+')
  await database.sync()
  await syncFolder(folder)
  return {
    kind: 'avocado-server backup',
    program: 'unknown',
    schema: inspectDatabase(path),
    made_at: statSync(backup).mtime.toISOString(),
    with_files: false,
    isExact: true,
  }
}

function requireKnownSchema(backup: string, { kind, schema }: Description): void {
  if (kind !== 'avocado-server backup') throw new BackupFailed(`${backup} is no backup of avocado-server.`)
  if (schema <= migrations.length) return
  throw new BackupFailed(
    `${backup} was made by a newer avocado-server (schema ${schema}, this one knows ${migrations.length}): restore it with that version.`,
  )
}

async function readDocument(chunks: AsyncIterable<Uint8Array>, backup: string): Promise<unknown> {
  const bytes = await readEntry(chunks, MAX_DOCUMENT_BYTES)
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw damaged(backup, 'what it says of itself is no JSON')
  }
}

async function unpackPiece(packed: Uint8Array, backup: string): Promise<Uint8Array> {
  try {
    return await decompress(packed, { maxOutputLength: DATABASE_PIECE_BYTES })
  } catch {
    throw damaged(backup, 'a piece of its database cannot be unpacked')
  }
}

async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await using file = await open(path, 'wx', 0o600)
  for await (const chunk of chunks) await writeAll(file, chunk)
  await file.sync()
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
}

function damaged(backup: string, what: string): BackupFailed {
  return new BackupFailed(`${backup} is damaged: ${what}. Nothing was restored.`)
}
