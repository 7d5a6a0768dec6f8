// What a search has found: a test, a fail reason, a job or a run, in two lines each.

import type { ComponentChildren } from 'preact'
import { paths } from '../address'
import type { FoundReason, FoundRun, FoundTestcase, Job } from '../api'
import { formatCount, formatCounted, formatTemplate } from '../format'
import { shortId } from '../parts/job-table'
import { branchOf, hostOf } from '../parts/place'
import { JobStatus, Status } from '../parts/status'
import { Time } from '../parts/time'
import { statusOf } from '../statuses'
import { searchHref } from './address'
import { Highlight, ReasonExcerpt } from './highlight'
import { piecesOf } from './words'

interface HitProps {
  id: string
  isSelected: boolean
  /** The name, as a link. */
  title: ComponentChildren
  /** Beside the name: how it stands. */
  state?: ComponentChildren
  children: ComponentChildren
}

function Hit({ id, isSelected, title, state, children }: HitProps) {
  return (
    <li class="found" data-row={id} aria-current={isSelected || undefined}>
      <span class="found-title">{title}</span>
      {state && <span class="found-state">{state}</span>}
      <span class="found-more muted">{children}</span>
    </li>
  )
}

interface Props<T> {
  hit: T
  /** What was searched. */
  search: string
  isSelected: boolean
}

export const testcaseId = ({ suite, testcase }: Pick<FoundTestcase, 'suite' | 'testcase'>) =>
  `test ${suite} ${testcase}`
export const reasonId = ({ template_id, fail_reason }: FoundReason) => `reason ${template_id ?? fail_reason}`
export const jobId = ({ id }: Job) => `job ${id}`
export const runId = ({ test }: FoundRun) => `run ${test}`

/** The name of a test case with the found words; the variant is not as strong. */
function TestName({ hit, search }: { hit: Pick<FoundTestcase, 'name' | 'variant'>; search: string }) {
  return (
    <>
      <Highlight text={hit.name} search={search} />
      {hit.variant !== null && (
        <span class="muted">
          ;<Highlight text={hit.variant} search={search} />
        </span>
      )}
    </>
  )
}

function Suite({ suite, search }: { suite: string; search: string }) {
  return suite === '' ? null : (
    <>
      suite <Highlight text={suite} search={search} />
      {' · '}
    </>
  )
}

/** How a run ended, where, and when. */
function RunState({
  run,
}: {
  run: Pick<FoundRun, 'status' | 'reported_status' | 'host' | 'branch' | 'time'>
}) {
  return (
    <>
      <Status status={statusOf(run)} />
      <At host={run.host} branch={run.branch} /> <Time time={run.time} />
    </>
  )
}

/** ` on rack7, main`; what is unknown is left out. */
function At({ host, branch }: { host: string | null | undefined; branch: string | null | undefined }) {
  const places = [host, branch].filter((place) => place != null)
  return places.length === 0 ? null : <> on {places.join(', ')}</>
}

export function TestcaseHit({ hit, search, isSelected }: Props<FoundTestcase>) {
  const { last_run: last, last_failure: failure, runs, failures } = hit
  return (
    <Hit
      id={testcaseId(hit)}
      isSelected={isSelected}
      title={
        <a class="found-link" href={paths.testcase(hit)}>
          <TestName hit={hit} search={search} />
        </a>
      }
      state={
        last && (
          <a href={paths.test(last.job, last.test)} title="The newest run">
            <RunState run={last} />
          </a>
        )
      }
    >
      <Suite suite={hit.suite} search={search} />
      {runs === 0 ? 'no run in 90 days' : `${formatCount(failures)} of ${formatCount(runs)} runs failed`}
      {failure && (
        <>
          {', the last time with '}
          <a href={paths.test(failure.job, failure.test)}>
            {failure.fail_reason ? (
              <ReasonExcerpt reason={failure.fail_reason} search={search} />
            ) : (
              'no reason'
            )}
          </a>
        </>
      )}
    </Hit>
  )
}

/** The text of the template, in which `<*>` stands for what differs; if it lacks a found word, the newest reason. */
function reasonText({ template, fail_reason }: FoundReason, search: string): string {
  const text = template === null ? undefined : formatTemplate(template)
  return text !== undefined && countFound(text, search) >= countFound(fail_reason, search)
    ? text
    : fail_reason
}

function countFound(text: string, search: string): number {
  return piecesOf(text, search).filter(({ isFound }) => isFound).length
}

export function ReasonHit({ hit, search, isSelected }: Props<FoundReason>) {
  const { last_run: last, runs, tests, truncated } = hit
  const more = truncated ? 'more than ' : ''
  return (
    <Hit
      id={reasonId(hit)}
      isSelected={isSelected}
      title={
        <a class="found-link" href={paths.test(last.job, last.test)}>
          <ReasonExcerpt reason={reasonText(hit, search)} search={search} />
        </a>
      }
      state={
        <span title="The newest run">
          <RunState run={last} />
        </span>
      }
    >
      <a href={searchHref(search, 'runs', hit.template_id === null ? {} : { template: hit.template_id })}>
        {more}
        {formatCounted(runs, 'run')}
      </a>
      {' in '}
      {formatCounted(tests, 'test')}, the last in{' '}
      <a href={paths.testcase(last)}>
        <TestName hit={last} search={search} />
      </a>
    </Hit>
  )
}

export function JobHit({ hit, search, isSelected }: Props<Job>) {
  const failed = (hit.outcomes?.FAIL ?? 0) + (hit.outcomes?.ERROR ?? 0)
  const tests = Object.values(hit.outcomes ?? {}).reduce((sum, count) => sum + count, 0)
  return (
    <Hit
      id={jobId(hit)}
      isSelected={isSelected}
      title={
        <a class="found-link" href={paths.job(hit.id)}>
          {hit.description ? <Highlight text={hit.description} search={search} /> : `Job ${shortId(hit.id)}`}
        </a>
      }
      state={
        <>
          <JobStatus job={hit} /> <Time time={hit.time} />
        </>
      }
    >
      <span class="mono">
        <Highlight text={shortId(hit.id)} search={search} />
      </span>
      {' · '}
      {formatCount(failed)} of {formatCount(tests)} tests failed
      <At host={hostOf(hit.labels)} branch={branchOf(hit.labels)} />
    </Hit>
  )
}

export function RunHit({ hit, search, isSelected }: Props<FoundRun>) {
  return (
    <Hit
      id={runId(hit)}
      isSelected={isSelected}
      title={
        <a class="found-link" href={paths.test(hit.job, hit.test)}>
          <TestName hit={hit} search={search} />
        </a>
      }
      state={<RunState run={hit} />}
    >
      <Suite suite={hit.suite} search={search} />
      <a href={paths.job(hit.job)}>{hit.job_description || `job ${shortId(hit.job)}`}</a>
      {hit.branch !== null && `, branch ${hit.branch}`}
      {hit.fail_reason && (
        <>
          {': '}
          <ReasonExcerpt reason={hit.fail_reason} search={search} />
        </>
      )}
    </Hit>
  )
}
