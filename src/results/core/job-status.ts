// The status of a job to which no client has given one. Its tests decide it.

import type { Microseconds } from '../../lib/time'
import { jobStatuses } from '../../storage/seed-data'

/** What a job's status is made of: how many of its tests have each outcome. */
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

/** A job is stale when nothing of it was reported for so long: 10 minutes, in microseconds. It does not run any more. */
export const STALE_AFTER = 10 * 60 * 1_000_000

/** What is known of the end of a job, beside its tests. */
export interface Ending {
  /** Nothing was reported for STALE_AFTER. */
  stale: boolean
  /** false: more tests are to come, though none may run at this moment; null: its tests tell. */
  ended?: boolean | null | undefined
}

/**
 * The first that applies:
 * - ERROR: a test had an error or was interrupted.
 * - FAIL: a test failed.
 * - RUNNING: the job or one of its tests has not ended; NOSTATUS when such a job is stale.
 * - ABORT: some tests never started.
 * - WARN, then PASS.
 *
 * @returns the code of a job status; null when there is nothing to judge by.
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
  // A job that has ended has no test that runs: the status of that one is unknown.
  if (outcomes.unfinished > 0) return stale || ended ? 'NOSTATUS' : 'RUNNING'
  if (outcomes.warned > 0) return 'WARN'
  return outcomes.tests_total > 0 ? 'PASS' : undefined
}

function codeOf(name: Name | undefined): number | null {
  return jobStatuses.find((status) => status.name === name)?.id ?? null
}

const ENDED = new Set([codeOf('PASS'), codeOf('WARN'), codeOf('ABORT')])

/**
 * Whether a job has ended, by what a report says of it and the status that it has: news that come late do not make it run
 * again.
 */
export function hasEnded(stored: number | null, reported: boolean | null | undefined): boolean | null {
  return reported === false && ENDED.has(stored) ? true : (reported ?? null)
}

/** A report from far ahead of now came before the clock was set back: it counts as old. */
export function isStale(lastReportAt: Microseconds, now: Microseconds): boolean {
  return Math.abs(now - lastReportAt) > STALE_AFTER
}
