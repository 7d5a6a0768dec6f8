// Counts every request, and logs the failed ones.

import { pathOf } from '../request/links'
import { type AddressedHandler, idOf, requestContext } from '../request/request-context'
import type { HttpServices } from '../services'

/**
 * Wraps `handle`: counts its answers, and sets the request's address. Logs every 5xx, and at the level `debug` every
 * answer.
 */
export function instrument(
  services: HttpServices,
  handle: (request: Request) => Response | Promise<Response>,
): AddressedHandler {
  const { log } = services
  const { httpMetrics } = services
  const isDetailed = log.isLevelEnabled('debug')
  return async (request, address) => {
    const start = performance.now()
    requestContext(request).address = address
    httpMetrics.underWay++
    try {
      const response = await handle(request)
      const { user, route } = requestContext(request)
      const { method } = request
      const { status } = response
      const elapsed = performance.now() - start
      httpMetrics.of(route, method).add(status, elapsed / 1000)
      const level = status >= 500 ? 'warn' : isDetailed ? 'debug' : undefined
      if (level) {
        const id = idOf(request)
        const milliseconds = Math.round(elapsed)
        log[level]({ id, user, method, path: pathOf(request), route, status, milliseconds }, 'answered')
      }
      return response
    } finally {
      httpMetrics.underWay--
    }
  }
}
