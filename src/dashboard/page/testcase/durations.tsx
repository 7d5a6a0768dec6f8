// How long a test case takes: a point for each run that passed, one host before all others.

import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type uPlot from 'uplot'
import { paths, useQuery } from '../address'
import type { HistoryRun } from '../api'
import { formatCount, formatDate, formatDuration, now } from '../format'
import { Empty } from '../parts/notice'
import { Plot } from '../parts/plot'
import { hostText, seriesText } from '../strips/names'
import { HEIGHT, medianOf, optionsFor, type TimedRun, timedRuns } from './duration-plot'
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
        <div class="panel-body">
          <Points
            timed={timed}
            chosen={chosen}
            table={hrefWith({ view: 'table' })}
            hasOthers={series.length > 1}
          />
        </div>
      )}
    </section>
  )
}

interface PointsProps {
  timed: TimedRun[]
  chosen: Series
  /** The address of the table with the same numbers. */
  table: string
  hasOthers: boolean
}

function Points({ timed, chosen, table, hasOthers }: PointsProps) {
  const { route } = useLocation()
  const own = useMemo(() => new Set(chosen.runs.map(({ test }) => test)), [chosen.runs])
  const data = useMemo<uPlot.AlignedData>(
    () => [
      timed.map(({ at }) => at),
      timed.map(({ run, seconds }) => (own.has(run.test) ? null : seconds)),
      timed.map(({ run, seconds }) => (own.has(run.test) ? seconds : null)),
    ],
    [timed, own],
  )
  const median = medianOf(timed.filter(({ run }) => own.has(run.test)).map(({ seconds }) => seconds))
  const name = seriesText(chosen)
  const text =
    median === undefined
      ? `Durations of ${formatCount(timed.length)} runs that passed, none of them on ${name}`
      : `Durations of ${formatCount(timed.length)} runs that passed; on ${name} the median is ${formatDuration(median)}`
  return (
    <Plot
      height={HEIGHT}
      data={data}
      optionsFor={optionsFor}
      label={text}
      textOf={(index) => {
        const one = timed[index ?? -1]
        return one ? pointText(one) : 'no run chosen'
      }}
      numbersOf={(index) => timed[index] && <Numbers timed={timed[index]} />}
      open={(index) => {
        const run = timed[index]?.run
        if (run) route(paths.test(run.job, run.test))
      }}
    >
      {text}. <i class="plot-chosen" aria-hidden="true" /> {name}
      {hasOthers && (
        <>
          , <i class="plot-others" aria-hidden="true" /> others
        </>
      )}
      . A click opens the run. <a href={table}>As a table</a>
    </Plot>
  )
}

function Numbers({ timed: { run, seconds } }: { timed: TimedRun }) {
  return (
    <>
      <b>{formatDuration(seconds)}</b>
      <span>{whereText(run)}</span>
      <span>
        {formatDate(run.time, now.value)}, job {run.job_number}
      </span>
    </>
  )
}

const whereText = ({ host, branch }: HistoryRun) => [hostText(host), branch].filter(Boolean).join(', ')

function pointText({ run, seconds }: TimedRun): string {
  return `${formatDate(run.time, now.value)}, ${whereText(run)}: ${formatDuration(seconds)}`
}
