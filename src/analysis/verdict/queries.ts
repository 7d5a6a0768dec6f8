// Which other tests failed for the reason of a run.

import { sql } from 'kysely'
import { type Connection, inTime, notIndexed, query, tables } from '../../storage/query'
import { readFailures } from '../runs/failures'
import { readOutcomes } from '../runs/interruptions'

/** Tests of a job that are compared with the one that is asked about. */
const MAX_FAILURES = 5000

interface OfReason {
  template: number
  testcase: number
}

const failuresInJob = query<{ job: number; testcase: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', 'testcase', 'status', 'reported_status'])
    .where('test.job', '=', param('job'))
    .where(sql<boolean>`test.status IN (2, 3)`)
    .where(sql<boolean>`${notIndexed('test.testcase')} <> ${param('testcase')}`)
    .where(inTime)
    .limit(param('limit')),
)
// The index has the test cases of a template and state in their order.
const failing = query<OfReason>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom('regression')
        .select('testcase')
        .distinct()
        .where('template', '=', param('template'))
        .where('state', '=', 'open')
        .where('testcase', '<>', param('testcase'))
        .where(inTime)
        .as('other'),
    )
    .select((column) => column.fn.countAll<number>().as('count')),
)

/** How many other test cases failed with a template in a job, and fail with it now. */
export async function countSameReason(
  connection: Connection,
  job: number,
  { template, testcase }: OfReason,
): Promise<{ in_job: number; failing: number }> {
  return {
    in_job: await countInJob(connection, job, { template, testcase }),
    failing: (await connection.first(failing, { template, testcase }))?.count ?? 0,
  }
}

async function countInJob(
  connection: Connection,
  job: number,
  { template, testcase }: OfReason,
): Promise<number> {
  const rows = await connection.all(failuresInJob, { job, testcase, limit: MAX_FAILURES })
  const reasons = await readFailures(
    connection,
    rows.map(({ id: test }) => ({ test })),
    new Map(),
  )
  const alike = rows.filter(({ id }) => reasons.get(id)?.template === template)
  const outcomeOf = await readOutcomes(connection, alike)
  const failed = alike.filter((row) => outcomeOf(row) === 'failed')
  return new Set(failed.map((row) => row.testcase)).size
}

const testcaseById = query<{ test: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .select(['testcase.id', 'testcase.text as testcase', 'testcase.suite', 'testcase.variant', 'test.time'])
    .where('test.id', '=', param('test')),
)

/** The test case of a test, and when that ran. */
export async function testcaseOfTest(connection: Connection, test: number) {
  return connection.first(testcaseById, { test })
}
