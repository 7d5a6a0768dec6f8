// The status of a job that no client has given one: made of its tests.

import { jobStatuses } from '../storage/fixed-rows'

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

/**
 * ERROR if any test has an error or was interrupted; else FAIL if any failed; else ABORT if tests never started; else,
 * with a test that has not ended, RUNNING, or NOSTATUS when nothing was heard for SILENCE; else WARN; else PASS.
 *
 * @returns the code of a job status; null when there is nothing to judge by.
 */
export function deriveJobStatus(outcomes: Outcomes, { silent }: { silent: boolean }): number | null {
  const name = deriveName(outcomes, silent)
  return jobStatuses.find((status) => status.name === name)?.id ?? null
}

function deriveName(outcomes: Outcomes, silent: boolean): Name | undefined {
  if (outcomes.errored > 0) return 'ERROR'
  if (outcomes.failed > 0) return 'FAIL'
  if (outcomes.not_started > 0) return 'ABORT'
  if (outcomes.unfinished > 0) return silent ? 'NOSTATUS' : 'RUNNING'
  if (outcomes.warned > 0) return 'WARN'
  return outcomes.tests_total > 0 ? 'PASS' : undefined
}
