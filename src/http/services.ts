// The services of the HTTP layer. Each layer adds its services to those of the layer below; server/services.ts makes
// them all, once for each server.

import type { Logger } from 'pino'
import type { ServerSettings } from '../lib/server-settings'
import type { Microseconds } from '../lib/time'
import type { Database } from '../storage/database'
import type { DiskSpaceGuard } from '../storage/disk-space-guard'
import { ResponseCache } from './cache/response-cache'
import { RouteParameters } from './request/route-parameters'
import { UnidentifiedBodies } from './request/unidentified-bodies'
import type { FailureWording } from './response/errors'
import { HttpMetrics } from './response/request-counts'

/** The basic parts of a server. The command line makes them, or a test. */
export interface ServerParts {
  database: Database
  diskSpace: DiskSpaceGuard
  config: ServerSettings
  /** The current time, in microseconds. */
  clock(): Microseconds
  log: Logger
}

export interface HttpServices extends ServerParts {
  responseCache: ResponseCache
  routeParameters: RouteParameters
  httpMetrics: HttpMetrics
  unidentifiedBodies: UnidentifiedBodies
  failureWordings: readonly FailureWording[]
}

export function httpServices<Parts extends ServerParts>(
  parts: Parts,
  failureWordings: readonly FailureWording[],
): Parts & HttpServices {
  return {
    ...parts,
    responseCache: new ResponseCache(parts.database),
    routeParameters: new RouteParameters(),
    httpMetrics: new HttpMetrics(),
    unidentifiedBodies: new UnidentifiedBodies(parts.config),
    failureWordings,
  }
}
