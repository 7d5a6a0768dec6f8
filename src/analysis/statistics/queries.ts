// SQL queries over all jobs. None of them scans all jobs or all tests.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { toRanAt } from '../../results/core/ran-at'
import { countRuns, findLastFailure, listRuns, type Run } from '../../results/tests/history'
import { type Connection, inTime, query, tables } from '../../storage/query'

/** How many tests the list of failing tests has. */
const MOST_FAILING = 10

/** A test that failed in a range of time, with its numbers from all jobs. */
export interface Failing {
  /** Runs that ended with FAIL or ERROR. */
  failed: number
  runs: number
  /** The newest run, also outside of the range. */
  last: Run
  /** The newest run that failed. */
  lastFailure: Run
}

interface Range {
  after: Microseconds
  before: Microseconds
}

// The statuses are literals because SQLite does not use the partial index for parameters. Without it this is slow.
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

/** The tests that failed most often in `after` <= time of the run < `before`; most failures first. */
export async function listFailing(connection: Connection, range: Range): Promise<Failing[]> {
  const ranAt = { after: toRanAt(range.after), before: toRanAt(range.before) }
  const failing: Failing[] = []
  for (const { testcase, failed } of await connection.all(mostFailing, ranAt)) {
    const [last] = await listRuns(connection, testcase, { limit: 1, offset: 0 })
    const lastFailure = await findLastFailure(connection, testcase)
    if (!last || !lastFailure) continue
    failing.push({ failed, runs: await countRuns(connection, testcase, range), last, lastFailure })
  }
  return failing
}
