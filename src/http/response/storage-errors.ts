// What a client is told when the database or the disk fails. Whoever runs the server finds the same in the log, with
// SQLite's own code.

import { SQLiteError } from 'bun:sqlite'
import { closeSync, openSync } from 'node:fs'
import type { Logger } from 'pino'
import { isDiskFull } from '../../storage/disk-full-errors'
import {
  DatabaseBusy,
  DatabaseGone,
  DatabaseUnusable,
  QueryCancelled,
  QueryTooLong,
  ReaderClosed,
  WalGone,
  WriterLost,
} from '../../storage/errors'

/** Nobody reads that answer. In the log and in the figures it has the status that other servers note for this. */
const CLIENT_CLOSED_REQUEST = 499

/** A status, a sentence, and headers: what makes an HttpError. */
export interface StorageFailure {
  status: number
  detail: string
  headers?: Record<string, string>
}

const READ_ONLY = /^(SQLITE_READONLY|EROFS$)/
/** An EIO while a page is read is among them: SQLite takes it for damage of the file system. */
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/
const UNREADABLE = /^(SQLITE_(IOERR|CANTOPEN)|EIO$)/

const NO_DESCRIPTORS = new Set(['EMFILE', 'ENFILE'])

/** @returns undefined when the error is none of the database or of the disk. */
export function storageFailure(error: unknown, log: Logger): StorageFailure | undefined {
  if (error instanceof DatabaseBusy) {
    log.warn({ err: error }, 'the database is locked by another process')
    const detail = 'Another program holds the database: nothing was stored. Send it again in a while.'
    return { status: 503, detail, headers: { 'retry-after': '5' } }
  }
  if (error instanceof DatabaseGone) {
    log.error(
      { err: error },
      'the database file was removed or replaced: put it back; to use another one, stop the server first',
    )
    return {
      status: 503,
      detail:
        'The database file of the server was removed or replaced: nothing was stored. Put it back; to use another one, stop the server first.',
    }
  }
  if (error instanceof WalGone) {
    log.error(
      { err: error },
      'a file beside the database was removed or replaced: when what was acknowledged is in the database, the server ends',
    )
    const outcome = error.mayBeStored ? 'this may be stored or not' : 'nothing was stored'
    return {
      status: 503,
      detail: `A file beside the database of the server was removed or replaced: ${outcome}. The server ends: start it again, then send this again.`,
      headers: { 'retry-after': '5' },
    }
  }
  if (error instanceof WriterLost) {
    log.error({ err: error }, 'the writer has ended')
    return {
      status: 503,
      detail:
        'The server failed while it stored this, and starts anew: it may be stored or not. Send it again in a while.',
      headers: { 'retry-after': '5' },
    }
  }
  if (error instanceof DatabaseUnusable) {
    log.error({ err: error }, 'the database cannot be opened for a long read')
    return {
      status: 503,
      detail: 'The server cannot look through its database at the moment: ask again in a while.',
      headers: { 'retry-after': '5' },
    }
  }
  if (error instanceof QueryTooLong) {
    return {
      status: 503,
      detail:
        'To find this takes too long (--query-timeout): ask for less, by a narrower filter or a simpler ordering.',
      headers: { 'retry-after': '10' }, // less may be asked at the same time then
    }
  }
  if (error instanceof QueryCancelled)
    return { status: CLIENT_CLOSED_REQUEST, detail: 'Who asked this is gone.' }
  if (error instanceof ReaderClosed) {
    return { status: 503, detail: 'The server ends: ask again in a while.', headers: { 'retry-after': '5' } }
  }
  const code = codeOf(error)
  if (isDiskFull(error)) {
    log.error({ err: error }, 'the disk is full')
    return {
      status: 507,
      detail: 'The disk of the server is full: nothing was stored. Make room there, then send it again.',
    }
  }
  if (READ_ONLY.test(code)) {
    log.error({ err: error }, 'the disk is read-only')
    return {
      status: 503,
      detail:
        'The disk of the server is read-only: nothing was stored. Make it writable, then send it again.',
    }
  }
  if (DAMAGED.test(code)) {
    log.error({ err: error }, 'the database is damaged: avocado-server check says more')
    return {
      status: 500,
      detail:
        'The database of the server is damaged, or its disk cannot be read. Stop the server, run `avocado-server check`, and restore a backup.',
    }
  }
  if (NO_DESCRIPTORS.has(code) || (code === 'SQLITE_CANTOPEN' && areDescriptorsGone())) {
    log.error({ err: error }, 'no file can be opened any more: raise the limit (ulimit -n, LimitNOFILE)')
    return {
      status: 503,
      detail:
        'The server has as many files and connections open as it may: nothing was stored. Send it again in a while.',
      headers: { 'retry-after': '5' },
    }
  }
  if (UNREADABLE.test(code)) {
    log.error({ err: error }, 'the disk failed')
    // Written, but not known to be on disk: undone for as long as the server runs, found again should it crash now.
    const outcome = code === 'SQLITE_IOERR_FSYNC' ? 'may be stored or not' : 'is not stored'
    return {
      status: 503,
      detail: `The disk of the server failed (${code}): what was sent ${outcome}. The log of its system says more.`,
    }
  }
}

/** SQLite does not say why it could not open a file. */
function areDescriptorsGone(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'))
    return false
  } catch (error) {
    return NO_DESCRIPTORS.has(codeOf(error))
  }
}

/** SQLite's codes, and those of the system for the files beside the database. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return error instanceof SQLiteError || (error instanceof Error && typeof code === 'string')
    ? String(code)
    : ''
}
