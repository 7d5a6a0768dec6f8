// Checks the database file before it is opened, and opens it.

import { SQLiteError, Database as Sqlite } from 'bun:sqlite'
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { registerErrors } from '../../lib/transferable-errors'
import { DatabaseUnusable } from '../errors'
import { refuseHardLinks } from './file-names'
import { isBusy, refuseLostFiles } from './in-use'
import { migrations } from './migrations'
import { APPLICATION_ID } from './migrations/migrate'
import { firstValue, pragma } from './pragma'
import { SqliteConnection } from './sqlite-connection'

registerErrors({ sqlite: SQLiteError })

const SQLITE_MAGIC = 'SQLite format 3\0'
/** How long a statement waits for another process's transaction, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000
/** An import uses an index page for nearly every test name. They would not fit into SQLite's default of 2 MiB. */
const CACHE_KIB = 32 * 1024
/** SQLite checkpoints a WAL of so many pages of 4 KiB: 32 MiB instead of its default of 4 MiB. */
const AUTOCHECKPOINT_PAGES = 8000

/**
 * When a commit is on disk. `full`: before it returns. `normal`: at the next checkpoint, so a power cut can lose the
 * last commits as a whole. A crash of the process loses none.
 */
export type Durability = 'full' | 'normal'

/**
 * Checks whether `path` can be this server's database. It changes nothing.
 *
 * @returns the schema version; 0 when the file does not exist yet or is empty.
 * @throws DatabaseUnusable when it is not an SQLite file, belongs to another program or a newer version, or cannot be
 *   read or written.
 */
export function inspectDatabase(path: string): number {
  inspectPath(path)
  if (!existsSync(path)) return 0
  if (!isWritable(path)) throw new DatabaseUnusable(`${path} is not readable and writable for this user.`)
  refuseHardLinks(path)
  if (statSync(path).size === 0) return 0
  const header = readHeader(path)
  if (header.magic !== SQLITE_MAGIC) {
    throw new DatabaseUnusable(`${path} is not a database. It was left as it is.`)
  }
  // The header is read without SQLite, because SQLite changes the WAL files when it opens a database.
  refuseNewer(path, header.userVersion)
  return translateErrors(path, () => {
    refuseLostFiles(path)
    const sqlite = new Sqlite(path, { readwrite: true })
    try {
      sqlite.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
      const version = pragma(sqlite, 'user_version')
      const applicationId = pragma(sqlite, 'application_id')
      // An interrupted first start leaves a file with only a header.
      if (applicationId === 0 && version === 0 && isEmpty(sqlite)) return 0
      if (applicationId !== APPLICATION_ID) {
        throw new DatabaseUnusable(`${path} is the database of another program. It was left as it is.`)
      }
      refuseNewer(path, version)
      return version
    } finally {
      sqlite.close(true)
    }
  })
}

/** Checks whether a database can be created or replaced at `path`. @throws DatabaseUnusable */
export function inspectPath(path: string): void {
  if (path === ':memory:' || path.startsWith('file:')) {
    throw new DatabaseUnusable(`"${path}" is no file: results would be lost when the server stops.`)
  }
  const folder = dirname(resolve(path))
  if (!existsSync(folder)) throw new DatabaseUnusable(`The folder ${folder} does not exist: create it first.`)
  if (!isWritable(folder))
    throw new DatabaseUnusable(`The folder ${folder} is not writable: ${path} must lie in one that is.`)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new DatabaseUnusable(`${path} is a folder, not a database file.`)
  refuseOrphanedWal(path)
}

/** Refuses a WAL without its database: a new database at this path would empty the WAL. */
function refuseOrphanedWal(path: string): void {
  const orphan = [`${path}-wal`, `${path}-shm`].find(existsSync)
  if (orphan === undefined || existsSync(path)) return // in this order: another process may be making both
  throw new DatabaseUnusable(
    `${path} is missing, and ${orphan}, which belongs to it, is there: put it back, or move ${path}-wal and ${path}-shm away as well, to where it is.`,
  )
}

function isEmpty(sqlite: Sqlite): boolean {
  return firstValue(sqlite, 'SELECT count(*) FROM sqlite_schema') === 0
}

function refuseNewer(path: string, version: number): void {
  if (version <= migrations.length) return
  throw new DatabaseUnusable(
    `${path} was made by a newer avocado-server (schema ${version}, this one knows ${migrations.length}). ` +
      'Run that version, or choose another file with --database.',
  )
}

/** Opens the file for reading and writing. Creates it if it does not exist. */
export function openConnection(path: string, durability: Durability = 'full'): SqliteConnection {
  return translateErrors(path, () => {
    const isNew = !existsSync(path)
    if (!isNew) refuseLostFiles(path)
    const sqlite = new Sqlite(path, { create: true, readwrite: true, strict: true })
    if (isNew) chmodSync(path, 0o600) // it holds password hashes; SQLite gives the files beside it the same mode
    sqlite.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    // This works only before the first table exists.
    if (pragma(sqlite, 'page_count') === 0) sqlite.run('PRAGMA auto_vacuum = INCREMENTAL')
    sqlite.run('PRAGMA journal_mode = WAL')
    sqlite.run(`PRAGMA synchronous = ${durability}`)
    sqlite.run('PRAGMA foreign_keys = ON')
    sqlite.run(`PRAGMA cache_size = -${CACHE_KIB}`)
    sqlite.run(`PRAGMA wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`)
    return new SqliteConnection(sqlite)
  })
}

/** A second connection to the same file that cannot write. */
export function openReader(path: string): SqliteConnection {
  const connection = openConnection(path)
  connection.database.run('PRAGMA query_only = ON')
  return connection
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Whether the file starts like an SQLite database. */
export function isSqlite(path: string): boolean {
  return statSync(path).isFile() && readHeader(path).magic === SQLITE_MAGIC
}

/** Source: "The Database Header" in SQLite's description of its file format. */
function readHeader(path: string) {
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(100)
    readSync(file, header, 0, header.length, 0)
    return {
      magic: header.toString('latin1', 0, SQLITE_MAGIC.length),
      userVersion: header.readUInt32BE(60),
    }
  } finally {
    closeSync(file)
  }
}

function translateErrors<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SQLiteError)) throw error
    if (error.code === 'SQLITE_FULL')
      throw new DatabaseUnusable(`${path}: the disk is full. Make room there.`)
    if (error.code === 'SQLITE_NOTADB' || error.code?.startsWith('SQLITE_CORRUPT')) {
      throw new DatabaseUnusable(
        `${path} is damaged or not a database (${error.message}). It was left as it is.`,
      )
    }
    if (isBusy(error)) {
      throw new DatabaseUnusable(`${path} is locked by another process: wait for it, or stop it.`)
    }
    throw new DatabaseUnusable(`${path} cannot be opened: ${error.message}.`)
  }
}
