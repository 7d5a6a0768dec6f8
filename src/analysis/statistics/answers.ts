// The queries behind the routes of /statistics/.

import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { defineRequestQuery } from '../../http/resource/request-query'
import { mapInTurn } from '../../lib/cooperative'
import { Invalid } from '../../lib/errors'
import { DAY, type Microseconds } from '../../lib/time'
import { countRunning } from '../../results/core/running'
import { totalsBetween } from '../../results/core/totals'
import { maxTestCount } from '../../results/tests/reference'
import { defineQuery } from '../../storage/database'
import { withRowBudget } from '../../storage/row-budget'
import { type Bucket, bucketsOf, type Interval, startOfDay } from './buckets'
import { failingRange, historyRange, toFailing, toInterval, toSummed } from './model'
import { listFailing } from './queries'

const MAX_INTERVALS = 2000
/** About how many rows are added up for one interval. */
const ROWS_OF_INTERVAL = 50

interface Now {
  now: Microseconds
}

/** The numbers of the last 24 hours and of the week before, and how many jobs are running. */
export const recentNumbers = defineQuery('recentNumbers', async (connection, now: Microseconds) => {
  // `now + 1` includes jobs whose time is exactly now.
  const sum = async (from: number, to: number) =>
    toSummed(await totalsBetween(connection, now - from * DAY, to === 0 ? now + 1 : now - to * DAY))
  return {
    last_24_hours: await sum(1, 0),
    week_before: await sum(8, 1),
    running: await countRunning(connection, now),
  }
})

export const overTime = defineRequestQuery(
  'overTime',
  async (connection, request, { now, ...context }: ReadContext & Now) => {
    const { interval = 'day', time_before, time_after } = readQuery(historyRange, request, context)
    const before = time_before ?? now + 1
    const after = time_after ?? startOfDay(before - 1, context.zone, 29)
    const buckets = limitedBuckets(interval, { after, before }, context.zone)
    return withRowBudget(buckets.length * ROWS_OF_INTERVAL, async () => ({
      interval,
      results: await mapInTurn(buckets, async (bucket) =>
        toInterval(bucket, await totalsBetween(connection, bucket.start, bucket.end)),
      ),
    }))
  },
)

export const failing = defineRequestQuery(
  'failing',
  async (connection, request, { now, ...context }: ReadContext & Now) => {
    const { days = 7 } = readQuery(failingRange, request, context)
    return withRowBudget(await maxTestCount(connection), async () => ({
      results: (await listFailing(connection, { after: now - days * DAY, before: now + 1 })).map(toFailing),
    }))
  },
)

function limitedBuckets(
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
