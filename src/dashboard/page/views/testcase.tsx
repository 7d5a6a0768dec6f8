// A test case over all jobs: how it does on each host, since when it fails, how long it takes, and what changed between.

import { useMemo } from 'preact/hooks'
import { paths, useQuery } from '../address'
import type { RegressionItem, RegressionPage, TestHistory } from '../api'
import { formatCount, formatDate, now } from '../format'
import { ToneIcon } from '../parts/icons'
import { IncompleteNote } from '../parts/incomplete'
import { Empty, Loaded } from '../parts/notice'
import { anyChange, useAnalysis, useResource } from '../resource'
import { EnvironmentChanges } from '../testcase/changes'
import { Durations } from '../testcase/durations'
import { Filters, filterNames } from '../testcase/filters'
import { Reasons } from '../testcase/reasons'
import { Regressions } from '../testcase/regressions'
import { seriesOf, TestRuns } from '../testcase/runs'
import { useChanges } from '../testcase/steps'
import { RunTable } from '../testcase/table'
import { failingSince, flakinessText, whereText } from '../testcase/words'
import { useTitle } from '../title'

/** Runs that are shown at once: the whole window of a test that runs on few hosts. */
const PAGE_SIZE = 500
const MAX_REGRESSIONS = 20

/** The key resets the view for another test, so that nothing of the previous one is shown under its name. */
export function Testcase() {
  const { query } = useQuery()
  const { suite, name, variant } = query
  if (!name) return <NothingNamed />
  return <NamedTestcase key={JSON.stringify([suite, name, variant])} />
}

function NothingNamed() {
  useTitle('Test')
  return (
    <>
      <h1>A test over all jobs</h1>
      <section class="panel">
        <Empty>
          <p>
            The address names no test. Each test of a <a href={paths.jobs}>job</a> leads here.
          </p>
        </Empty>
      </section>
    </>
  )
}

function NamedTestcase() {
  const { query } = useQuery()
  const { suite, name = '', variant, view } = query
  const named = { name, ...(suite && { suite }), ...(variant && { variant }) }
  const chosen = Object.fromEntries(filterNames.flatMap((name) => (query[name] ? [[name, query[name]]] : [])))
  const isFiltered = Object.keys(chosen).length > 0
  const pathWith = (more: object) =>
    `/tests/history/?${new URLSearchParams({ ...named, ...more, page_size: String(PAGE_SIZE) })}`
  const history = useAnalysis<TestHistory>(pathWith(chosen))
  // The choices of the filters are those of all runs.
  const whole = useResource<TestHistory>(isFiltered ? pathWith({}) : undefined, anyChange)
  const regressions = useAnalysis<RegressionPage>(
    `/regressions/?${new URLSearchParams({ testcase: variant ? `${name};${variant}` : name, page_size: String(MAX_REGRESSIONS) })}`,
  )
  useTitle(name)
  return (
    <>
      <ol class="crumbs">
        <li>
          <a href={paths.matrix}>Tests</a>
        </li>
        {suite && <li>{suite}</li>}
        <li>
          {name}
          {variant && `;${variant}`}
        </li>
      </ol>
      <Loaded
        resource={history}
        height="80vh"
        missing={`No test is called ${name}${variant ? `;${variant}` : ''} on this server: its jobs may have been deleted.`}
      >
        {(data) => (
          <View
            history={data}
            all={isFiltered ? (whole.data ?? data) : data}
            regressions={regressions.data?.results ?? []}
            isTable={view === 'table'}
          />
        )}
      </Loaded>
    </>
  )
}

interface ViewProps {
  history: TestHistory
  /** The same without filters. */
  all: TestHistory
  regressions: RegressionItem[]
  isTable: boolean
}

function View({ history, all, regressions: found, isTable }: ViewProps) {
  const { query } = useQuery()
  const { suite } = query
  // The list of regressions is asked for by name: another suite may have the same.
  const regressions = useMemo(
    () => found.filter((one) => one.state !== 'withdrawn' && (!suite || one.suite === suite)),
    [found, suite],
  )
  const series = useMemo(() => seriesOf(history), [history])
  const { changes, changedBefore } = useChanges(useMemo(() => series.map(({ runs }) => runs), [series]))
  return (
    <>
      <div class="headline">
        <div>
          <h1>
            {query.name}
            {query.variant && <span class="muted">;{query.variant}</span>}
          </h1>
          <Lead history={history} regressions={regressions} />
          <IncompleteNote incomplete={history.incomplete} />
        </div>
      </div>
      <Filters series={all.series} />
      {isTable ? (
        <RunTable history={history} />
      ) : (
        <>
          <TestRuns
            history={history}
            series={series}
            regressions={regressions}
            changedBefore={changedBefore}
          />
          <div class="wide-and-narrow">
            <Durations runs={history.runs} series={series} />
            <div class="stack testcase-side">
              <Regressions regressions={regressions} />
              <Reasons runs={history.runs} />
            </div>
          </div>
          <EnvironmentChanges changes={changes} changedBefore={changedBefore} />
        </>
      )}
    </>
  )
}

/** The answer in a sentence: where it fails, since when, and whether it is flaky. */
function Lead({ history, regressions }: { history: TestHistory; regressions: RegressionItem[] }) {
  const { series } = history
  const failing = series.filter(({ state }) => state === 'failing')
  const since = failingSince(failing, regressions)
  const flakiness = flakinessText(history)
  if (series.length === 0) return <p class="muted">No run of it passed or failed in this time.</p>
  const isFailing = failing.length > 0
  return (
    <p>
      <span class={`status tone-${isFailing ? 'fail' : 'pass'}`}>
        <ToneIcon tone={isFailing ? 'fail' : 'pass'} />
        {isFailing ? 'Fails' : 'Passes'}
      </span>{' '}
      on {whereText(isFailing ? failing : series, series)}
      {since && (
        <>
          {' '}
          since <a href={paths.job(since.job)}>{formatDate(since.time, now.value)}</a>
        </>
      )}
      .{flakiness && ` ${flakiness}`}
      {history.window.truncated && ` Counted are its newest ${formatCount(history.window.runs)} runs.`}
    </p>
  )
}
