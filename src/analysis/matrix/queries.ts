// Reads the runs of the newest jobs for a matrix.

import type { Microseconds } from '../../lib/time'
import { isCounted, visible } from '../../results/core/job-reference'
import { type ResolvedScope, scopeConditions } from '../../results/scope/queries'
import {
  type Connection,
  dynamicQuery,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import type { TimeRange } from '../runs/window'

export interface MatrixJob {
  number: number
  id: string
  time: Microseconds
  host: number | null
  branch: number | null
  environment: number | null
  tests_total: number
}

export interface MatrixRun {
  id: number
  job: number
  testcase: number
  prefix: string
  status: number | null
  reported_status: number | null
  time: Microseconds
  environment: number | null
}

/** Jobs whose tests one statement reads. */
const JOBS_AT_ONCE = 100

/** The newest jobs in a range of time and a scope, the newest first. */
export function listMatrixJobs(
  connection: Connection,
  { from, to }: TimeRange,
  scope: ResolvedScope | undefined,
  limit: number,
): Promise<MatrixJob[]> {
  const listed = dynamicQuery<{ from: number; to: number; limit: number }>('listMatrixJobs')((param) => {
    let list = tables
      .selectFrom('job')
      .select(['number', 'id', 'time', 'host', 'branch', 'environment', 'tests_total'])
      .where(visible)
      .where('time', '>=', param('from'))
      .where('time', '<=', param('to'))
      .where(isCounted)
      .where(inTime)
    for (const condition of scope ? scopeConditions(scope, { plan: 'check' }) : [])
      list = list.where(condition)
    return list.orderBy('time', 'desc').orderBy('number', 'desc').limit(param('limit'))
  })
  return connection.all(listed, { from, to, limit })
}

const runsOfJobs = query<{ jobs: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .select(['test.id', 'test.job', 'test.testcase', 'test.prefix', 'test.status', 'test.reported_status'])
    .select(['test.time', 'test.environment'])
    .where(inList('test.job', param('jobs')))
    .where(inTime),
)

/** The tests of some jobs. */
export async function readMatrixRuns(
  connection: Connection,
  jobs: readonly MatrixJob[],
): Promise<MatrixRun[]> {
  const runs: MatrixRun[] = []
  for (let first = 0; first < jobs.length; first += JOBS_AT_ONCE) {
    const numbers = jobs.slice(first, first + JOBS_AT_ONCE).map(({ number }) => number)
    for (const run of await connection.all(runsOfJobs, { jobs: toNumberList(numbers) })) runs.push(run)
  }
  return runs
}

const testcasesByIds = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('testcase')
    .leftJoin('testcase_flakiness', 'testcase_flakiness.testcase', 'testcase.id')
    .select(['testcase.id', 'text as testcase', 'suite', 'variant', 'flaky'])
    .where(inList('testcase.id', param('ids'))),
)

export interface MatrixTestcase {
  id: number
  testcase: string
  suite: string
  variant: string | null
  flaky: number | null
}

export function readTestcases(connection: Connection, ids: Iterable<number>): Promise<MatrixTestcase[]> {
  return connection.all(testcasesByIds, { ids: toNumberList([...ids]) })
}
