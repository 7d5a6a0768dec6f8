// Errors of the database itself, independent of its engine. HTTP and the command line each translate them.

import { registerErrors } from '../lib/transferable-errors'

/** Another process held the database for too long: nothing was stored. */
export class DatabaseBusy extends Error {}

/** The file was removed or replaced while the server runs. Anything written to it would be lost with the process. */
export class DatabaseGone extends Error {}

/** The WAL or its index was removed or replaced while the server runs. */
export class WalGone extends Error {
  /** @param mayBeStored  this was noticed after the commit, and the content of the WAL could not be moved. */
  constructor(
    path: string,
    readonly mayBeStored = false,
  ) {
    super(`${path} was removed or replaced`)
  }
}

/** The database file cannot be used; the message is a sentence for the person who started the program. */
export class DatabaseUnusable extends Error {}

/** The writer has ended by itself. Changes without a reply may or may not be stored. */
export class WriterLost extends Error {}

/** The query was stopped at its time limit. */
export class QueryTooLong extends Error {}

/** The query was stopped because its client disconnected. */
export class QueryCancelled extends Error {}

/** The query was not finished because the database is being closed. */
export class ReaderClosed extends Error {}

/** The rows of an answer have more text than an answer may have. */
export class AnswerTooLarge extends Error {}

registerErrors({
  database_busy: DatabaseBusy,
  database_gone: DatabaseGone,
  wal_gone: WalGone,
  database_unusable: DatabaseUnusable,
  writer_lost: WriterLost,
  query_too_long: QueryTooLong,
  query_cancelled: QueryCancelled,
  reader_closed: ReaderClosed,
  answer_too_large: AnswerTooLarge,
})
