// Turns failures of the database and the disk into answers for clients. The log gets them with SQLite's code.

import { closeSync, openSync } from 'node:fs'
import type { Logger } from 'pino'
import { isDiskFull } from '../../storage/disk-full-errors'
import { isEngineError } from '../../storage/engine-errors'
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

/** For clients that have disconnected: nobody reads the answer. Other servers log and count this status, too. */
const CLIENT_CLOSED_REQUEST = 499

/** The parts of an HttpError. */
export interface StorageFailure {
  status: number
  detail: string
  headers?: Record<string, string>
}

const READ_ONLY = /^(SQLITE_READONLY|EROFS$)/
/** Includes an EIO while SQLite reads a page: it reports that as a corrupt file system. */
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/
const UNREADABLE = /^(SQLITE_(IOERR|CANTOPEN)|EIO$)/

const NO_DESCRIPTORS = new Set(['EMFILE', 'ENFILE'])

/** @returns undefined when the error comes from neither the database nor the disk. */
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
      headers: { 'retry-after': '10' }, // the server may be less busy then
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
    // The commit is written, but not surely on disk. The running server has undone it; after a crash it may be there.
    const outcome = code === 'SQLITE_IOERR_FSYNC' ? 'may be stored or not' : 'is not stored'
    return {
      status: 503,
      detail: `The disk of the server failed (${code}): what was sent ${outcome}. The log of its system says more.`,
    }
  }
}

/** Tries to open a file, because SQLite does not say why it could not. */
function areDescriptorsGone(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'))
    return false
  } catch (error) {
    return NO_DESCRIPTORS.has(codeOf(error))
  }
}

/** The code of an error of SQLite, or of the system for the files beside the database. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return isEngineError(error) || (error instanceof Error && typeof code === 'string') ? String(code) : ''
}
