// The routes of /statistics/: numbers over all jobs, recent and over time.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { answer } from '../../http/resource/request-query'
import { etagOf } from '../../http/response/entity-tag'
import { formatTime } from '../../lib/time'
import type { ResultServices } from '../../results/core/services'
import { failing, overTime, recentNumbers } from './answers'
import { failingItem, failingRange, historyItem, historyRange, statisticsItem } from './model'

export function statisticsRoutes(services: ResultServices) {
  const { database, config, clock } = services
  const present = () => ({ now: clock(), zone: config.zone })
  return new Elysia({ name: 'statistics', prefix: '/statistics', tags: ['Statistics'] })
    .use(authentication(services))
    .get(
      '/',
      async ({ set }) => {
        const now = clock()
        const numbers = await database.read(recentNumbers, now)
        // The ETag is weak and does not cover `time`, so that unchanged numbers are not sent again.
        set.headers.etag = `W/${etagOf(JSON.stringify(numbers))}`
        return { time: formatTime(now), ...numbers }
      },
      {
        detail: describe({
          summary: 'Jobs and tests of the last 24 hours, against the week before, and the jobs that run',
          description: 'By the time of the jobs.',
          reply: statisticsItem,
        }),
      },
    )
    .get('/history/', async ({ request }) => answer(database, overTime, request, present()), {
      detail: describe({
        summary: 'Jobs, and their tests by outcome, for every hour, day, week or month',
        description: 'By the time of the jobs. Intervals are whole, and those without a job are there, too.',
        reply: historyItem,
        parameters: parametersOf(historyRange),
        errors: [400],
      }),
    })
    .get('/failing/', async ({ request }) => answer(database, failing, request, present()), {
      detail: describe({
        summary: 'The 10 tests that failed most often lately',
        description: 'By name and variant, and by when they ran; what has no start ran when its job did.',
        reply: failingItem,
        parameters: parametersOf(failingRange),
        errors: [400],
      }),
    })
}
