// Whether a run of a test failed, passed, or says nothing.

import { reportedStatuses, testStatuses } from '../../storage/seed-data'

/** none: it was skipped, cancelled, interrupted or has not ended. */
export type Outcome = 'failed' | 'passed' | 'none'

/** What the outcome of a test depends on: see readOutcomes() in interruptions.ts, which reads it. */
export interface OutcomeColumns {
  status: number | null
  reported_status: number | null
  /** The fail reason of an interrupted test; the others are not asked for theirs. */
  reason: string | null
}

/** What the other tests of its job tell about a test that was interrupted. */
export interface Interruption {
  jobHasTimeout: boolean
  /** Another test of the job started after this one ended, so the job went on. */
  jobWentOn: boolean
}

const idOf = (name: (typeof testStatuses)[number]['name']) =>
  testStatuses.find((status) => status.name === name)?.id
const PASS = idOf('PASS')
const WARN = idOf('WARN')
const FAIL = idOf('FAIL')
const ERROR = idOf('ERROR')
export const INTERRUPTED = reportedStatuses.find(({ name }) => name === 'INTERRUPTED')?.id
const TIMED_OUT = /\btime[d ]?-?\s?out\b/i

/** Whether the outcome of a run depends on its job: see {@link Interruption}. */
export function isInterruptedByTimeout({ reported_status, reason }: OutcomeColumns): boolean {
  return reported_status === INTERRUPTED && TIMED_OUT.test(reason ?? '')
}

/**
 * The outcome of a run. A test that was interrupted because it took too long hung: it failed. If the time of its whole
 * job was up, nothing is known of the test.
 *
 * @param interruption  only looked at where {@link isInterruptedByTimeout}; without it the job had no time-out.
 */
export function outcomeOf(columns: OutcomeColumns, interruption?: Interruption): Outcome {
  const { status, reported_status } = columns
  if (reported_status === INTERRUPTED) {
    if (!isInterruptedByTimeout(columns)) return 'none'
    return interruption?.jobHasTimeout && !interruption.jobWentOn ? 'none' : 'failed'
  }
  if (status === FAIL || status === ERROR) return 'failed'
  return status === PASS || status === WARN ? 'passed' : 'none'
}
