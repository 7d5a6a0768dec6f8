// Finds the jobs that are running.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { type Connection, dynamicQuery, members, tables } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'
import { combinationsWith, outcomeWords } from './counters'
import { STALE_AFTER } from './job-status'

const runningStatuses = jobStatuses.flatMap(({ id, name }) =>
  name === 'START' || name === 'RUNNING' ? id : [],
)
const withUnfinished = combinationsWith(outcomeWords.unfinished)

/**
 * A subquery: the numbers of the running jobs. A job is running by its status, or, without a status, when a test has
 * not ended and the job is not stale. Running jobs are few and an index finds them. A report from the far future was
 * stored before the clock was set back. It counts as old.
 */
export function runningAt(now: Microseconds) {
  return sql<{ number: number }>`(
    SELECT number FROM job WHERE complete = 1 AND coalesce(status, 0) IN ${members(runningStatuses)}
    UNION ALL
    SELECT number FROM job WHERE complete = 1 AND coalesce(status, 0) = 0
      AND outcomes IN ${members(withUnfinished)} AND last_report_at BETWEEN ${now - STALE_AFTER} AND ${now + STALE_AFTER})`
}

export async function countRunning(connection: Connection, now: Microseconds): Promise<number> {
  const counted = dynamicQuery('countRunning')(() =>
    tables
      .selectFrom(runningAt(now).as('running'))
      .select((column) => column.fn.countAll<number>().as('count')),
  )
  return (await connection.first(counted, {}))?.count ?? 0
}
