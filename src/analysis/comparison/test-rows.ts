// The tests of a job as a comparison reads them, and how a test case did in the jobs before it.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { type Connection, dynamicQuery, inTime, members, query, tables } from '../../storage/query'

/** A run of a test case in a job. */
export interface TestRun {
  id: number
  testcase: number
  prefix: string
  status: number | null
  reported_status: number | null
  time: Microseconds
  started: Microseconds | null
  elapsed: number | null
  environment: number | null
}

export interface ComparedTest extends TestRun {
  text: string
  suite: string
  variant: string | null
}

const runColumns = [
  'test.id',
  'test.testcase',
  'test.prefix',
  'test.status',
  'test.reported_status',
  'test.time',
  'test.started',
  'test.elapsed',
  'test.environment',
] as const

const testsOfJob = query<{ job: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .select([...runColumns, 'testcase.text', 'testcase.suite', 'testcase.variant'])
    .where('test.job', '=', param('job'))
    .where(inTime),
)
const testcasesOfJob = query<{ job: number }>()((param) =>
  tables.selectFrom('test').select('testcase').distinct().where('job', '=', param('job')).where(inTime),
)
const failed = sql<boolean>`test.status IN (2, 3)`
const failuresOfJob = query<{ job: number }>()((param) =>
  tables
    .selectFrom('test')
    .leftJoin('testcase_flakiness', 'testcase_flakiness.testcase', 'test.testcase')
    .select(['test.testcase', 'flaky'])
    .distinct()
    .where('job', '=', param('job'))
    .where(inTime)
    .where(failed),
)

/** The tests of a job, by their test case. */
export function listComparedTests(connection: Connection, job: number): Promise<ComparedTest[]> {
  return connection.all(testsOfJob, { job })
}

/** The ids of the test cases of a job. */
export async function testcasesOf(connection: Connection, job: number): Promise<number[]> {
  return (await connection.all(testcasesOfJob, { job })).map(({ testcase }) => testcase)
}

/** The test cases that failed in a job; those that are flaky only where there are no others. */
export async function failingTestcases(
  connection: Connection,
  job: number,
): Promise<{ testcases: number[]; leavesOutFlaky: boolean }> {
  const rows = await connection.all(failuresOfJob, { job })
  const steady = rows.filter(({ flaky }) => flaky !== 1)
  const leavesOutFlaky = steady.length > 0 && steady.length < rows.length
  return { testcases: (leavesOutFlaky ? steady : rows).map(({ testcase }) => testcase), leavesOutFlaky }
}

/** How many of these test cases failed in a job. */
export async function countFailing(
  connection: Connection,
  job: number,
  testcases: readonly number[],
): Promise<number> {
  if (testcases.length === 0) return 0
  const counted = dynamicQuery<{ job: number }>('countFailing')((param) =>
    tables
      .selectFrom('test')
      .select(sql<number>`count(DISTINCT testcase)`.as('count'))
      .where('job', '=', param('job'))
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where(inTime)
      .where(failed),
  )
  return (await connection.first(counted, { job }))?.count ?? 0
}

/** The runs of some test cases in one job. */
export function listTestsAmong(
  connection: Connection,
  job: number,
  testcases: readonly number[],
): Promise<TestRun[]> {
  const listed = dynamicQuery<{ job: number }>('listTestsAmong')((param) =>
    tables
      .selectFrom('test')
      .select(runColumns)
      .where('test.job', '=', param('job'))
      .where(sql<boolean>`test.testcase IN ${members(testcases)}`)
      .where(inTime),
  )
  return connection.all(listed, { job })
}
