// One job: its outcome, its tests, and tabs for everything else.

import { useRoute } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { Job as JobOf } from '../api'
import { ActivityList } from '../parts/activities'
import { ApiLinks } from '../parts/api-links'
import { CopyButton } from '../parts/copy'
import { DataTable } from '../parts/data'
import { Environment } from '../parts/environment'
import { FileTable, FileText } from '../parts/files'
import { shortId } from '../parts/job-table'
import { Loaded } from '../parts/notice'
import { hostOf, OtherLabels, PlaceFacts, titleAt } from '../parts/place'
import { Report, useHasReport } from '../parts/report'
import { RunAgain } from '../parts/run-again'
import { countsOf, JobStatus, OutcomeBar, OutcomeCounts, Passrate } from '../parts/status'
import { Tabs } from '../parts/tabs'
import { TestTable } from '../parts/test-table'
import { Duration, durationOf, ExactTime } from '../parts/time'
import { VerdictLine } from '../parts/verdict'
import { WallTime } from '../parts/wall-time'
import { changesOf, useResource } from '../resource'
import { useTitle } from '../title'

/** The key resets the view for another job, so that nothing of the previous one is shown under its name. */
export function Job() {
  const { params } = useRoute()
  return <NamedJob key={params.job} reference={params.job ?? ''} />
}

function NamedJob({ reference }: { reference: string }) {
  const path = `/jobs/${encodeURIComponent(reference)}/?omit=tests&include=outcomes,environment`
  const job = useResource<JobOf>(path, (changes, data) => changesOf(data?.number)(changes))
  useTitle(job.data ? titleOf(job.data) : 'Job')
  return (
    <Loaded
      resource={job}
      height="80vh"
      missing={`There is no job ${reference} on this server: it may have been deleted.`}
    >
      {(data) => <JobView job={data} />}
    </Loaded>
  )
}

/** What it ran, and where. */
function titleOf({ description, id, labels }: JobOf): string {
  return titleAt(description || `Job ${shortId(id)}`, hostOf(labels))
}

const tabs = ['tests', 'log', 'report', 'activities', 'environment', 'files', 'data', 'again'] as const

function JobView({ job }: { job: JobOf }) {
  const { query, hrefWith } = useQuery()
  const tab = tabs.find((name) => name === query.tab) ?? 'tests'
  const total = countsOf({ ...job, not_started: 0 }).reduce((sum, { count }) => sum + count, 0)
  const owner = `/jobs/${job.id}`
  const refetchOn = changesOf(job.number)
  const hasReport = useHasReport({ path: `${owner}/files/`, refetchOn })
  return (
    <>
      <ol class="crumbs">
        <li>
          <a href={paths.jobs}>Jobs</a>
        </li>
        <li class="id">
          <span class="mono">{shortId(job.id)}</span>
          <CopyButton text={job.id} label="Copy the whole id" />
        </li>
      </ol>
      <div class="view-head">
        <h1>{titleOf(job)}</h1>
        <JobStatus job={job} isExplained />
        <a class="button head-action" href={paths.compare(job.id)} title="With the job before it">
          Compare
        </a>
      </div>
      <section class="panel panel-body stack" aria-label="Summary">
        <OutcomeBar job={job} />
        <OutcomeCounts
          job={job}
          href={(outcome) => (outcome === 'not_started' ? undefined : hrefWith({ outcome, tab: undefined }))}
        />
        {(job.not_started ?? 0) > 0 && (
          <p class="muted">Tests that never started are counted by the job, which does not name them.</p>
        )}
        <VerdictLine job={job.id} number={job.number} />
        <dl class="facts">
          <div class="fact-long">
            <dt>Pass rate</dt>
            <dd>
              <Passrate job={job} />
            </dd>
          </div>
          <div>
            <dt>Started</dt>
            <dd>
              <ExactTime time={job.time} />
            </dd>
          </div>
          <div>
            <dt>Duration</dt>
            <dd>
              <Duration seconds={durationOf(job)} />
            </dd>
          </div>
          <WallTime job={job} />
          <PlaceFacts labels={job.labels} />
          <div>
            <dt>Number</dt>
            <dd>
              {job.number} · <ApiLinks path={`${owner}/`} />
            </dd>
          </div>
          <OtherLabels labels={job.labels} />
        </dl>
      </section>
      <Tabs
        label="Parts of the job"
        current={tab}
        tabs={[
          { name: 'tests', label: 'Tests', count: total },
          { name: 'log', label: 'Log' },
          ...(hasReport || tab === 'report' ? [{ name: 'report', label: 'Report' }] : []),
          { name: 'activities', label: 'Activities', count: job.activities?.length },
          { name: 'environment', label: 'Environment' },
          { name: 'files', label: 'Files' },
          { name: 'data', label: 'Data' },
          { name: 'again', label: 'Run again' },
        ]}
      />
      <section class="panel" aria-label={tab}>
        {tab === 'tests' && <TestTable job={job} />}
        {tab === 'log' && <FileText path={`${owner}/files/`} refetchOn={refetchOn} />}
        {tab === 'report' && <Report path={`${owner}/files/`} refetchOn={refetchOn} />}
        {tab === 'activities' && <ActivityList activities={job.activities ?? []} />}
        {tab === 'environment' && <Environment id={job.environment ?? null} />}
        {tab === 'files' && <FileTable path={`${owner}/files/`} refetchOn={refetchOn} />}
        {tab === 'data' && <DataTable path={`${owner}/data/`} refetchOn={refetchOn} />}
        {tab === 'again' && <RunAgain job={job} />}
      </section>
    </>
  )
}
