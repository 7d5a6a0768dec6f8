// One test of a job: its outcome, its log and other details, and its history.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { Activity, Job, Page, WholeTest } from '../api'
import { FULL_PARAMETER } from '../log/full-screen'
import { ActivityList } from '../parts/activities'
import { ApiLinks } from '../parts/api-links'
import { DataTable } from '../parts/data'
import { Environment } from '../parts/environment'
import { FailedTests } from '../parts/failed-tests'
import { FileTable, FileText } from '../parts/files'
import { History } from '../parts/history'
import { shortId } from '../parts/job-table'
import { Loaded } from '../parts/notice'
import { hostOf, PlaceFacts, titleAt } from '../parts/place'
import { Status } from '../parts/status'
import { Tabs } from '../parts/tabs'
import { Duration, ExactTime } from '../parts/time'
import { type ChangeFilter, changesOf, useResource } from '../resource'
import { meaningOf, prefixOf, statusOf } from '../statuses'
import { useTitle } from '../title'

/** The key resets the view for another test, so that nothing of the previous one is shown under its name. */
export function Test() {
  const { job = '', test = '' } = useRoute().params
  return <NamedTest key={`${job} ${test}`} job={job} test={test} />
}

function NamedTest({ job: jobReference, test: testReference }: { job: string; test: string }) {
  const jobPath = `/jobs/${encodeURIComponent(jobReference)}`
  const job = useResource<Job>(`${jobPath}/?omit=tests,activities`, (changes, data) =>
    changesOf(data?.number)(changes),
  )
  const test = useResource<WholeTest>(
    `${jobPath}/tests/${encodeURIComponent(testReference)}/`,
    changesOf(job.data?.number),
  )
  useTitle(test.data?.tag)
  return (
    <Loaded
      resource={test}
      height="80vh"
      missing="There is no such test on this server: it may have been deleted with its job."
    >
      {(data) => <TestView job={job.data} test={data} />}
    </Loaded>
  )
}

/** What a job ran, and where. */
function titleOf(job: Job | undefined): string | undefined {
  return job?.description ? titleAt(job.description, hostOf(job.labels)) : undefined
}

const tabs = ['log', 'activities', 'environment', 'data', 'files'] as const

function TestView({ job, test }: { job: Job | undefined; test: WholeTest }) {
  const { query } = useQuery()
  const tab = tabs.find((name) => name === query.tab) ?? 'log'
  const path = `/jobs/${test.job}/tests/${test.id}`
  const refetchOn = changesOf(job?.number)
  const isFailed = test.status === 'FAIL' || test.status === 'ERROR'
  // The links are beside the name of the test, or in the log's toolbar when the log hides the name.
  const isFull = query[FULL_PARAMETER] === 'true' && tab === 'log'
  const failedTests = <FailedTests job={test.job} number={job?.number} test={test.id} />
  const fullHead = (
    <>
      <b class="log-owner">{test.name}</b>
      <Status status={statusOf(test)} />
      {failedTests}
    </>
  )
  return (
    <>
      <ol class="crumbs">
        <li>
          <a href={paths.jobs}>Jobs</a>
        </li>
        <li>
          <a href={paths.job(test.job)}>{titleOf(job) ?? shortId(test.job)}</a>
        </li>
        <li>Test {prefixOf(test).replace(/-$/, '') || test.id}</li>
      </ol>
      <div class="view-head">
        <h1>
          {test.name}
          {test.variant !== null && <span class="muted">;{test.variant}</span>}
        </h1>
        <Status status={statusOf(test)} />
        {!isFull && failedTests}
        <a class="button head-action" href={paths.compare(test.job)} title="Its job with the job before">
          Compare
        </a>
      </div>
      {isFailed && !isFull && <Verdict job={test.job} test={test.id} />}
      {test.fail_reason !== null && (
        <pre class={`reason-block tone-${meaningOf(statusOf(test)).tone}`}>{test.fail_reason}</pre>
      )}
      <section
        class={isFailed ? 'test-summary is-bare' : 'panel panel-body test-summary'}
        aria-label="Summary"
      >
        <dl class="facts facts-line">
          <div>
            <dt>Started</dt>
            <dd>
              {test.started === null ? <span class="muted">unknown</span> : <ExactTime time={test.started} />}
            </dd>
          </div>
          <div>
            <dt>Duration</dt>
            <dd>
              <Duration seconds={test.elapsed_time} />
            </dd>
          </div>
          <PlaceFacts labels={job?.labels} />
          {test.suite !== undefined && (
            <div>
              <dt>Suite</dt>
              <dd>{test.suite}</dd>
            </div>
          )}
          <div>
            <dt>Id</dt>
            <dd>
              {test.id} · <ApiLinks path={`${path}/`} />
            </dd>
          </div>
        </dl>
        {isFailed ? <AllRuns test={test} /> : <History job={test.job} test={test.id} />}
      </section>
      <Tabs
        label="Parts of the test"
        current={tab}
        tabs={[
          { name: 'log', label: 'Log' },
          { name: 'activities', label: 'Activities' },
          { name: 'environment', label: 'Environment' },
          { name: 'data', label: 'Data' },
          { name: 'files', label: 'Files' },
        ]}
      />
      <section class="panel" aria-label={tab}>
        {tab === 'log' && (
          <FileText path={`${path}/files/`} refetchOn={refetchOn} choices={isFull && fullHead} />
        )}
        {tab === 'activities' && <Activities path={`${path}/activities/`} refetchOn={refetchOn} />}
        {tab === 'environment' && <Environment id={test.environment} />}
        {tab === 'data' && <DataTable path={`${path}/data/`} refetchOn={refetchOn} />}
        {tab === 'files' && <FileTable path={`${path}/files/`} refetchOn={refetchOn} />}
      </section>
    </>
  )
}

type VerdictProps = { job: string; test: number }

/** Loaded apart, beside the log, so that the log is there first. */
function Verdict(props: VerdictProps) {
  const [panel, setPanel] = useState<{ Panel: ComponentType<VerdictProps> }>()
  useEffect(() => {
    import('../verdict/panel').then(
      ({ VerdictPanel }) => setPanel({ Panel: VerdictPanel }),
      () => {}, // without a connection the page is as it was
    )
  }, [])
  return panel ? <panel.Panel {...props} /> : <div class="panel verdict" />
}

function AllRuns({ test: { suite, name, variant } }: { test: WholeTest }) {
  return <a href={paths.testcase({ suite, name, variant })}>All runs of this test</a>
}

function Activities({ path, refetchOn }: { path: string; refetchOn: ChangeFilter }) {
  const activities = useResource<Page<Activity>>(`${path}?page_size=1000`, refetchOn)
  return (
    <Loaded resource={activities} height="40vh">
      {({ results }) => <ActivityList activities={results} />}
    </Loaded>
  )
}
