// The status of a job that no client has given one: made of its tests.

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

/** A job that was not heard of for so long runs no more, in microseconds: 10 minutes. */
export const SILENCE = 10 * 60 * 1_000_000

/** What is known of the end of a job, beside its tests. */
export interface Ending {
  /** Nothing was heard for SILENCE. */
  silent: boolean
  /** false: more tests are to come, though none may run at this moment; null: its tests tell. */
  ended?: boolean | null | undefined
}

/**
 * ERROR if any test has an error or was interrupted; else FAIL if any failed; else, of a job that has not ended or of
 * which a test has not, RUNNING, or NOSTATUS when nothing was heard for SILENCE; else ABORT if tests never started; else
 * WARN; else PASS.
 *
 * @returns the code of a job status; null when there is nothing to judge by.
 */
export function deriveJobStatus(outcomes: Outcomes, ending: Ending): number | null {
  return codeOf(deriveName(outcomes, ending))
}

function deriveName(outcomes: Outcomes, { silent, ended = null }: Ending): Name | undefined {
  if (outcomes.errored > 0) return 'ERROR'
  if (outcomes.failed > 0) return 'FAIL'
  if (ended === false) {
    if (outcomes.tests_total + outcomes.not_started === 0) return undefined
    return silent ? 'NOSTATUS' : 'RUNNING'
  }
  if (outcomes.not_started > 0) return 'ABORT'
  // A job that has ended has no test that runs: the status of that one is unknown.
  if (outcomes.unfinished > 0) return silent || ended ? 'NOSTATUS' : 'RUNNING'
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

/** Whether a job of which the last was heard then is silent now. What was heard far ahead was heard by a wrong clock. */
export function isSilent(heardAt: Microseconds, now: Microseconds): boolean {
  return Math.abs(now - heardAt) > SILENCE
}
