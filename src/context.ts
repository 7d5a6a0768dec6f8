// What every part of the app is handed. Arguments, not globals: a test makes its own.

import type { Logger } from 'pino'
import type { Database } from './storage/database'
import type { Microseconds } from './time'

export interface Context {
  database: Database
  config: {
    /** Anyone may write. */
    open: boolean
    /** Reading wants credentials, too. */
    private: boolean
    /** Where times without a zone are read: an IANA name. */
    zone: string
    maxBodyBytes: number
  }
  /** The present, in microseconds. */
  clock(): Microseconds
  log: Logger
}
