// Which other tests failed for the reason of a run.

import { sql } from 'kysely'
import { type Connection, query, tables } from '../../storage/query'
import { inTime } from '../../storage/sqlite/time-limit'

interface OfReason {
  template: number
  testcase: number
}

const inJob = query<OfReason & { job: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('fail_reason', 'fail_reason.id', 'test.fail_reason')
    .innerJoin('template', 'template.id', 'fail_reason.template')
    .select(sql<number>`count(DISTINCT test.testcase)`.as('count'))
    .where('test.job', '=', param('job'))
    .where(sql<boolean>`test.status IN (2, 3)`)
    .where(sql<boolean>`coalesce(template.parent, template.id) = ${param('template')}`)
    .where(sql<boolean>`+test.testcase <> ${param('testcase')}`)
    .where(inTime),
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
    in_job: (await connection.first(inJob, { job, template, testcase }))?.count ?? 0,
    failing: (await connection.first(failing, { template, testcase }))?.count ?? 0,
  }
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
