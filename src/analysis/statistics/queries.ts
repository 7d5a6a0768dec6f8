// Numbers over all jobs in SQL: none of them looks at all jobs or all tests.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { toRanAt } from '../../results/core/ran-at'
import { countRuns, findLastFailure, listRuns, type Run } from '../../results/tests/history'
import { type Connection, query, tables } from '../../storage/query'
import { inTime } from '../../storage/sqlite/time-limit'

/** How many tests of those that fail most are told. */
const MOST_FAILING = 10

/** A test, in all jobs of a range of time. */
export interface Failing {
  /** FAIL or ERROR. */
  failed: number
  runs: number
  /** Its newest run, whenever that was. */
  last: Run
  /** The newest that failed. */
  lastFailure: Run
}

interface Range {
  after: Microseconds
  before: Microseconds
}

// The statuses as literals: else SQLite does not use the partial index, which alone makes this quick.
const mostFailing = query<{ after: number; before: number }>()((param) =>
  tables
    .selectFrom('test')
    .select(['testcase', sql<number>`count(*)`.as('failed')])
    .where(sql<boolean>`status IN (2, 3)`)
    .where('ran_at', '>=', param('after'))
    .where('ran_at', '<', param('before'))
    .where(inTime)
    .where('job', 'not in', tables.selectFrom('job').select('number').where(sql<boolean>`complete = 0`))
    .groupBy('testcase')
    .orderBy('failed', 'desc')
    .orderBy('testcase')
    .limit(MOST_FAILING),
)

/** The tests that failed most often in `after` <= time < `before`, by when they ran; most failures first. */
export function listFailing(connection: Connection, range: Range): Failing[] {
  const ranAt = { after: toRanAt(range.after), before: toRanAt(range.before) }
  return connection.all(mostFailing, ranAt).flatMap(({ testcase, failed }) => {
    const [last] = listRuns(connection, testcase, { limit: 1, offset: 0 })
    const lastFailure = findLastFailure(connection, testcase)
    return last && lastFailure
      ? [{ failed, runs: countRuns(connection, testcase, range), last, lastFailure }]
      : []
  })
}
