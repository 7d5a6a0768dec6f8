// What an import did, for the one who sent it.

import type { Refusal } from './ndjson'
import type { Stored } from './store'

export interface ImportedJob extends Stored {
  files: { added: number; changed: number; unchanged: number }
}

export interface Imported {
  jobs: ImportedJob[]
  /** The first lines of NDJSON, and files of a form, that were refused, and why. */
  refused: Refusal[]
  /** All of them. */
  refusedCount: number
}
