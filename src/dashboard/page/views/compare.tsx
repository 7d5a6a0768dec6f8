// Two jobs compared: what broke, was fixed or takes longer, beside what changed on the machine in between.

import { paths, useQuery } from '../address'
import type { Comparison } from '../api'
import { BaseChoice, OtherJobs } from '../compare/bases'
import { ComparedEnvironment } from '../compare/environment'
import { ComparedTests, PAGE_SIZE } from '../compare/tests'
import { headlineOf, noteOf } from '../compare/words'
import { formatCounted, formatExact } from '../format'
import { ApiLinks } from '../parts/api-links'
import { shortId } from '../parts/job-table'
import { Empty, Loaded } from '../parts/notice'
import { NoSuchPage } from '../parts/pager'
import { titleAt } from '../parts/place'
import { useAnalysis } from '../resource'
import { useTitle } from '../title'

export function Compare() {
  const { query } = useQuery()
  const { job, base, class: name = 'changed', page } = query
  const parameters = new URLSearchParams({
    ...(job && { job }),
    ...(base && { base }),
    ...(name !== 'all' && { class: name }),
    ...(page && { page }),
    page_size: String(PAGE_SIZE),
  })
  const comparison = useAnalysis<Comparison>(
    job ? `/jobs/compare/?${parameters}` : undefined,
    (changes, data) =>
      changes.some(({ number }) => number === data?.job_number || number === data?.base_number),
  )
  useTitle(comparison.data ? headlineOf(comparison.data) : 'Compare')
  if (!job) return <NothingNamed />
  return (
    <Loaded resource={comparison} height="80vh" missing={page ? <NoSuchPage /> : undefined}>
      {(data) => <ComparisonView comparison={data} parameters={parameters} />}
    </Loaded>
  )
}

function NothingNamed() {
  return (
    <>
      <div class="view-head">
        <h1>Compare two jobs</h1>
      </div>
      <section class="panel">
        <Empty>
          <p>
            Choose one of the <a href={paths.jobs}>jobs</a>: its page leads here, and to the job before it.
          </p>
        </Empty>
      </section>
    </>
  )
}

function ComparisonView({ comparison, parameters }: { comparison: Comparison; parameters: URLSearchParams }) {
  const { query } = useQuery()
  const { job, base } = comparison.jobs
  return (
    <>
      <ol class="crumbs">
        <li>
          <a href={paths.jobs}>Jobs</a>
        </li>
        <li>
          <a href={paths.job(job.id)}>{job.number}</a>
        </li>
        <li>Compare</li>
      </ol>
      <div class="headline">
        <div>
          <h1>{headlineOf(comparison)}</h1>
          <p class="muted">{noteOf(comparison)}</p>
          {!job.over && <p>The job has not ended: tests that are missing may still come.</p>}
          {comparison.incomplete && (
            <p>Some results are still being counted: nothing here is certain until they are.</p>
          )}
        </div>
        <BaseChoice comparison={comparison} />
      </div>
      {query.choose && <OtherJobs comparison={comparison} />}
      <section class="panel panel-body versus" aria-label="The two jobs">
        {base ? <ComparedJob label="Base" job={base} /> : <p class="muted">{comparison.baseline.reason}</p>}
        <span class="versus-arrow" aria-hidden="true">
          →
        </span>
        <ComparedJob label="Now" job={job} />
      </section>
      {base && (
        <div class="wide-and-narrow">
          <ComparedTests comparison={comparison} />
          <ComparedEnvironment comparison={comparison} />
        </div>
      )}
      <p class="muted">
        <ApiLinks path={`/jobs/compare/?${parameters}`} />
      </p>
    </>
  )
}

function ComparedJob({ label, job }: { label: string; job: Comparison['jobs']['job'] }) {
  const facts = [
    formatExact(job.time),
    formatCounted(job.tests, 'test'),
    job.branch !== null && `branch ${job.branch}`,
    job.kernel !== null && `kernel ${job.kernel}`,
    job.distro,
  ].filter((fact) => fact)
  return (
    <div>
      <span class="muted">{label}</span>
      <a href={paths.job(job.id)}>
        <b>{job.number}</b> {titleAt(job.description ?? shortId(job.id), job.host)}
      </a>
      <span class="muted">{facts.join(' · ')}</span>
    </div>
  )
}
