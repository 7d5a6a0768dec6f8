// Derives the status of a job from its tests, for a job whose client did not send one.

import { MINUTE, type Microseconds } from '../../lib/time'
import { jobStatuses } from '../../storage/seed-data'

/** How many tests of a job have each outcome. Its status is derived from these numbers. */
export interface Outcomes {
  errored: number
  failed: number
  warned: number
  /** Started and not ended. */
  unfinished: number
  tests_total: number
  /** Counted by the job, never run. */
  not_started: number
}

type Name = (typeof jobStatuses)[number]['name']

/** A job is stale, and counts as no longer running, when the last report is older than 10 minutes, in microseconds. */
export const STALE_AFTER = 10 * MINUTE

/** What is known about the end of a job, apart from its tests. */
export interface Ending {
  /** The last report is older than STALE_AFTER. */
  stale: boolean
  /** false: more tests will follow, even if none runs now; null: unknown, so the tests decide. */
  ended?: boolean | null | undefined
}

/**
 * The first of these that applies:
 * - ERROR: a test had an error or was interrupted.
 * - FAIL: a test failed.
 * - RUNNING: the job or one of its tests has not ended; NOSTATUS when such a job is stale.
 * - ABORT: some tests never started.
 * - WARN, then PASS.
 *
 * @returns the code of a job status; null when the job has no tests.
 */
export function deriveJobStatus(outcomes: Outcomes, ending: Ending): number | null {
  return codeOf(deriveName(outcomes, ending))
}

function deriveName(outcomes: Outcomes, { stale, ended = null }: Ending): Name | undefined {
  if (outcomes.errored > 0) return 'ERROR'
  if (outcomes.failed > 0) return 'FAIL'
  if (ended === false) {
    if (outcomes.tests_total + outcomes.not_started === 0) return undefined
    return stale ? 'NOSTATUS' : 'RUNNING'
  }
  if (outcomes.not_started > 0) return 'ABORT'
  // In a job that has ended no test runs any more, so the status of an unfinished test is unknown.
  if (outcomes.unfinished > 0) return stale || ended ? 'NOSTATUS' : 'RUNNING'
  if (outcomes.warned > 0) return 'WARN'
  return outcomes.tests_total > 0 ? 'PASS' : undefined
}

function codeOf(name: Name | undefined): number | null {
  return jobStatuses.find((status) => status.name === name)?.id ?? null
}

const ENDED = new Set([codeOf('PASS'), codeOf('WARN'), codeOf('ABORT')])

/**
 * Whether a job has ended, by a report and the job's stored status. A late report does not make an ended job run again.
 */
export function hasEnded(stored: number | null, reported: boolean | null | undefined): boolean | null {
  return reported === false && ENDED.has(stored) ? true : (reported ?? null)
}

/** A report from the far future was stored before the clock was set back. It counts as old. */
export function isStale(lastReportAt: Microseconds, now: Microseconds): boolean {
  return Math.abs(now - lastReportAt) > STALE_AFTER
}
