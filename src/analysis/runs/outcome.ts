// Whether a run of a test failed, passed, or says nothing.

import { reportedStatuses, testStatuses } from '../../storage/seed-data'

/** none: it was skipped, cancelled, interrupted or has not ended. */
export type Outcome = 'failed' | 'passed' | 'none'

/** The columns of a test that its outcome depends on. */
export interface OutcomeColumns {
  status: number | null
  reported_status: number | null
  /** The fail reason of an interrupted test. */
  reason: string | null
}

const idOf = (name: string) => testStatuses.find((status) => status.name === name)?.id
const [PASS, WARN, FAIL, ERROR] = ['PASS', 'WARN', 'FAIL', 'ERROR'].map(idOf)
const INTERRUPTED = reportedStatuses.find(({ name }) => name === 'INTERRUPTED')?.id
const TIMED_OUT = /\btime[d ]?-?\s?out\b/i

/** A test that was interrupted because it took too long failed: it hung. */
export function outcomeOf({ status, reported_status, reason }: OutcomeColumns): Outcome {
  if (reported_status === INTERRUPTED) return TIMED_OUT.test(reason ?? '') ? 'failed' : 'none'
  if (status === FAIL || status === ERROR) return 'failed'
  return status === PASS || status === WARN ? 'passed' : 'none'
}
