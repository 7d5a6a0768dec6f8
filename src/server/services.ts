// The services of a server. They are passed as arguments and are not global, so that each test makes its own.

import type { AuthParts } from '../auth/hashing'
import { authServices } from '../auth/services'
import { type EventParts, type EventServices, eventServices } from '../events/services'
import { httpServices, type ServerParts } from '../http/services'
import { resultsdbWording } from '../ingest/protocols/resultsdb/wording'
import { type IngestParts, type IngestServices, ingestServices } from '../ingest/services'
import { type MonitoringServices, monitoringServices } from '../operations/monitoring/services'
import { type ResultParts, resultServices } from '../results/core/services'

export type Parts = ServerParts & AuthParts & ResultParts & EventParts & IngestParts

export type Services = EventServices & IngestServices & MonitoringServices

/** Makes the services that the parts of one server share. */
export function createServices(parts: Parts): Services {
  const wordings = [resultsdbWording]
  const results = resultServices(authServices(httpServices(parts, wordings)))
  return monitoringServices(ingestServices(eventServices(results)))
}
