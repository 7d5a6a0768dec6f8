// One fail reason: how often, where and when tests failed so, and the jobs in which they did.

import { useRoute } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { ClusterJob, Page, WholeCluster } from '../api'
import { formatCount, formatCounted, formatDay, now } from '../format'
import { KnownIssueLine } from '../known-issues/line'
import { IncompleteNote } from '../parts/incomplete'
import { Empty, Loaded } from '../parts/notice'
import { pageParameters, usePager } from '../parts/pager'
import { ParameterChoice } from '../parts/parameter-choice'
import { Time } from '../parts/time'
import { DayBars, DayTable } from '../reasons/days'
import { useAnalysis } from '../resource'
import { hostText } from '../strips/names'
import { reasonText } from '../testcase/words'
import { useTitle } from '../title'

const PAGE_SIZE = 50
const ranges: (readonly [days: string, label: string])[] = [
  ['1', '24 hours'],
  ['7', '7 days'],
  ['', '14 days'],
  ['30', '30 days'],
  ['90', '90 days'],
]

export function Reason() {
  const { id = '' } = useRoute().params
  const { query } = useQuery()
  const days = query.days ? `days=${encodeURIComponent(query.days)}` : ''
  const path = `/clusters/${encodeURIComponent(id)}/`
  const cluster = useAnalysis<WholeCluster>(`${path}?${days}`)
  useTitle(cluster.data ? reasonText(cluster.data.template).slice(0, 80) : 'Fail reason')
  return (
    <>
      <ol class="crumbs">
        <li>
          <a href={paths.reasons}>Reasons</a>
        </li>
      </ol>
      <Loaded
        resource={cluster}
        height="80vh"
        missing="There is no such fail reason: its jobs may have been deleted, or it became part of another one."
      >
        {(data) => (
          <>
            <Head cluster={data} />
            <div class="wide-and-narrow">
              <JobsPanel path={path} days={days} />
              <div class="stack">
                <DaysPanel cluster={data} />
                <TestsPanel cluster={data} />
                <HostsPanel cluster={data} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </>
  )
}

function Head({ cluster }: { cluster: WholeCluster }) {
  const { template, failures, tests, hosts, jobs, open_tests: open, first, last } = cluster
  const day = (time: string) => formatDay(time, now.value)
  return (
    <div class="headline">
      <div>
        <h1 class="reason-title">{reasonText(template)}</h1>
        <p class="muted">
          {first === null || last === null
            ? 'No test failed so in this time.'
            : `${formatCounted(failures, 'failure')} of ${formatCounted(tests, 'test')} on ${formatCounted(hosts, 'host')} in ${formatCounted(jobs, 'job')}, ${day(first)} to ${day(last)}.`}
          {open > 0 &&
            ` ${formatCounted(open, 'regression')} with this reason ${open === 1 ? 'is' : 'are'} open.`}
          {blameText(cluster.blame)}
        </p>
        {cluster.known_issue && <KnownIssueLine issue={cluster.known_issue} />}
        <IncompleteNote incomplete={cluster.incomplete} />
      </div>
      <ParameterChoice parameter="days" label="Time" options={ranges} />
    </div>
  )
}

/** Only what is likely is said. */
function blameText(blame: WholeCluster['blame']): string {
  if (!blame || blame.probability < 0.9) return ''
  if (blame.of === 'host') return ` It fails so on ${blame.host ?? 'the unknown host'}, and hardly elsewhere.`
  return blame.of === 'product' ? ' It fails so everywhere: the host is not to blame.' : ''
}

function DaysPanel({ cluster: { days, window } }: { cluster: WholeCluster }) {
  const { query, hrefWith } = useQuery()
  const isTable = query.view === 'table'
  return (
    <section class="panel" aria-labelledby="days">
      <div class="panel-head">
        <h2 id="days">By day</h2>
        <a href={hrefWith({ view: isTable ? undefined : 'table' })}>{isTable ? 'Bars' : 'Table'}</a>
      </div>
      {isTable ? <DayTable days={days} from={window.from} /> : <DayBars days={days} />}
    </section>
  )
}

function TestsPanel({ cluster: { tests, tests_top: top } }: { cluster: WholeCluster }) {
  if (top.length === 0) return null
  return (
    <section class="panel" aria-labelledby="tests">
      <div class="panel-head">
        <h2 id="tests">Tests</h2>
        {tests > top.length && (
          <span class="muted small">
            {top.length} of {formatCount(tests)}
          </span>
        )}
      </div>
      <ul class="items">
        {top.map((test) => (
          <li key={`${test.suite} ${test.testcase}`} class="reason-row">
            <a href={paths.testcase(test)}>
              {test.name}
              {test.variant !== null && <span class="muted">;{test.variant}</span>}
            </a>
            <b>{formatCount(test.failures)}</b>
          </li>
        ))}
      </ul>
    </section>
  )
}

function HostsPanel({ cluster: { hosts, hosts_top: top } }: { cluster: WholeCluster }) {
  if (top.length === 0) return null
  return (
    <section class="panel" aria-labelledby="hosts">
      <div class="panel-head">
        <h2 id="hosts">Hosts</h2>
        {hosts > top.length && (
          <span class="muted small">
            {top.length} of {formatCount(hosts)}
          </span>
        )}
      </div>
      <ul class="items">
        {top.map(({ host, failures }) => (
          <li key={host} class="reason-row">
            <span>{hostText(host)}</span>
            <b>{formatCount(failures)}</b>
          </li>
        ))}
      </ul>
    </section>
  )
}

function JobsPanel({ path, days }: { path: string; days: string }) {
  const { query } = useQuery()
  const pager = usePager(PAGE_SIZE)
  const parameters = pageParameters(query, PAGE_SIZE)
  const jobs = useAnalysis<Page<ClusterJob> & { incomplete?: unknown }>(`${path}jobs/?${parameters}&${days}`)
  return (
    <section class="panel" aria-labelledby="jobs" data-stale={jobs.fresh ? undefined : true}>
      <div class="panel-head">
        <h2 id="jobs">Jobs with this reason</h2>
      </div>
      <Loaded resource={jobs} height="50vh">
        {({ count, results }) =>
          results.length === 0 ? (
            <Empty>
              <p>No job failed so in this time.</p>
            </Empty>
          ) : (
            <>
              <JobsTable jobs={results} />
              <div class="panel-foot">{pager(count)}</div>
            </>
          )
        }
      </Loaded>
    </section>
  )
}

function JobsTable({ jobs }: { jobs: ClusterJob[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Test</th>
          <th scope="col" class="col-hosts">
            Host
          </th>
          <th scope="col" class="col-failures">
            Failures
          </th>
          <th scope="col" class="col-time">
            Job
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(({ job, time, host, branch, failures, test, testcase }) => (
          <tr key={job}>
            <td class="wide wrap">
              <a href={paths.test(job, test)}>{testcase}</a>
            </td>
            <td>
              {hostText(host)}
              {branch !== null && <span class="muted"> {branch}</span>}
            </td>
            <td data-label="Failures">{formatCount(failures)}</td>
            <td>
              <a href={paths.job(job)}>
                <Time time={time} />
              </a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
