// All that the parts of a server are given. Arguments, not globals: a test makes its own.

import type { AuthParts } from '../auth/hashing'
import { authServices } from '../auth/services'
import { httpServices, type ServerParts } from '../http/services'
import { resultsdbWording } from '../ingest/protocols/resultsdb/wording'
import { type IngestParts, type IngestServices, ingestServices } from '../ingest/services'
import { type ResultParts, resultServices } from '../results/core/services'

export type Parts = ServerParts & AuthParts & ResultParts & IngestParts

export type Services = IngestServices

/** Makes what the parts of one server share. Each call makes another server's. */
export function createServices(parts: Parts): Services {
  const wordings = [resultsdbWording]
  return ingestServices(resultServices(authServices(httpServices(parts, wordings))))
}
