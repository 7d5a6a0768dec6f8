// Which jobs run now.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { type Connection, composed, members, tables } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'
import { combinationsWith, outcomeWords } from './counters'
import { SILENCE } from './job-status'

const runningStatuses = jobStatuses.flatMap(({ id, name }) =>
  name === 'START' || name === 'RUNNING' ? id : [],
)
const withUnfinished = combinationsWith(outcomeWords.unfinished)

/**
 * The numbers of the jobs that run: by their status, or without one by a test that has not ended, while they are heard
 * of. What was heard far ahead of now was heard before the clock was set back. They are few, and found by an index,
 * whatever the list is ordered by.
 */
export function runningAt(now: Microseconds) {
  return sql<{ number: number }>`(
    SELECT number FROM job WHERE complete = 1 AND coalesce(status, 0) IN ${members(runningStatuses)}
    UNION ALL
    SELECT number FROM job WHERE complete = 1 AND coalesce(status, 0) = 0
      AND outcomes IN ${members(withUnfinished)} AND last_report_at BETWEEN ${now - SILENCE} AND ${now + SILENCE})`
}

export function countRunning(connection: Connection, now: Microseconds): number {
  const counted = composed('countRunning')(() =>
    tables
      .selectFrom(runningAt(now).as('running'))
      .select((column) => column.fn.countAll<number>().as('count')),
  )
  return connection.first(counted, {})?.count ?? 0
}
