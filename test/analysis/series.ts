// Short ways to write down the runs of a series: P passed, F failed.

import type { SeriesRun } from '../../src/analysis/flakiness/streaks'
import { type JobRun, jobRows } from '../../src/analysis/since/job-rows'

/** @param environments  of the runs; without it they are all the same. */
export function seriesOf(runs: string, environments?: readonly (number | null)[]): SeriesRun[] {
  return [...runs].map((letter, at) => ({
    failed: letter === 'F',
    environment: environments ? (environments[at] ?? null) : 1,
  }))
}

/** One job for each run; the first has this position. */
export function rowsOf(runs: string, first = 0) {
  return jobRows([...runs].map((letter, at): JobRun => ({ position: first + at, failed: letter === 'F' })))
}

/** So many times this environment. */
export const times = (count: number, environment: number | null) => Array(count).fill(environment)
