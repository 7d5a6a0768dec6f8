// How test cases did in the jobs before, read from the newest back and only as far as somebody wants to know.

import type { Connection } from '../../storage/query'
import { readOutcomes } from '../runs/interruptions'
import type { Outcome } from '../runs/outcome'
import { listEarlierOnHost, type PlacedJob } from './earlier-jobs'
import { listTestsAmong, type TestRun } from './test-rows'

/** How many jobs of a series are read at most. */
export const MAX_JOBS = 40

/** A run that passed or failed. */
export interface EarlierRun {
  outcome: Exclude<Outcome, 'none'>
  elapsed: number | null
  environment: number | null
}

/** Looks at a run of a test case. @returns whether it wants to know about earlier ones */
export type Visit = (testcase: number, run: EarlierRun) => boolean

/** The jobs before one in its series: of the same host, branch and distro. The newest first. */
export function jobsOfSeries(connection: Connection, job: PlacedJob): Promise<PlacedJob[]> {
  return listEarlierOnHost(connection, job, {
    limit: MAX_JOBS,
    fits: ({ branch, series_distro, duplicate_of, recovered }) =>
      branch === job.branch &&
      series_distro === job.series_distro &&
      duplicate_of === null &&
      recovered === 0,
  })
}

/**
 * Shows the runs of some test cases in some jobs, in the order of the jobs.
 *
 * @param oldestFirst  the order of two runs in one job.
 */
export async function walkRuns(
  connection: Connection,
  jobs: readonly PlacedJob[],
  testcases: Iterable<number>,
  visit: Visit,
  { oldestFirst = false } = {},
): Promise<void> {
  const wanted = new Set(testcases)
  for (const job of jobs) {
    if (wanted.size === 0) return
    const runs = runsInOrder(
      await withOutcomes(connection, await listTestsAmong(connection, job.number, [...wanted])),
    )
    for (const test of oldestFirst ? runs : runs.reverse()) {
      const { outcome, elapsed, environment } = test
      if (outcome === 'none' || !wanted.has(test.testcase)) continue
      const isWanted = visit(test.testcase, {
        outcome,
        elapsed,
        environment: environment ?? job.environment,
      })
      if (!isWanted) wanted.delete(test.testcase)
    }
  }
}

/** Adds their outcomes to the tests of one job. */
export async function withOutcomes<T extends TestRun>(
  connection: Connection,
  tests: readonly T[],
): Promise<(T & { outcome: Outcome })[]> {
  const outcomeOf = await readOutcomes(connection, tests)
  return tests.map((test) => ({ ...test, outcome: outcomeOf(test) }))
}

/** Runs by their start; by their tag where that is the same. */
export function runsInOrder<T extends Pick<TestRun, 'time' | 'prefix'>>(runs: T[]): T[] {
  return runs.sort((one, other) => one.time - other.time || (one.prefix < other.prefix ? -1 : 1))
}
