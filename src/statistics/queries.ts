// Numbers over all jobs in SQL: none of them looks at all jobs or all tests.

import { sql } from 'kysely'
import { type Connection, query, tables } from '../storage/query'
import { countRuns, findLastFailure, listRuns, type Run, type TestIdentity } from '../tests/history'
import type { Microseconds } from '../time'

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

type Range = { after: Microseconds; before: Microseconds }

// The statuses as literals: else SQLite does not use the partial index, which alone makes this quick.
const mostFailing = query<Range>()((param) =>
  tables
    .selectFrom('test')
    .select(['name', 'variant', sql<number>`count(*)`.as('failed')])
    .where(sql<boolean>`status IN (2, 3)`)
    .where('time', '>=', param('after'))
    .where('time', '<', param('before'))
    .where('job', 'not in', tables.selectFrom('job').select('number').where(sql<boolean>`complete = 0`))
    .groupBy(['name', 'variant'])
    .orderBy('failed', 'desc')
    .orderBy('name')
    .orderBy('variant')
    .limit(MOST_FAILING),
)

/** The tests that failed most often in `after` <= time < `before`, by when they ran; most failures first. */
export function listFailing(connection: Connection, range: Range): Failing[] {
  return connection.all(mostFailing, range).flatMap(({ name, variant, failed }) => {
    const test: TestIdentity = { name, variant }
    const [last] = listRuns(connection, test, { limit: 1, offset: 0 })
    const lastFailure = findLastFailure(connection, test)
    return last && lastFailure
      ? [{ failed, runs: countRuns(connection, test, range), last, lastFailure }]
      : []
  })
}
