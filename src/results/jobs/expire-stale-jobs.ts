// Finds running jobs without a recent report, and changes their status.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { query, tables } from '../../storage/query'
import { adjustJobTotals } from '../core/counters'
import { deriveJobStatus, STALE_AFTER } from '../core/job-status'
import { setJobStatus } from '../core/refresh-job-status'

/** Outcomes of a running job: deriveJobStatus() makes its status before and after it is stale from them. */
const RUNNING = { errored: 0, failed: 0, warned: 0, unfinished: 1, tests_total: 1, not_started: 0 }
/** How many jobs one transaction changes at most. */
const MAX_JOBS = 500

const runningJobs = query<{ status: number; before: Microseconds; after: Microseconds; limit: number }>()(
  (param) =>
    tables
      .selectFrom('job')
      .select(['number', 'outcomes'])
      .where('status', '=', param('status'))
      .where('status_by_client', '=', 0)
      .where(({ or, eb }) =>
        or([eb('last_report_at', '<', param('before')), eb('last_report_at', '>', param('after'))]),
      )
      .where(sql<boolean>`complete = 1`)
      .limit(param('limit')),
)
/**
 * Takes the status RUNNING from stale jobs. A report from the far future was stored before the clock was set back. It
 * counts as old.
 *
 * @returns `more`: whether stale jobs may be left, because one call changes at most MAX_JOBS.
 */
export const expireStaleJobs = defineWrite(
  'expireStaleJobs',
  async (connection, { now }: { now: Microseconds }): Promise<{ more: boolean }> => {
    const running = deriveJobStatus(RUNNING, { stale: false })
    const stale = deriveJobStatus(RUNNING, { stale: true })
    if (running === null) return { more: false }
    const jobs = await connection.all(runningJobs, {
      status: running,
      before: now - STALE_AFTER,
      after: now + STALE_AFTER,
      limit: MAX_JOBS,
    })
    for (const { number: job, outcomes } of jobs) {
      await connection.run(setJobStatus, { job, status: stale })
      connection.markChanged('job', job)
      await adjustJobTotals(connection, { status: running, outcomes }, -1)
      await adjustJobTotals(connection, { status: stale, outcomes }, 1)
    }
    return { more: jobs.length === MAX_JOBS }
  },
)
