// The metrics of requests and of the response cache.

import { counter, gauge, histogram, type Metric, one } from '../lib/metrics'
import type { HttpServices } from './services'

export function httpMetrics({ httpMetrics: requests, responseCache }: HttpServices): Metric[] {
  return [
    counter(
      {
        name: 'avocado_http_requests_total',
        help: 'Requests that were answered, by the pattern of their route.',
        labels: ['method', 'route', 'status'],
      },
      () =>
        requests
          .all()
          .flatMap(({ method, route, metrics }) =>
            metrics.statuses
              .entries()
              .map(([status, count]) => [{ method, route, status: String(status) }, count] as const),
          ),
    ),
    histogram(
      {
        name: 'avocado_http_request_duration_seconds',
        help: 'From when a request was there until its answer began to leave; from memory: 0.',
        labels: ['method', 'route'],
      },
      () => requests.all().map(({ method, route, metrics }) => [{ method, route }, metrics.durations]),
    ),
    gauge(
      { name: 'avocado_http_requests_under_way', help: 'Requests that are being answered.' },
      one(() => requests.underWay),
    ),
    counter(
      {
        name: 'avocado_cache_requests_total',
        help: 'Requests that can be answered from memory: hit, or miss where the answer had to be made.',
        labels: ['result'],
      },
      () => [
        [{ result: 'hit' }, responseCache.hits],
        [{ result: 'miss' }, responseCache.misses],
      ],
    ),
    gauge(
      { name: 'avocado_cache_bytes', help: 'What is kept in memory of answers.' },
      one(() => responseCache.size.bytes),
    ),
  ]
}
