// Lists the tests of one job: filtered, ordered, one page at a time.

import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { type Ordering, tieDirection } from '../../http/resource/ordering'
import type { Slice } from '../../http/resource/pagination'
import { type Connection, dynamicQuery, inTime } from '../../storage/query'
import type { Tables } from '../../storage/schema'
import { testStatuses } from '../../storage/seed-data'
import { conditionsOf, type TestFilter, tag } from './filters'
import type { TestRow, WholeTestRow } from './model'
import { idsOf } from './queries'
import { briefColumns, testsWithTestcase, wholeTests } from './reference'

export const testOrderings = ['id', 'tag', 'status', 'severity', 'elapsed_time', 'started'] as const

/** Which tests of a job to list, and in which order. */
export interface TestList {
  job: number
  filter: TestFilter
  ordering: Ordering<(typeof testOrderings)[number]>
  slice: Slice
}

/** Statuses from the worst to the best; null: the test has not ended. */
const bySeverity = ['ERROR', 'FAIL', null, 'WARN', 'TEST_NA', 'PASS'] as const

/** CASE branches that give each status its position in bySeverity. */
const severities = [null, ...testStatuses.map(({ name }) => name)].map(
  (name, status) => sql`WHEN ${sql.lit(status)} THEN ${sql.lit(bySeverity.indexOf(name))}`,
)

const orderKeys: Record<(typeof testOrderings)[number], RawBuilder<unknown>> = {
  id: sql`test.id`,
  tag,
  status: sql`test.status`,
  severity: sql`CASE coalesce(test.status, 0) ${sql.join(severities, sql` `)} END`,
  elapsed_time: sql`test.elapsed`,
  started: sql`test.started`,
}

/** A query with the tables that the conditions and the ordering use; it may join others. */
type Rows<Row> = SelectQueryBuilder<Tables, 'test' | 'testcase', Row>

export function listTests(connection: Connection, list: TestList): Promise<TestRow[]> {
  return page(connection, testsWithTestcase.select(briefColumns), list)
}

/** As listTests(), with all fields of GET /jobs/:job/tests/:test/. */
export function listWholeTests(connection: Connection, list: TestList): Promise<WholeTestRow[]> {
  // `Rows` does not name the other tables that this query joins.
  return page(connection, wholeTests as unknown as Rows<WholeTestRow>, list)
}

/** How many tests of a job match the filter. */
export async function countTests(connection: Connection, job: number, filter: TestFilter): Promise<number> {
  const counted = dynamicQuery<{ job: number }>('countTests')((param) => {
    let count = testsWithTestcase
      .select((column) => column.fn.countAll<number>().as('count'))
      .where('test.job', '=', param('job'))
      .where(inTime)
    for (const condition of conditionsOf(filter)) count = count.where(condition)
    return count
  })
  return (await connection.first(counted, { job }))?.count ?? 0
}

function page<Row>(
  connection: Connection,
  rows: Rows<Row>,
  { job, filter, ordering, slice }: TestList,
): Promise<Row[]> {
  const ordered = dynamicQuery<{ job: number } & Slice>('listTests')((param) => {
    let list = rows.where('test.id', 'in', idsOf(param('job'))).where(inTime)
    for (const condition of conditionsOf(filter)) list = list.where(condition)
    for (const { field, direction } of ordering) list = list.orderBy(orderKeys[field], direction)
    return list.orderBy('test.id', tieDirection(ordering)).limit(param('limit')).offset(param('offset'))
  })
  return connection.allOfAnswer(ordered, { job, ...slice })
}
