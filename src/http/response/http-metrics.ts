// Every request: counted, and told to the log where it failed.

import { Histogram } from '../../lib/histogram'
import { onePer } from '../../lib/one-per'
import type { Context } from '../../server/services'
import { pathOf } from '../request/links'
import { type AddressedHandler, idOf, visitOf } from '../request/request-context'

/** What was asked of one route by one method. */
export class Series {
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
export class Traffic {
  /** Requests that are being answered. */
  underWay = 0
  private readonly routes = new Map<string, Map<string, Series>>()

  /** One for all parts of an app. */
  static readonly of = onePer((_: Context) => new Traffic())

  series(route = NO_ROUTE, method: string): Series {
    let methods = this.routes.get(route)
    if (!methods) {
      methods = new Map()
      this.routes.set(route, methods)
    }
    const known = METHODS.has(method) ? method : 'other'
    let series = methods.get(known)
    if (!series) {
      series = new Series()
      methods.set(known, series)
    }
    return series
  }

  *all(): Generator<{ route: string; method: string; series: Series }> {
    for (const [route, methods] of this.routes)
      for (const [method, series] of methods) yield { route, method, series }
  }
}

/**
 * Counts what `handle` answers, and notes where it comes from. Every 5xx is in the log, and at the level `debug` every answer.
 */
export function observed(
  context: Context,
  handle: (request: Request) => Response | Promise<Response>,
): AddressedHandler {
  const { log } = context
  const traffic = Traffic.of(context)
  const isDetailed = log.isLevelEnabled('debug')
  return async (request, address) => {
    const start = performance.now()
    visitOf(request).address = address
    traffic.underWay++
    try {
      const response = await handle(request)
      const { user, route } = visitOf(request)
      const { method } = request
      const { status } = response
      const elapsed = performance.now() - start
      traffic.series(route, method).add(status, elapsed / 1000)
      const level = status >= 500 ? 'warn' : isDetailed ? 'debug' : undefined
      if (level) {
        const id = idOf(request)
        const milliseconds = Math.round(elapsed)
        log[level]({ id, user, method, path: pathOf(request), route, status, milliseconds }, 'answered')
      }
      return response
    } finally {
      traffic.underWay--
    }
  }
}
