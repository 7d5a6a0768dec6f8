// A table of jobs, for the list of jobs and the overview.

import { useLocation } from 'preact-iso'
import { paths } from '../address'
import type { Job } from '../api'
import { formatCount } from '../format'
import { useRowNavigation } from '../row-navigation'
import { CopyButton } from './copy'
import { Place } from './place'
import { SortHeader } from './sort-header'
import { FailureCount, JobStatus, OutcomeBar } from './status'
import { Duration, durationOf, Time } from './time'

/** The short form of a job's id, as Avocado prints it. */
export function shortId(id: string): string {
  return id.slice(0, 7)
}

interface Props {
  jobs: Job[]
  /** The current order, if the reader may choose another. Without it the table has fewer columns. */
  ordering?: string
}

export function JobTable({ jobs, ordering }: Props) {
  const { route } = useLocation()
  const selected = useRowNavigation({
    count: jobs.length,
    idOf: (index) => jobs[index]?.number,
    open: (index) => {
      const job = jobs[index]
      if (job) route(paths.job(job.id))
    },
  })
  return (
    <table class="cards jobs">
      <caption class="visually-hidden">Jobs</caption>
      <thead>
        <tr>{ordering === undefined ? <PlainHeads /> : <SortHeads ordering={ordering} />}</tr>
      </thead>
      <tbody>
        {jobs.map((job, index) => (
          <Row key={job.number} job={job} isSelected={index === selected} isBrief={ordering === undefined} />
        ))}
      </tbody>
    </table>
  )
}

function PlainHeads() {
  return (
    <>
      <th scope="col" class="col-status">
        Status
      </th>
      <th scope="col">Description</th>
      <th scope="col" class="col-time">
        Time
      </th>
      <th scope="col" class="col-bar">
        Outcomes
      </th>
    </>
  )
}

function SortHeads({ ordering }: { ordering: string }) {
  return (
    <>
      <SortHeader class="col-status" field="status" label="Status" ordering={ordering} />
      <SortHeader field="description" label="Description" ordering={ordering} />
      <th scope="col" class="col-place">
        Host, branch
      </th>
      <SortHeader class="col-id" field="id" label="Id" ordering={ordering} />
      <SortHeader class="col-time" field="time" label="Time" ordering={ordering} descendingFirst />
      <SortHeader
        class="col-duration end"
        field="elapsed_time"
        label="Duration"
        ordering={ordering}
        descendingFirst
      />
      <SortHeader
        class="col-count end"
        field="tests_total"
        label="Tests"
        ordering={ordering}
        descendingFirst
      />
      <SortHeader class="col-bar" field="failures" label="Outcomes" ordering={ordering} descendingFirst />
    </>
  )
}

function Row({ job, isSelected, isBrief }: { job: Job; isSelected: boolean; isBrief: boolean }) {
  const tests = Object.values(job.outcomes ?? {}).reduce((sum, count) => sum + count, 0)
  return (
    <tr data-row={job.number} aria-selected={isSelected || undefined}>
      <td>
        <JobStatus job={job} />
      </td>
      <td class="wide" title={job.description ?? undefined}>
        <a class="row-link" href={paths.job(job.id)}>
          {job.description || <span class="muted">no description</span>}
        </a>
        <span class={isBrief ? 'muted place-line' : 'muted place-line where-narrow'}>
          <Place labels={job.labels} isText />
        </span>
      </td>
      {!isBrief && (
        <td class="col-place">
          <Place labels={job.labels} />
        </td>
      )}
      {!isBrief && (
        <td class="col-id">
          <span class="id">
            <span class="mono" title={job.id}>
              {shortId(job.id)}
            </span>
            <CopyButton text={job.id} label="Copy the whole id" />
          </span>
        </td>
      )}
      <td>
        <Time time={job.time} />
      </td>
      {!isBrief && (
        <>
          <td class="end numbers">
            <Duration seconds={durationOf(job)} />
          </td>
          <td class="end numbers" data-unit={tests === 1 ? 'test' : 'tests'}>
            {formatCount(tests)}
          </td>
        </>
      )}
      <td class="grow">
        <span class="outcomes">
          <OutcomeBar job={job} />
          <FailureCount job={job} />
        </span>
      </td>
    </tr>
  )
}
