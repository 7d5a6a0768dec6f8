// The overview: statistics, the pass rate over time, the newest jobs, and the tests that fail most.

import type { ComponentChildren } from 'preact'
import { paths, useQuery } from '../address'
import type { Job, Page, Period, Statistics } from '../api'
import { formatCount, formatPassrate } from '../format'
import { FailingTests } from '../parts/failing-tests'
import { FirstSteps } from '../parts/first-steps'
import { JobTable } from '../parts/job-table'
import { Loaded } from '../parts/notice'
import { PassrateChart } from '../parts/passrate-chart'
import { anyChange, useResource } from '../resource'
import { useTitle } from '../title'

export function Overview() {
  useTitle('Overview')
  const { query } = useQuery()
  const jobs = useResource<Page<Job>>(
    '/jobs/?ordering=-time&omit=tests,activities&include=outcomes',
    anyChange,
  )
  const statistics = useResource<Statistics>('/statistics/', anyChange)
  if (jobs.data?.count === 0) return <FirstSteps />
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <Loaded resource={statistics} height="92px">
        {(data) => <Tiles statistics={data} />}
      </Loaded>
      <PassrateChart range={query.range} />
      <div class="wide-and-narrow overview-columns">
        <section class="panel" aria-labelledby="newest">
          <div class="panel-head">
            <h2 id="newest">Newest jobs</h2>
            <a href={paths.jobs}>All jobs</a>
          </div>
          <Loaded resource={jobs} height="440px">
            {({ results }) => <JobTable jobs={results} />}
          </Loaded>
        </section>
        <FailingTests />
      </div>
    </>
  )
}

function Tiles({
  statistics: { last_24_hours: last, week_before: before, running },
}: {
  statistics: Statistics
}) {
  return (
    <dl class="tiles">
      <Tile label="Jobs in the last 24 hours" value={formatCount(last.jobs)} note={perDay(before.jobs)} />
      <Tile label="Tests in the last 24 hours" value={formatCount(last.tests)} note={perDay(before.tests)} />
      <Tile
        label="Pass rate in the last 24 hours"
        value={formatPassrate(rateOf(last))}
        note={
          <>
            of the {last.ran === 1 ? 'test' : `${formatCount(last.ran)} tests`} that ran
            <br />
            {change(last, before)}
          </>
        }
      />
      <Tile
        label="Jobs running"
        value={formatCount(running)}
        note={running > 0 ? <a href={`${paths.jobs}?running=true`}>Show them</a> : 'none at the moment'}
      />
    </dl>
  )
}

function Tile({ label, value, note }: { label: string; value: string; note: ComponentChildren }) {
  return (
    <div class="tile panel">
      <dt>{label}</dt>
      <dd class="tile-value">{value}</dd>
      <dd class="muted">{note}</dd>
    </div>
  )
}

function perDay(week: number): string {
  return `${formatCount(Math.round(week / 7))} a day in the week before`
}

/** The percentage of passed tests among those that ran. */
function rateOf({ passed, ran }: Period): number | null {
  return ran === 0 ? null : (passed * 100) / ran
}

function change(now: Period, week: Period): ComponentChildren {
  const last = rateOf(now)
  const before = rateOf(week)
  if (before === null) return 'no tests in the week before'
  const difference = last === null ? 0 : last - before
  const sign = Math.abs(difference) < 0.05 ? '=' : difference > 0 ? '▲' : '▼'
  return (
    <>
      {last !== null && (
        <b class={sign === '▲' ? 'tone-pass toned' : sign === '▼' ? 'tone-fail toned' : undefined}>
          {sign} {Math.abs(difference).toFixed(1)}{' '}
        </b>
      )}
      {formatPassrate(before)} in the week before
    </>
  )
}
