// How many tests ran and how many of them passed, over time.

import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import uPlot from 'uplot'
import { paths, useQuery } from '../address'
import type { Bucket, History } from '../api'
import { formatCount, formatPassrate, now } from '../format'
import { anyChange, useResource } from '../resource'
import { isDark } from '../theme'
import { Loaded } from './notice'

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
const HEIGHT = 180

/** @param range  as the address names it. */
export function PassrateChart({ range }: { range: string | undefined }) {
  const { hrefWith } = useQuery()
  const name = range !== undefined && Object.hasOwn(ranges, range) ? (range as RangeName) : DEFAULT_RANGE
  const { hours, interval } = ranges[name]
  // By the whole hour: the same question for a while.
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
      <div class="panel-body">
        <Loaded resource={history} height={`${HEIGHT}px`}>
          {({ results }) => <Plot buckets={results} interval={interval} />}
        </Loaded>
      </div>
    </section>
  )
}

function testsOf({ passed, errored, failed, not_applicable, warned, unfinished }: Bucket): number {
  return passed + errored + failed + not_applicable + warned + unfinished
}

function passrateOf(bucket: Bucket): number | null {
  const tests = testsOf(bucket)
  return tests === 0 ? null : (bucket.passed * 100) / tests
}

type Interval = 'hour' | 'day' | 'week'

function Plot({ buckets, interval }: { buckets: Bucket[]; interval: Interval }) {
  const { route } = useLocation()
  const figure = useRef<HTMLElement>(null)
  const dark = isDark.value
  useEffect(() => {
    const box = figure.current?.querySelector<HTMLElement>('.plot')
    if (!box) return
    const data: uPlot.AlignedData = [
      buckets.map(({ time }) => Date.parse(time) / 1000),
      buckets.map(testsOf),
      buckets.map(passrateOf),
    ]
    const plot = new uPlot(optionsFor(box, interval), data, box)
    const open = () => {
      const bucket = buckets[plot.cursor.idx ?? -1]
      if (bucket) route(`${paths.jobs}?${new URLSearchParams(rangeOf(bucket, buckets))}`)
    }
    plot.over.addEventListener('click', open)
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [buckets, dark])

  const total = buckets.reduce((sum, bucket) => sum + testsOf(bucket), 0)
  const passed = buckets.reduce((sum, bucket) => sum + bucket.passed, 0)
  const text = `${formatCount(total)} tests, ${formatPassrate(total === 0 ? null : (passed * 100) / total)} passed`
  return (
    <figure ref={figure}>
      <div class="plot" role="img" aria-label={text} style={{ height: `${HEIGHT}px` }} />
      <figcaption class="muted">
        {text}. <span class="plot-line" aria-hidden="true" /> pass rate (left),{' '}
        <span class="plot-bar" aria-hidden="true" /> tests a {interval} (right). A click shows the jobs of
        that {interval}.
      </figcaption>
    </figure>
  )
}

/** From a bucket's beginning to the next one's, as the list of jobs takes it. */
function rangeOf(bucket: Bucket, buckets: Bucket[]): Record<string, string> {
  const next = buckets[buckets.indexOf(bucket) + 1]
  return { after: bucket.time, ...(next && { before: next.time }) }
}

const SECONDS = { hour: 3600, day: 86_400, week: 7 * 86_400 }

const hourFormat = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayFormat = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

/** Drawn with the colours of the page around it. */
function optionsFor(box: HTMLElement, interval: Interval): uPlot.Options {
  const style = getComputedStyle(box)
  const colorOf = (sign: string) => {
    const element = box.parentElement?.querySelector(sign)
    return element ? getComputedStyle(element).backgroundColor : style.color
  }
  const bar = colorOf('.plot-bar')
  const line = colorOf('.plot-line')
  const half = SECONDS[interval] / 2
  const axis = { font: '12px system-ui, sans-serif', stroke: style.color, ticks: { show: false } }
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [10, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: {
      // Half a bar more on either side: none is cut.
      x: { range: (_, min, max) => [min - half, max + half] },
      passrate: { range: [0, 100] },
      tests: { range: (_, __, max) => [0, Math.max(max, 1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 70,
        values: (_, times, __, ___, step) =>
          times.map((time) =>
            (interval === 'hour' && step < SECONDS.day ? hourFormat : dayFormat).format(time * 1000),
          ),
      },
      {
        ...axis,
        scale: 'passrate',
        grid: { stroke: style.borderTopColor, width: 1 },
        size: 52,
        values: (_, values) => values.map((value) => `${value} %`),
        splits: [0, 25, 50, 75, 100],
      },
      {
        ...axis,
        scale: 'tests',
        side: 1,
        grid: { show: false },
        size: 60,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6],
        values: (_, values) => values.map(formatCount),
      },
    ],
    series: [
      {},
      {
        label: 'Tests',
        scale: 'tests',
        fill: bar,
        stroke: bar,
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.7, 40] }) }),
        points: { show: false },
      },
      {
        label: 'Pass rate',
        scale: 'passrate',
        stroke: line,
        width: 2,
        spanGaps: true,
        points: { show: true, size: 5, fill: line },
      },
    ],
  }
}
