// All runs of a test case: one strip for each series, those that fail first.

import { useMemo } from 'preact/hooks'
import { useQuery } from '../address'
import type { HistoryRun, HistorySeries, RegressionItem, TestHistory } from '../api'
import { formatCount, formatCounted, formatDate, formatDuration, now } from '../format'
import { Empty } from '../parts/notice'
import { namesOf, seriesText } from '../strips/names'
import { SeriesState } from '../strips/series-state'
import { StripLegend } from '../strips/signs'
import { type StripRow, Strips } from '../strips/strips'
import type { Changed } from './steps'
import { reasonText } from './words'

/** Strips that are shown at once. */
const MAX_STRIPS = 25
/** Changes of the environment in the box beside a run. */
const MAX_LINES = 4

export interface Series {
  key: string
  series: HistorySeries
  name: string
  rest: string[]
  /** The oldest first. */
  runs: HistoryRun[]
}

const keyOf = ({ testcase, host, branch, distro }: HistoryRun | HistorySeries) =>
  JSON.stringify([testcase, host, branch, distro])

/** The series of an answer with their runs. */
export function seriesOf({ series, runs }: Pick<TestHistory, 'series' | 'runs'>): Series[] {
  const nameOf = namesOf(series)
  const bySeries = Map.groupBy(runs.toReversed(), keyOf)
  return series.map((one) => ({
    key: keyOf(one),
    series: one,
    ...nameOf(one),
    runs: bySeries.get(keyOf(one)) ?? [],
  }))
}

interface Props {
  history: TestHistory
  series: Series[]
  regressions: RegressionItem[]
  changedBefore: (run: HistoryRun) => Changed
}

export function TestRuns({ history, series, regressions, changedBefore }: Props) {
  const { query, hrefWith } = useQuery()
  const all = query.strips === 'all'
  const shown = useMemo(() => (all ? series : series.slice(0, MAX_STRIPS)), [series, all])
  const rows = useMemo(() => shown.map((one) => rowOf(one, regressions)), [shown, regressions])
  const { window, runs } = history
  return (
    <section class="panel" aria-labelledby="runs">
      <div class="panel-head">
        <h2 id="runs">Runs by host</h2>
        <span class="muted small">
          {formatDate(runs.at(-1)?.time ?? window.from, now.value)} to{' '}
          {formatDate(runs[0]?.time ?? window.to, now.value)};{' '}
          {runs.length < history.count
            ? `the newest ${formatCount(runs.length)} of ${formatCount(history.count)} runs`
            : formatCounted(runs.length, 'run')}{' '}
          · <a href={hrefWith({ view: 'table' })}>as a table</a>
        </span>
      </div>
      {runs.length === 0 ? (
        <Empty>
          <p>No run is like this in the time that was asked for.</p>
        </Empty>
      ) : (
        <Strips
          rows={rows}
          label="Runs by host"
          details={(run) => <RunDetails run={run} changed={changedBefore(run)} />}
        />
      )}
      {shown.length < series.length && (
        <div class="panel-body">
          <a class="button" href={hrefWith({ strips: 'all' })}>
            Show all {formatCount(series.length)} strips
          </a>
        </div>
      )}
      <StripLegend />
    </section>
  )
}

function rowOf({ key, series, name, rest, runs }: Series, regressions: readonly RegressionItem[]): StripRow {
  const firstBad = firstBadOf(series, runs, regressions)
  return {
    key,
    label: `Runs on ${seriesText({ name, rest })}, the oldest first`,
    head: (
      <>
        <b>{name}</b>
        {rest.length > 0 && <span class="muted">{rest.join(', ')}</span>}
      </>
    ),
    state: <SeriesState series={series} firstBad={firstBad} />,
    runs,
    badSince: series.state === 'failing' ? (firstBad ?? series.since).test : undefined,
  }
}

/**
 * The first run of a series that is part of an open regression. That is told by host and distribution: it may have begun
 * with a run of another branch.
 */
function firstBadOf(
  series: HistorySeries,
  runs: readonly HistoryRun[],
  regressions: readonly RegressionItem[],
) {
  if (series.state !== 'failing') return undefined
  const begins = regressions
    .filter(({ state, testcase }) => state === 'open' && testcase === series.testcase)
    .flatMap(({ hosts, template }) => hosts.map((place) => ({ ...place, template })))
    .filter(({ host, distro, state }) => state === 'open' && host === series.host && distro === series.distro)
  return runs.find(({ time, outcome, template }) =>
    begins.some(
      (begin) =>
        outcome === 'failed' &&
        begin.first_bad !== null &&
        Date.parse(time) >= Date.parse(begin.first_bad.time) &&
        (begin.template === null || begin.template === template),
    ),
  )
}

/** What the box beside a run says: how long it took, why it failed, and what changed before it. */
export function RunDetails({ run, changed: { count, lines } }: { run: HistoryRun; changed: Changed }) {
  const more = count - Math.min(lines.length, MAX_LINES)
  return (
    <>
      {run.elapsed_time !== null && run.outcome !== 'none' && (
        <span>took {formatDuration(run.elapsed_time)}</span>
      )}
      {run.outcome === 'failed' && <span>{reasonText(run.template)}</span>}
      {run.wrong_clock && <span>The clock of its machine was wrong: this is when it was received.</span>}
      {count > 0 && (
        <>
          <b class="tip-part">{formatCounted(count, 'change')} of the environment before it</b>
          {lines.slice(0, MAX_LINES).map((line) => (
            <span key={line} class="mono">
              {line}
            </span>
          ))}
          {lines.length > 0 && more > 0 && <span class="muted">and {formatCount(more)} more</span>}
        </>
      )}
    </>
  )
}
