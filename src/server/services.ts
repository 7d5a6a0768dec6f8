// What every part of the app is handed. Arguments, not globals: a test makes its own.

import type { Logger } from 'pino'
import type { Hashing } from '../auth/hashing'
import type { FileStore } from '../blobs/store'
import type { ReadingDocuments } from '../ingest/read-apart'
import type { Microseconds } from '../lib/time'
import type { Database } from '../storage/database'
import type { Room } from '../storage/disk-space-guard'

export interface Context {
  database: Database
  /** Contents of files, beside the database. */
  files: FileStore
  /** Reads documents apart from this thread; undefined: they are read in turns with all else. */
  documents?: ReadingDocuments
  /** How new passwords are hashed; undefined: so that each guess costs tens of milliseconds. */
  hashing?: Hashing
  /** Of the disk that both are on. */
  room: Room
  config: {
    /** Anyone may write. */
    open: boolean
    /** Reading wants credentials, too. */
    private: boolean
    /** Where times without a zone are read: an IANA name. */
    zone: string
    maxBodyBytes: number
    /** Of imports, packed. */
    maxImportBytes: number
    /** Of one file of an import. */
    maxFileBytes: number
    /** Files that an import may have. */
    maxEntries: number
    /** Whether logs and other files are kept. */
    files: boolean
    /** How long a body may take to come, and a second longer for every 16 KiB of it. */
    bodyTimeoutSeconds: number
    /** How many requests may be under way. */
    maxRequests: number
    /** Whether what a proxy in front of the server says about a request is believed. */
    trustProxy: boolean
    /** Names of hosts, and with a dot in front of domains; undefined: any. */
    allowedHosts: readonly string[] | undefined
  }
  /** The present, in microseconds. */
  clock(): Microseconds
  log: Logger
}
