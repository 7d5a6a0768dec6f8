// /statistics/: how all jobs are doing, now and over time.

import { Elysia } from 'elysia'
import { authentication } from '../auth/plugin'
import type { Context } from '../context'
import { describe } from '../http/documentation'
import { Invalid } from '../http/errors'
import { parametersOf, readQuery } from '../http/query'
import { countRunning } from '../jobs/running'
import { totalsBetween } from '../jobs/totals'
import { formatTime, type Microseconds } from '../time'
import { type Bucket, bucketsOf, type Interval, startOfDay } from './buckets'
import {
  failingItem,
  failingRange,
  historyItem,
  historyRange,
  statisticsItem,
  toFailing,
  toInterval,
  toSummed,
} from './model'
import { listFailing } from './queries'

const DAY = 24 * 3600 * 1_000_000
const MAX_INTERVALS = 2000

export function statisticsRoutes(context: Context) {
  const { database, config, clock } = context
  return new Elysia({ name: 'statistics', prefix: '/statistics', tags: ['Statistics'] })
    .use(authentication(context))
    .get(
      '/',
      () =>
        database.read((connection) => {
          const now = clock()
          // What has the time of this very moment counts, too.
          const sum = (from: number, to: number) =>
            toSummed(totalsBetween(connection, now - from * DAY, to === 0 ? now + 1 : now - to * DAY))
          return {
            time: formatTime(now),
            last_24_hours: sum(1, 0),
            week_before: sum(8, 1),
            running: countRunning(connection, now),
          }
        }),
      {
        detail: describe({
          summary: 'Jobs and tests of the last 24 hours, against the week before, and the jobs that run',
          description: 'By the time of the jobs.',
          reply: statisticsItem,
        }),
      },
    )
    .get(
      '/history/',
      ({ request }) => {
        const { interval = 'day', time_before, time_after } = readQuery(historyRange, request, config)
        const before = time_before ?? clock() + 1
        const after = time_after ?? startOfDay(before - 1, config.zone, 29)
        const buckets = fewBuckets(interval, { after, before }, config.zone)
        return database.read((connection) => ({
          interval,
          results: buckets.map((bucket) =>
            toInterval(bucket, totalsBetween(connection, bucket.start, bucket.end)),
          ),
        }))
      },
      {
        detail: describe({
          summary: 'Jobs, and their tests by outcome, for every hour, day, week or month',
          description:
            'By the time of the jobs. Intervals are whole, and those without a job are there, too.',
          reply: historyItem,
          parameters: parametersOf(historyRange),
          errors: [400],
        }),
      },
    )
    .get(
      '/failing/',
      ({ request }) => {
        const { days = 7 } = readQuery(failingRange, request, config)
        const now = clock()
        return database.read((connection) => ({
          results: listFailing(connection, { after: now - days * DAY, before: now + 1 }).map(toFailing),
        }))
      },
      {
        detail: describe({
          summary: 'The 10 tests that failed most often lately',
          description: 'By name and variant, and by when they ran; what has no start ran when its job did.',
          reply: failingItem,
          parameters: parametersOf(failingRange),
          errors: [400],
        }),
      },
    )
}

function fewBuckets(
  interval: Interval,
  range: { after: Microseconds; before: Microseconds },
  zone: string,
): Bucket[] {
  const buckets = [...bucketsOf(interval, range, zone).take(MAX_INTERVALS + 1)]
  if (buckets.length <= MAX_INTERVALS) return buckets
  throw new Invalid({
    interval: `This would be more than ${MAX_INTERVALS} intervals: ask for a longer interval or a shorter range of time.`,
  })
}
