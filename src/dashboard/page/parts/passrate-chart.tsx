// The number of tests and their pass rate over time, as a chart or as a table.

import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type uPlot from 'uplot'
import { useQuery } from '../address'
import type { Bucket, History } from '../api'
import { formatCount, formatCounted, formatPassrate, now } from '../format'
import { anyChange, useResource } from '../resource'
import {
  type Interval,
  intervalName,
  jobsHref,
  passrateOfBucket,
  ranOfBucket,
  testsOfBucket,
} from './intervals'
import { Loaded } from './notice'
import { HEIGHT, optionsFor } from './passrate-plot'
import { PassrateTable } from './passrate-table'
import { Plot } from './plot'

const HOUR_MS = 3_600_000

const ranges = {
  '24h': { label: '24 hours', hours: 24, interval: 'hour' },
  '7d': { label: '7 days', hours: 7 * 24, interval: 'hour' },
  '30d': { label: '30 days', hours: 29 * 24, interval: 'day' },
  '90d': { label: '90 days', hours: 89 * 24, interval: 'day' },
  '365d': { label: 'Year', hours: 364 * 24, interval: 'week' },
} as const

type RangeName = keyof typeof ranges
const DEFAULT_RANGE: RangeName = '30d'

/** @param range  the name of the range in the address. */
export function PassrateChart({ range }: { range: string | undefined }) {
  const { query, hrefWith } = useQuery()
  const isTable = query.view === 'table'
  const name = range !== undefined && Object.hasOwn(ranges, range) ? (range as RangeName) : DEFAULT_RANGE
  const { hours, interval } = ranges[name]
  // Rounded to the hour, so that the same request can be cached for a while.
  const hour = Math.floor(now.value / HOUR_MS)
  const after = new Date((hour - hours) * HOUR_MS).toISOString()
  const history = useResource<History>(
    `/statistics/history/?time_after=${after}&interval=${interval}`,
    anyChange,
  )
  return (
    <section class="panel" aria-labelledby="passrate">
      <div class="panel-head">
        <h2 id="passrate">Pass rate and number of tests</h2>
        <nav class="choices" aria-label="Range">
          {Object.entries(ranges).map(([each, { label }]) => (
            <a
              key={each}
              href={hrefWith({ range: each === DEFAULT_RANGE ? undefined : each })}
              aria-current={each === name}
            >
              {label}
            </a>
          ))}
        </nav>
      </div>
      {isTable ? (
        <Loaded resource={history} height={`${HEIGHT}px`}>
          {({ results }) => <PassrateTable buckets={results} interval={interval} />}
        </Loaded>
      ) : (
        <div class="panel-body">
          <Loaded resource={history} height={`${HEIGHT}px`}>
            {({ results }) => <Buckets buckets={results} interval={interval} />}
          </Loaded>
        </div>
      )}
    </section>
  )
}

const perInterval: Record<Interval, string> = { hour: 'an hour', day: 'a day', week: 'a week' }

function Buckets({ buckets, interval }: { buckets: Bucket[]; interval: Interval }) {
  const { route } = useLocation()
  const { hrefWith } = useQuery()
  const data = useMemo<uPlot.AlignedData>(
    () => [
      buckets.map(({ time }) => Date.parse(time) / 1000),
      buckets.map(testsOfBucket),
      buckets.map(passrateOfBucket),
    ],
    [buckets],
  )
  const sumOf = (count: (bucket: Bucket) => number) => buckets.reduce((sum, bucket) => sum + count(bucket), 0)
  const ran = sumOf(ranOfBucket)
  const passed = sumOf((bucket) => bucket.passed)
  const text = `${formatCount(sumOf(testsOfBucket))} tests; ${formatPassrate(ran === 0 ? null : (passed * 100) / ran)} of the ${formatCount(ran)} that ran passed`
  return (
    <Plot
      height={HEIGHT}
      data={data}
      optionsFor={(style) => optionsFor(interval, style)}
      label={text}
      textOf={(index) => {
        const bucket = buckets[index ?? -1]
        return bucket ? valueText(bucket, interval) : 'no interval chosen'
      }}
      numbersOf={(index) => buckets[index] && <Numbers bucket={buckets[index]} interval={interval} />}
      open={(index) => {
        const bucket = buckets[index]
        if (bucket) route(jobsHref(bucket, buckets))
      }}
    >
      {text}. <span class="plot-line" aria-hidden="true" /> pass rate (left),{' '}
      <span class="plot-bar" aria-hidden="true" /> tests {perInterval[interval]} (right). A click shows the
      jobs of that {interval}. <a href={hrefWith({ view: 'table' })}>As a table</a>
    </Plot>
  )
}

function Numbers({ bucket, interval }: { bucket: Bucket; interval: Interval }) {
  return (
    <>
      <b>{intervalName(bucket, interval)}</b>
      <span>
        {formatCounted(testsOfBucket(bucket), 'test')} in {formatCounted(bucket.jobs, 'job')}
      </span>
      {ranOfBucket(bucket) > 0 && (
        <span>
          {formatPassrate(passrateOfBucket(bucket))} of {formatCount(ranOfBucket(bucket))} that ran passed
        </span>
      )}
    </>
  )
}

function valueText(bucket: Bucket, interval: Interval): string {
  const rate = ranOfBucket(bucket) > 0 ? `, ${formatPassrate(passrateOfBucket(bucket))} passed` : ''
  return `${intervalName(bucket, interval)}: ${formatCount(testsOfBucket(bucket))} tests${rate}`
}
