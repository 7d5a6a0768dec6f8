// The status of a job or a test, and the outcomes of a job's tests as a bar, as numbers and as a pass rate.

import type { Job } from '../api'
import { formatCount, formatPassrate } from '../format'
import { meaningOf, outcomes, worstOutcomeOf } from '../statuses'
import { ToneIcon } from './icons'

/** @param status  a status of the API; null: none. */
export function Status({ status }: { status: string | null | undefined }) {
  const { label, tone } = meaningOf(status)
  return (
    <span class={`status tone-${tone}`}>
      <ToneIcon tone={tone} />
      {label}
    </span>
  )
}

type JobCounts = Pick<Job, 'outcomes' | 'not_started'>

/** The status of a job. If the job has none, shows the worst outcome of its tests, and says so. */
export function JobStatus({
  job,
  isExplained = false,
}: {
  job: JobCounts & Pick<Job, 'status'>
  /** Explains the status in a sentence. */
  isExplained?: boolean
}) {
  const ofTests = job.status === null ? worstOutcomeOf(job) : undefined
  if (ofTests === undefined) return <Status status={job.status} />
  return (
    <span title="The job was given no status: this is the worst outcome of its tests.">
      <Status status={ofTests} />{' '}
      <small class="muted">
        {isExplained ? 'is the worst of its tests: the job was given no status' : 'tests'}
      </small>
    </span>
  )
}

/** How many tests failed or had an error; nothing if none did. */
export function FailureCount({ job: { outcomes: counts } }: { job: JobCounts }) {
  const failures = (counts?.FAIL ?? 0) + (counts?.ERROR ?? 0)
  return (
    <span class="failure-count numbers">
      {failures > 0 && (
        <>
          <b class={`toned tone-${meaningOf(counts?.ERROR ? 'ERROR' : 'FAIL').tone}`}>
            {formatCount(failures)}
          </b>{' '}
          failed
        </>
      )}
    </span>
  )
}

/** The pass rate of a job. It counts only tests that ran to their end. */
export function passrateOf({ PASS, FAIL, ERROR, WARN }: NonNullable<Job['outcomes']>) {
  const ran = PASS + FAIL + ERROR + WARN
  return { ran, passrate: ran === 0 ? null : (PASS * 100) / ran }
}

/** Shows the pass rate of a job, how many tests it counts, and which it leaves out. */
export function Passrate({ job: { outcomes: counts, not_started } }: { job: JobCounts }) {
  if (!counts) return <>–</>
  const { ran, passrate } = passrateOf(counts)
  const others = [
    [counts.TEST_NA, 'skipped'],
    [counts.unfinished, 'not ended'],
    [not_started ?? 0, 'never started'],
  ] as const
  const left = others.flatMap(([count, word]) => (count > 0 ? `${formatCount(count)} ${word}` : []))
  return (
    <>
      <b>{formatPassrate(passrate)}</b> of the {ran === 1 ? 'test' : `${formatCount(ran)} tests`} that ran
      {left.length > 0 && <span class="muted">; not counted: {left.join(', ')}</span>}
    </>
  )
}

/** The outcomes of a job with their counts, the worst first, without those that count 0. */
export function countsOf({ outcomes: counts, not_started }: JobCounts): { outcome: string; count: number }[] {
  return [
    ...outcomes.map((outcome) => ({ outcome, count: counts?.[outcome] ?? 0 })),
    { outcome: 'not_started', count: not_started ?? 0 },
  ].filter(({ count }) => count > 0)
}

/** Shows the share of each outcome as a bar. The label has the same numbers for screen readers. */
export function OutcomeBar({ job }: { job: JobCounts }) {
  const counts = countsOf(job)
  const text = counts
    .map(({ outcome, count }) => `${formatCount(count)} ${meaningOf(outcome).label}`)
    .join(', ')
  return (
    <span class="outcome-bar" role="img" aria-label={text || 'no tests'} title={text || 'no tests'}>
      {counts.map(({ outcome, count }) => (
        <span key={outcome} class={`tone-${meaningOf(outcome).tone}`} style={{ flexGrow: count }} />
      ))}
    </span>
  )
}

/** Shows the outcomes in words and numbers. @param href  makes the link to the tests with an outcome. */
export function OutcomeCounts({
  job,
  href,
}: {
  job: JobCounts
  href?: (outcome: string) => string | undefined
}) {
  return (
    <ul class="outcome-counts">
      {countsOf(job).map(({ outcome, count }) => {
        const { label, tone } = meaningOf(outcome)
        const content = (
          <>
            <ToneIcon tone={tone} /> <b>{formatCount(count)}</b> {label}
          </>
        )
        const target = href?.(outcome)
        return (
          <li key={outcome} class={`tone-${tone}`}>
            {target ? <a href={target}>{content}</a> : content}
          </li>
        )
      })}
    </ul>
  )
}
