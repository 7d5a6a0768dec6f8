// How long a test case takes: a point for each run that passed, one host before all others.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import uPlot from 'uplot'
import { paths, useQuery } from '../address'
import type { HistoryRun } from '../api'
import { formatCount, formatDate, formatDuration, now } from '../format'
import { Empty } from '../parts/notice'
import { seriesText } from '../strips/names'
import { isDark } from '../theme'
import { type Cursor, HEIGHT, medianOf, optionsFor, type TimedRun, timedRuns } from './duration-plot'
import type { Series } from './runs'

export function Durations({ runs, series }: { runs: HistoryRun[]; series: Series[] }) {
  const { query, change, hrefWith } = useQuery()
  const timed = useMemo(() => timedRuns(runs), [runs])
  // The address has the name of the series: a key would be unreadable.
  const names = series.map((one) => seriesText(one))
  const index = Math.max(0, names.indexOf(query.plot ?? ''))
  const chosen = series[index]
  return (
    <section class="panel" id="durations" aria-labelledby="durations-head">
      <div class="panel-head">
        <h2 id="durations-head">Durations</h2>
        {series.length > 1 && (
          <select
            aria-label="Host of the plot"
            value={names[index]}
            onChange={(event) => {
              const plot = event.currentTarget.value
              change({ plot: plot === names[0] ? undefined : plot })
            }}
          >
            {names.map((name) => (
              <option key={name} value={name}>
                {name} before all others
              </option>
            ))}
          </select>
        )}
      </div>
      {timed.length === 0 || !chosen ? (
        <Empty>
          <p>No run passed and told how long it took.</p>
        </Empty>
      ) : (
        <Plot
          timed={timed}
          chosen={chosen}
          table={hrefWith({ view: 'table' })}
          hasOthers={series.length > 1}
        />
      )}
    </section>
  )
}

interface PlotProps {
  timed: TimedRun[]
  chosen: Series
  /** The address of the table with the same numbers. */
  table: string
  hasOthers: boolean
}

function Plot({ timed, chosen, table, hasOthers }: PlotProps) {
  const { route } = useLocation()
  const figure = useRef<HTMLElement>(null)
  const plotRef = useRef<uPlot>(undefined)
  const [cursor, setCursor] = useState<Cursor>()
  const dark = isDark.value
  const own = useMemo(() => new Set(chosen.runs.map(({ test }) => test)), [chosen.runs])
  const open = (index: number | null | undefined) => {
    const run = timed[index ?? -1]?.run
    if (run) route(paths.test(run.job, run.test))
  }
  useEffect(() => {
    const box = figure.current?.querySelector<HTMLElement>('.plot')
    if (!box) return
    const data: uPlot.AlignedData = [
      timed.map(({ at }) => at),
      timed.map(({ run, seconds }) => (own.has(run.test) ? null : seconds)),
      timed.map(({ run, seconds }) => (own.has(run.test) ? seconds : null)),
    ]
    const plot = new uPlot(optionsFor(box, setCursor), data, box)
    plotRef.current = plot
    // On a touch screen the first tap shows the numbers; a second tap at the same place opens the run.
    let tapped: number | null | undefined
    plot.over.addEventListener('click', (event) => {
      const { idx } = plot.cursor
      const isFirstTap = (event as PointerEvent).pointerType === 'touch' && tapped !== idx
      tapped = idx
      if (!isFirstTap) open(idx)
    })
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      plot.destroy()
      setCursor(undefined)
    }
  }, [timed, own, dark])

  const moveTo = (index: number) => {
    const plot = plotRef.current
    const time = plot?.data[0][index]
    if (plot && time !== undefined) plot.setCursor({ left: plot.valToPos(time, 'x'), top: 0 })
  }
  const last = timed.length - 1
  const keyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const from = cursor?.index ?? last
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key]
    if (to !== undefined) moveTo(Math.min(Math.max(to, 0), last))
    else if (event.key === 'Enter') open(cursor?.index)
    else return
    event.preventDefault()
  }
  const median = medianOf(timed.filter(({ run }) => own.has(run.test)).map(({ seconds }) => seconds))
  const name = seriesText(chosen)
  const text =
    median === undefined
      ? `Durations of ${formatCount(timed.length)} runs that passed, none of them on ${name}`
      : `Durations of ${formatCount(timed.length)} runs that passed; on ${name} the median is ${formatDuration(median)}`
  const shown = timed[cursor?.index ?? -1]
  return (
    <figure ref={figure} class="panel-body">
      <div
        class="plot"
        role="slider"
        tabIndex={0}
        aria-label={text}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={cursor?.index ?? last}
        aria-valuetext={shown ? pointText(shown) : 'no run chosen'}
        style={{ height: `${HEIGHT}px` }}
        onKeyDown={keyDown}
        onFocus={() => moveTo(last)}
        onBlur={() => plotRef.current?.setCursor({ left: -10, top: -10 })}
      >
        {shown && cursor && (
          <div
            class={cursor.isRight ? 'plot-tip plot-tip-right' : 'plot-tip'}
            style={{ left: `${cursor.left}px` }}
            aria-hidden="true"
          >
            <b>{formatDuration(shown.seconds)}</b>
            <span>{whereText(shown.run)}</span>
            <span>
              {formatDate(shown.at * 1000, now.value)}, job {shown.run.job_number}
            </span>
          </div>
        )}
      </div>
      <figcaption class="muted">
        {text}. <i class="plot-chosen" aria-hidden="true" /> {name}
        {hasOthers && (
          <>
            , <i class="plot-others" aria-hidden="true" /> others
          </>
        )}
        . A click opens the run. <a href={table}>As a table</a>
      </figcaption>
    </figure>
  )
}

const whereText = ({ host, branch }: HistoryRun) =>
  [host ?? 'unknown host', branch].filter(Boolean).join(', ')

function pointText({ run, at, seconds }: TimedRun): string {
  return `${formatDate(at * 1000, now.value)}, ${whereText(run)}: ${formatDuration(seconds)}`
}
