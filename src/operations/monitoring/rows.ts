// How many rows there are, from numbers that are kept beside them: nothing is counted.

import { totalsBetween } from '../../results/core/totals'
import type { Database } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'

/** By status or outcome, in the words of the API. */
export interface Rows {
  jobs: [status: string, count: number][]
  tests: [status: string, count: number][]
}

/** Which part of the time may go into adding up, at most. */
const SHARE = 1 / 1000

const jobTotals = query()(() =>
  tables
    .selectFrom('job_total')
    .select((column) => ['status', column.fn.sum<number>('jobs').as('jobs')])
    .groupBy('status'),
)

/**
 * Tells the rows as they were a moment ago: a year is 35,000 kept numbers, and several may ask every second.
 *
 * @returns a function that adds up anew when that is worth it.
 */
export function rowsOf(database: Database): () => Rows {
  let rows: Rows | undefined
  let outdatedAt = 0
  return () => {
    const start = performance.now()
    if (rows && start < outdatedAt) return rows
    rows = database.read(addUp)
    const end = performance.now()
    outdatedAt = end + (end - start) / SHARE
    return rows
  }
}

function addUp(connection: Connection): Rows {
  const totals = totalsBetween(connection, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  return {
    jobs: connection
      .all(jobTotals, {})
      .map(({ status, jobs }) => [jobStatuses.find(({ id }) => id === status)?.name ?? 'none', jobs]),
    tests: [
      ['PASS', totals.passed],
      ['ERROR', totals.errored],
      ['FAIL', totals.failed],
      ['TEST_NA', totals.not_applicable],
      ['WARN', totals.warned],
      ['unfinished', totals.unfinished],
    ],
  }
}
