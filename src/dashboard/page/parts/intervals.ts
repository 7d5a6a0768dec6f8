// An interval of the pass rate over time: what it counts, its name, and the list of its jobs.

import { paths, withQuery } from '../address'
import type { Bucket } from '../api'

export type Interval = 'hour' | 'day' | 'week'

export function testsOfBucket({
  passed,
  errored,
  failed,
  not_applicable,
  warned,
  unfinished,
}: Bucket): number {
  return passed + errored + failed + not_applicable + warned + unfinished
}

/** How many tests ran to their end; the pass rate counts only these. */
export function ranOfBucket({ passed, errored, failed, warned }: Bucket): number {
  return passed + errored + failed + warned
}

export function passrateOfBucket(bucket: Bucket): number | null {
  const ran = ranOfBucket(bucket)
  return ran === 0 ? null : (bucket.passed * 100) / ran
}

export const hourFormat = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const dayNameFormat = new Intl.DateTimeFormat('en', { weekday: 'short', month: 'short', day: 'numeric' })

export function intervalName({ time }: Bucket, interval: Interval): string {
  const date = new Date(time)
  const day = dayNameFormat.format(date)
  if (interval === 'week') return `Week from ${day}`
  return interval === 'hour' ? `${day}, ${hourFormat.format(date)}` : day
}

/** The address of the jobs from the start of a bucket to that of the next one. */
export function jobsHref(bucket: Bucket, buckets: Bucket[]): string {
  const next = buckets[buckets.indexOf(bucket) + 1]
  return withQuery(paths.jobs, { after: bucket.time, before: next?.time })
}
