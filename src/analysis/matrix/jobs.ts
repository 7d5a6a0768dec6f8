// Which jobs a list that counts all their tests may read.

import type { MatrixJob } from './queries'

/** Tests that are read. Of more, the newest jobs count: a night of a lab of 200 machines with 500 tests each. */
const MAX_RUNS = 100_000
export const MAX_JOBS = 5000
/** A job costs about this, besides its tests. */
export const ROWS_OF_JOB = 2

/** The newest jobs, as many as have no more tests than may be read. The newest is always among them. */
export function jobsToRead(jobs: readonly MatrixJob[]): MatrixJob[] {
  let tests = 0
  const last = jobs.slice(0, MAX_JOBS).findIndex(({ tests_total }) => {
    tests += tests_total
    return tests > MAX_RUNS
  })
  return jobs.slice(0, last < 0 ? MAX_JOBS : Math.max(1, last))
}
