// Metrics of stored jobs and tests. They come from the totals that each write updates, so no rows are counted.

import { gauge, type Metric } from '../../lib/metrics'
import { type Database, defineQuery } from '../../storage/database'
import { query, tables } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'
import { totalsBetween } from '../core/totals'

/** Counts by status or outcome, under their names in the API. */
interface Rows {
  jobs: [status: string, count: number][]
  tests: [status: string, count: number][]
}

/** The largest share of time that the sums may take. */
const MAX_TIME_SHARE = 1 / 1000

const jobTotals = query()(() =>
  tables
    .selectFrom('job_total')
    .select((column) => ['status', column.fn.sum<number>('jobs').as('jobs')])
    .groupBy('status'),
)

export function rowMetrics({ database }: { database: Database }): Metric[] {
  const rows = cachedRows(database)
  return [
    gauge({ name: 'avocado_jobs', help: 'Stored jobs, by status.', labels: ['status'] }, async () =>
      (await rows()).jobs.map(([status, count]) => [{ status }, count]),
    ),
    gauge(
      {
        name: 'avocado_tests',
        help: 'Stored tests, by status; unfinished: without one.',
        labels: ['status'],
      },
      async () => (await rows()).tests.map(([status, count]) => [{ status }, count]),
    ),
  ]
}

/**
 * Caches the sums: a year has 35,000 totals, and several clients may ask every second.
 *
 * @returns a function that returns the sums, and adds them up again when they are old.
 */
function cachedRows(database: Database): () => Promise<Rows> {
  let rows: Rows | undefined
  let outdatedAt = 0
  return async () => {
    const start = performance.now()
    if (rows && start < outdatedAt) return rows
    rows = await database.read(sumTotals)
    const end = performance.now()
    outdatedAt = end + (end - start) / MAX_TIME_SHARE
    return rows
  }
}

export const sumTotals = defineQuery('sumTotals', async (connection): Promise<Rows> => {
  const totals = await totalsBetween(connection, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  return {
    jobs: (await connection.all(jobTotals, {})).map(({ status, jobs }) => [
      jobStatuses.find(({ id }) => id === status)?.name ?? 'none',
      jobs,
    ]),
    tests: [
      ['PASS', totals.passed],
      ['ERROR', totals.errored],
      ['FAIL', totals.failed],
      ['TEST_NA', totals.not_applicable],
      ['WARN', totals.warned],
      ['unfinished', totals.unfinished],
    ],
  }
})
