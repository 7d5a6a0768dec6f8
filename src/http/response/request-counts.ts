// Counts requests by route, method and status, for /metrics/.

import { Histogram } from '../../lib/histogram'

/** The requests of one route with one method. */
export class RouteMetrics {
  /** In seconds, until the answer began to leave. */
  readonly durations = new Histogram([
    ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
  ])
  /** The number of answers by status. */
  readonly statuses = new Map<number, number>()

  /** @param seconds  0 for an answer from the cache: reading the clock would take longer than the answer. */
  add(status: number, seconds: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    this.durations.add(seconds)
  }
}

/** The route label of requests that match no route. */
const NO_ROUTE = 'none'
/** All other methods share a label, because clients can invent any number of methods. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export class HttpMetrics {
  /** The number of requests that are being answered. */
  underWay = 0
  private readonly routes = new Map<string, Map<string, RouteMetrics>>()

  of(route = NO_ROUTE, method: string): RouteMetrics {
    let methods = this.routes.get(route)
    if (!methods) {
      methods = new Map()
      this.routes.set(route, methods)
    }
    const known = METHODS.has(method) ? method : 'other'
    let metrics = methods.get(known)
    if (!metrics) {
      metrics = new RouteMetrics()
      methods.set(known, metrics)
    }
    return metrics
  }

  *all(): Generator<{ route: string; method: string; metrics: RouteMetrics }> {
    for (const [route, methods] of this.routes)
      for (const [method, metrics] of methods) yield { route, method, metrics }
  }
}
