// Jobs that were running, and of which nothing has been heard for too long.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { query, tables } from '../../storage/query'
import { countJobs } from '../core/counters'
import { deriveJobStatus, SILENCE } from '../core/job-status'
import { setJobStatus } from '../core/settle'

/** The outcomes of such a job, as far as its status depends on them. */
const RUNNING = { errored: 0, failed: 0, warned: 0, unfinished: 1, tests_total: 1, not_started: 0 }
/** Jobs that one transaction silences at most. */
const SILENCED_AT_ONCE = 500

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
 * Takes the status RUNNING from jobs of which nothing was heard for SILENCE. What was heard far ahead of now was heard
 * before the clock was set back.
 *
 * @returns `more`: some at a time, so others may be left.
 */
export const expireStaleJobs = defineWrite(
  'expireStaleJobs',
  (connection, { now }: { now: Microseconds }): { more: boolean } => {
    const running = deriveJobStatus(RUNNING, { silent: false })
    const silent = deriveJobStatus(RUNNING, { silent: true })
    if (running === null) return { more: false }
    const jobs = connection.all(runningJobs, {
      status: running,
      before: now - SILENCE,
      after: now + SILENCE,
      limit: SILENCED_AT_ONCE,
    })
    for (const { number: job, outcomes } of jobs) {
      connection.run(setJobStatus, { job, status: silent })
      connection.markChanged('job', job)
      countJobs(connection, { status: running, outcomes }, -1)
      countJobs(connection, { status: silent, outcomes }, 1)
    }
    return { more: jobs.length === SILENCED_AT_ONCE }
  },
)
