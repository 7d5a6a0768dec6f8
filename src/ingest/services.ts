// What imports add to the services of a server.

import type { ResultServices } from '../results/core/services'
import type { DocumentParser } from './documents'
import { ImportMetrics } from './import-metrics'

export interface IngestParts {
  /** Parses documents in workers; undefined: they are parsed cooperatively on this thread. */
  documents?: DocumentParser
}

export interface IngestServices extends ResultServices, IngestParts {
  importMetrics: ImportMetrics
}

export function ingestServices<Parts extends ResultServices & IngestParts>(
  parts: Parts,
): Parts & IngestServices {
  return { ...parts, importMetrics: new ImportMetrics() }
}
