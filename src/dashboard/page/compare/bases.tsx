// The choice of the job to compare with: the one before, the last good one, or any other.

import { paths, useQuery } from '../address'
import type { Comparison, Job, Page } from '../api'
import { Empty, Loaded } from '../parts/notice'
import { Place } from '../parts/place'
import { SearchField } from '../parts/search-field'
import { FailureCount, JobStatus } from '../parts/status'
import { Time } from '../parts/time'
import { anyChange, useLastFresh, useResource } from '../resource'

const SHOWN_JOBS = 10

export function BaseChoice({ comparison }: { comparison: Comparison }) {
  const { query, hrefWith, change } = useQuery()
  const { job, base } = comparison
  const isOther = Boolean(query.base) && query.base !== 'last_good'
  const hrefOf = (base: string | undefined) =>
    hrefWith({ base, class: undefined, page: undefined, file: undefined, choose: undefined, find: undefined })
  return (
    <div class="headline-end">
      <nav class="choices" aria-label="Compare with">
        <a href={hrefOf(undefined)} aria-current={!query.base}>
          Job before
        </a>
        <a href={hrefOf('last_good')} aria-current={query.base === 'last_good'}>
          Last good
        </a>
        <button
          type="button"
          aria-pressed={isOther}
          aria-expanded={Boolean(query.choose)}
          onClick={() => change({ choose: query.choose ? undefined : 'job', find: undefined })}
        >
          Other job…
        </button>
      </nav>
      {base !== null && (
        <a
          class="button"
          href={paths.compare(base, job)}
          title="The base as the job, and the job as its base"
        >
          Swap
        </a>
      )}
    </div>
  )
}

/** Lists jobs to choose from: the last ones on the same host, or what a search finds. */
export function OtherJobs({ comparison }: { comparison: Comparison }) {
  const { query, hrefWith } = useQuery()
  const { job } = comparison.jobs
  const parameters = new URLSearchParams({
    omit: 'activities,tests',
    include: 'outcomes',
    page_size: String(SHOWN_JOBS + 1),
    ordering: '-time',
    ...(query.find ? { search: query.find } : job.host !== null && { label: `host:${job.host}` }),
  })
  const jobs = useResource<Page<Job>>(`/jobs/?${parameters}`, anyChange)
  const place = job.host === null ? 'The last jobs' : `The last jobs on ${job.host}`
  const title = useLastFresh(query.find ? `Jobs like “${query.find}”` : place, jobs.fresh)
  return (
    <section class="panel" aria-label="Other jobs">
      <div class="panel-head">
        <h2>{title}</h2>
        <SearchField parameter="find" label="Search all jobs" />
      </div>
      <Loaded resource={jobs} height="200px">
        {({ results }) => {
          const others = results.filter(({ number }) => number !== job.number).slice(0, SHOWN_JOBS)
          if (others.length === 0) {
            return (
              <Empty>
                <p>No other job is like this.</p>
              </Empty>
            )
          }
          return (
            <ul class="items other-jobs">
              {others.map((other) => (
                <li key={other.number}>
                  <JobStatus job={other} />
                  <span>
                    <a
                      href={hrefWith({ base: other.id, choose: undefined, find: undefined, page: undefined })}
                      aria-current={other.id === comparison.base ? 'true' : undefined}
                    >
                      <b>{other.number}</b> {other.description ?? other.id}
                    </a>{' '}
                    <Place labels={other.labels} isText />
                  </span>
                  <FailureCount job={other} />
                  <span class="muted">
                    <Time time={other.time} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </section>
  )
}
