// Every request: counted, and told to the log where it failed.

import { Histogram } from '../../lib/histogram'

/** What was asked of one route by one method. */
export class RouteMetrics {
  /** Until the answer began to leave, in seconds. */
  readonly durations = new Histogram([
    ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
  ])
  /** How often each status was answered. */
  readonly statuses = new Map<number, number>()

  /** @param seconds  0: too few to be worth a look at the clock. */
  add(status: number, seconds: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    this.durations.add(seconds)
  }
}

/** Of those that no route fits. */
const NO_ROUTE = 'none'
/** Anybody can invent others. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Plain numbers, added up while requests are answered: the metrics are made of them when somebody asks. */
export class HttpMetrics {
  /** Requests that are being answered. */
  underWay = 0
  private readonly routes = new Map<string, Map<string, RouteMetrics>>()

  series(route = NO_ROUTE, method: string): RouteMetrics {
    let methods = this.routes.get(route)
    if (!methods) {
      methods = new Map()
      this.routes.set(route, methods)
    }
    const known = METHODS.has(method) ? method : 'other'
    let series = methods.get(known)
    if (!series) {
      series = new RouteMetrics()
      methods.set(known, series)
    }
    return series
  }

  *all(): Generator<{ route: string; method: string; series: RouteMetrics }> {
    for (const [route, methods] of this.routes)
      for (const [method, series] of methods) yield { route, method, series }
  }
}
