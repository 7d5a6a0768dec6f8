// The chart of the number of tests and their pass rate over time.

import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import uPlot from 'uplot'
import { paths, useQuery } from '../address'
import type { Bucket, History } from '../api'
import { formatCount, formatPassrate, now } from '../format'
import { anyChange, useResource } from '../resource'
import { isDark } from '../theme'
import { Loaded } from './notice'
import {
  type Cursor,
  HEIGHT,
  hourFormat,
  type Interval,
  optionsFor,
  passrateOfBucket,
  ranOfBucket,
  testsOfBucket,
} from './passrate-plot'

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
  const { hrefWith } = useQuery()
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
      <div class="panel-body">
        <Loaded resource={history} height={`${HEIGHT}px`}>
          {({ results }) => <Plot buckets={results} interval={interval} />}
        </Loaded>
      </div>
    </section>
  )
}

const perInterval: Record<Interval, string> = { hour: 'an hour', day: 'a day', week: 'a week' }

function Plot({ buckets, interval }: { buckets: Bucket[]; interval: Interval }) {
  const { route } = useLocation()
  const figure = useRef<HTMLElement>(null)
  const plotRef = useRef<uPlot>(undefined)
  const [cursor, setCursor] = useState<Cursor>()
  const dark = isDark.value
  const open = (index: number | null | undefined) => {
    const bucket = buckets[index ?? -1]
    if (bucket) route(`${paths.jobs}?${new URLSearchParams(rangeOf(bucket, buckets))}`)
  }
  useEffect(() => {
    const box = figure.current?.querySelector<HTMLElement>('.plot')
    if (!box) return
    const data: uPlot.AlignedData = [
      buckets.map(({ time }) => Date.parse(time) / 1000),
      buckets.map(testsOfBucket),
      buckets.map(passrateOfBucket),
    ]
    const plot = new uPlot(optionsFor(box, interval, setCursor), data, box)
    plotRef.current = plot
    // On a touch screen the first tap shows the numbers; a second tap at the same place opens the jobs.
    let tapped: number | null | undefined
    const click = (event: MouseEvent) => {
      const { idx } = plot.cursor
      const isFirstTap = (event as PointerEvent).pointerType === 'touch' && tapped !== idx
      tapped = idx
      if (!isFirstTap) open(idx)
    }
    plot.over.addEventListener('click', click)
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      plot.destroy()
      setCursor(undefined)
    }
  }, [buckets, dark])

  const moveTo = (index: number) => {
    const plot = plotRef.current
    const time = plot?.data[0][index]
    if (plot && time !== undefined) plot.setCursor({ left: plot.valToPos(time, 'x'), top: 0 })
  }
  const keyDown = (event: KeyboardEvent) => {
    const last = buckets.length - 1
    const from = cursor?.index ?? last
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (to !== undefined) moveTo(Math.min(Math.max(to, 0), last))
    else if (event.key === 'Enter') open(cursor?.index)
    else return
    event.preventDefault()
  }
  const total = buckets.reduce((sum, bucket) => sum + testsOfBucket(bucket), 0)
  const ran = buckets.reduce((sum, bucket) => sum + ranOfBucket(bucket), 0)
  const passed = buckets.reduce((sum, bucket) => sum + bucket.passed, 0)
  const text = `${formatCount(total)} tests; ${formatPassrate(ran === 0 ? null : (passed * 100) / ran)} of the ${formatCount(ran)} that ran passed`
  const shown = buckets[cursor?.index ?? -1]
  return (
    <figure ref={figure}>
      <div
        class="plot"
        role="slider"
        tabIndex={0}
        aria-label={text}
        aria-valuemin={0}
        aria-valuemax={buckets.length - 1}
        aria-valuenow={cursor?.index ?? buckets.length - 1}
        aria-valuetext={shown ? valueText(shown, interval) : 'no interval chosen'}
        style={{ height: `${HEIGHT}px` }}
        onKeyDown={keyDown}
        onFocus={() => moveTo(buckets.length - 1)}
        onBlur={() => plotRef.current?.setCursor({ left: -10, top: -10 })}
      >
        {shown && cursor && <Tooltip bucket={shown} interval={interval} cursor={cursor} />}
      </div>
      <figcaption class="muted">
        {text}. <span class="plot-line" aria-hidden="true" /> pass rate (left),{' '}
        <span class="plot-bar" aria-hidden="true" /> tests {perInterval[interval]} (right). A click shows the
        jobs of that {interval}.
      </figcaption>
    </figure>
  )
}

/** The numbers of the interval under the cursor. */
function Tooltip({ bucket, interval, cursor }: { bucket: Bucket; interval: Interval; cursor: Cursor }) {
  const tests = testsOfBucket(bucket)
  return (
    <div
      class={cursor.isRight ? 'plot-tip plot-tip-right' : 'plot-tip'}
      style={{ left: `${cursor.left}px` }}
      aria-hidden="true"
    >
      <b>{intervalName(bucket, interval)}</b>
      <span>
        {formatCount(tests)} {tests === 1 ? 'test' : 'tests'} in {formatCount(bucket.jobs)}{' '}
        {bucket.jobs === 1 ? 'job' : 'jobs'}
      </span>
      {ranOfBucket(bucket) > 0 && (
        <span>
          {formatPassrate(passrateOfBucket(bucket))} of {formatCount(ranOfBucket(bucket))} that ran passed
        </span>
      )}
    </div>
  )
}

const dayNameFormat = new Intl.DateTimeFormat('en', { weekday: 'short', month: 'short', day: 'numeric' })

function valueText(bucket: Bucket, interval: Interval): string {
  const rate = ranOfBucket(bucket) > 0 ? `, ${formatPassrate(passrateOfBucket(bucket))} passed` : ''
  return `${intervalName(bucket, interval)}: ${formatCount(testsOfBucket(bucket))} tests${rate}`
}

function intervalName({ time }: Bucket, interval: Interval): string {
  const date = new Date(time)
  const day = dayNameFormat.format(date)
  if (interval === 'week') return `Week from ${day}`
  return interval === 'hour' ? `${day}, ${hourFormat.format(date)}` : day
}

/** The parameters of the list of jobs for the time from a bucket's start to the next one's. */
function rangeOf(bucket: Bucket, buckets: Bucket[]): Record<string, string> {
  const next = buckets[buckets.indexOf(bucket) + 1]
  return { after: bucket.time, ...(next && { before: next.time }) }
}
