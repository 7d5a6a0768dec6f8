// How many tests ran and how many of them passed, over time.

import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import uPlot from 'uplot'
import { paths, useQuery } from '../address'
import { formatCount, formatPassrate, now } from '../format'
import { anyChange, useResource } from '../resource'
import { isDark } from '../theme'
import { Loaded } from './notice'

interface Bucket {
  time: string
  jobs: number
  passed: number
  errored: number
  failed: number
  not_applicable: number
  warned: number
  unfinished: number
}

const HOUR_MS = 3_600_000

const ranges = {
  '24h': { label: '24 hours', hours: 24, interval: 'hour' },
  '7d': { label: '7 days', hours: 7 * 24, interval: 'hour' },
  '30d': { label: '30 days', hours: 30 * 24, interval: 'day' },
  '90d': { label: '90 days', hours: 90 * 24, interval: 'day' },
  '365d': { label: 'Year', hours: 365 * 24, interval: 'week' },
} as const

type RangeName = keyof typeof ranges
const DEFAULT_RANGE: RangeName = '30d'
const HEIGHT = 190

/** @param range  as the address names it. */
export function PassrateChart({ range }: { range: string | undefined }) {
  const { hrefWith } = useQuery()
  const name = range !== undefined && Object.hasOwn(ranges, range) ? (range as RangeName) : DEFAULT_RANGE
  const { hours, interval } = ranges[name]
  // By the whole hour: the same question for a while.
  const hour = Math.floor(now.value / HOUR_MS)
  const after = new Date((hour - hours) * HOUR_MS).toISOString()
  const history = useResource<{ results: Bucket[] }>(
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
          {({ results }) => <Plot buckets={results} byHour={interval === 'hour'} />}
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

function Plot({ buckets, byHour }: { buckets: Bucket[]; byHour: boolean }) {
  const { route } = useLocation()
  const box = useRef<HTMLDivElement>(null)
  const dark = isDark.value
  useEffect(() => {
    const { current } = box
    if (!current) return
    const data: uPlot.AlignedData = [
      buckets.map(({ time }) => Date.parse(time) / 1000),
      buckets.map(testsOf),
      buckets.map(passrateOf),
    ]
    const plot = new uPlot(optionsFor(current), data, current)
    const open = () => {
      const index = plot.cursor.idx
      const bucket = index == null ? undefined : buckets[index]
      if (!bucket || index == null) return
      const parameters = new URLSearchParams({ after: bucket.time })
      const end = buckets[index + 1]?.time
      if (end !== undefined) parameters.set('before', end)
      route(`${paths.jobs}?${parameters}`)
    }
    plot.over.addEventListener('click', open)
    const observer = new ResizeObserver(() => plot.setSize({ width: current.clientWidth, height: HEIGHT }))
    observer.observe(current)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [buckets, dark])

  const total = buckets.reduce((sum, bucket) => sum + testsOf(bucket), 0)
  const passed = buckets.reduce((sum, bucket) => sum + bucket.passed, 0)
  const text = `${formatCount(total)} tests, ${formatPassrate(total === 0 ? null : (passed * 100) / total)} passed`
  return (
    <figure>
      <div ref={box} class="plot" role="img" aria-label={text} style={{ height: `${HEIGHT}px` }} />
      <figcaption class="muted">
        {text}. <span class="plot-bar" aria-hidden="true" /> tests {byHour ? 'an hour' : 'a bar'} (right),{' '}
        <span class="plot-line" aria-hidden="true" /> pass rate (left). A click shows the jobs of that time.
      </figcaption>
    </figure>
  )
}

/** Drawn with the colours of the page around it. */
function optionsFor(box: HTMLElement): uPlot.Options {
  const style = getComputedStyle(box)
  const color = (name: string) => style.getPropertyValue(`--plot-${name}`)
  const font = '12px system-ui, sans-serif'
  const axis = { font, stroke: color('text'), ticks: { show: false } }
  return {
    width: box.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { passrate: { range: [0, 100] }, tests: { range: (_, __, max) => [0, Math.max(max, 1)] } },
    axes: [
      { ...axis, grid: { show: false } },
      {
        ...axis,
        scale: 'passrate',
        grid: { stroke: color('grid'), width: 1 },
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
        values: (_, values) => values.map(formatCount),
      },
    ],
    series: [
      {},
      {
        label: 'Tests',
        scale: 'tests',
        fill: color('bar'),
        stroke: color('bar'),
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.7, 40], align: 1 }) }),
        points: { show: false },
      },
      {
        label: 'Pass rate',
        scale: 'passrate',
        stroke: color('line'),
        width: 2,
        spanGaps: true,
        points: { show: true, size: 5, fill: color('line') },
      },
    ],
  }
}
