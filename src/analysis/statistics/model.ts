// The parameters and wire formats of /statistics/.

import { Type as t } from '@sinclair/typebox'
import { integer, keyword, withDescription } from '../../http/request/query'
import { dateTime, optional } from '../../http/resource/fields'
import type { Shape } from '../../http/resource/shapes'
import { formatTime } from '../../lib/time'
import type { Totals } from '../../results/core/totals'
import { runItem, toRun } from '../../results/tests/history'
import { nameOf } from '../../results/tests/model'
import type { Bucket, Interval } from './buckets'
import type { Failing } from './queries'

const intervals: Record<Interval, Interval> = { hour: 'hour', day: 'day', week: 'week', month: 'month' }

export const historyRange = {
  time_after: optional(
    withDescription('From the interval that has this time on; 29 days ago unless told', dateTime),
  ),
  time_before: optional(withDescription('To the interval before this time; now unless told', dateTime)),
  interval: optional(
    withDescription(
      'hour, day, week (from Monday) or month; day unless told. Days begin at midnight in the zone of the server',
      keyword(intervals, 'interval'),
    ),
  ),
} satisfies Shape

export const failingRange = {
  days: optional(withDescription('How many days back; 7 unless told', integer({ min: 1, max: 90 }))),
} satisfies Shape

const count = t.Integer({ minimum: 0 })

const summedItem = t.Object({
  jobs: count,
  tests: count,
  ran: t.Integer({ minimum: 0, description: 'Those that ran to an end: PASS, FAIL, ERROR or WARN' }),
  passed: count,
  passrate: t.Union([t.Number({ minimum: 0, maximum: 100 }), t.Null()], {
    description: 'How many of the tests passed, in percent; null: there were none',
  }),
})

export const statisticsItem = t.Object({
  time: t.String({ format: 'date-time', description: 'Now' }),
  last_24_hours: summedItem,
  week_before: summedItem,
  running: t.Integer({ minimum: 0, description: 'Jobs that run now' }),
})

export const historyItem = t.Object({
  interval: t.String(),
  results: t.Array(
    t.Object({
      time: t.String({ format: 'date-time', description: 'When the interval begins' }),
      jobs: count,
      passed: count,
      errored: count,
      failed: count,
      not_applicable: count,
      warned: count,
      unfinished: count,
    }),
  ),
})

export const failingItem = t.Object({
  results: t.Array(
    t.Object({
      name: t.String(),
      variant: t.Union([t.String(), t.Null()]),
      suite: t.Optional(t.String()),
      failed: t.Integer({ minimum: 1, description: 'Runs that ended with FAIL or ERROR' }),
      runs: t.Integer({ minimum: 1 }),
      last: runItem,
      last_failure: runItem,
    }),
  ),
})

export function toSummed({ jobs, passed, ...others }: Totals) {
  const { errored, failed, not_applicable, warned, unfinished } = others
  const ran = passed + errored + failed + warned
  const tests = ran + not_applicable + unfinished
  const passrate = tests === 0 ? null : Math.round((passed / tests) * 10_000) / 100
  return { jobs, tests, ran, passed, passrate }
}

export function toInterval({ start }: Bucket, totals: Totals) {
  return { time: formatTime(start), ...totals }
}

export function toFailing({ failed, runs, last, lastFailure }: Failing) {
  return {
    name: nameOf(last),
    variant: last.variant,
    ...(last.suite !== '' && { suite: last.suite }),
    failed,
    runs,
    last: toRun(last),
    last_failure: toRun(lastFailure),
  }
}
