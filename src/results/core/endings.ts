// When a job is over: at its client's final status, at the end of an import that has results.json, or after 10 minutes of
// silence. A later run opens it again. Baselines wait for it.

import { type Selectable, sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, notIndexed, query, tables } from '../../storage/query'
import type { Tables } from '../../storage/schema'
import { jobStatuses } from '../../storage/seed-data'
import { isStale, STALE_AFTER } from './job-status'
import { markVerdictPlace } from './stale-jobs'

/** How many jobs one write ends. */
export const MAX_ENDED = 200
const RUNNING = ['START', 'RUNNING', 'NOSTATUS']
const final: number[] = jobStatuses.filter(({ name }) => !RUNNING.includes(name)).map(({ id }) => id)

const setEnd = query<{ job: number; at: Microseconds | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ ended_at: sql<number>`${param('at')}` })
    .where('number', '=', param('job'))
    .where(sql<boolean>`(ended_at IS NULL) <> (CAST(${param('at')} AS BIGINT) IS NULL)`),
)
// Only few jobs are open, so the index that has those is walked. A report from the far future was stored before the clock
// was set back.
const overJobs = query<{ before: Microseconds; after: Microseconds; limit: number }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where(sql<boolean>`ended_at IS NULL AND complete = 1`)
    .where(
      sql<boolean>`((${notIndexed('status_by_client')} = 1 AND ${notIndexed('status')} IN (${sql.join(final.map((id) => sql.lit(id)))}))
        OR ${notIndexed('last_report_at')} < ${param('before')} OR ${notIndexed('last_report_at')} > ${param('after')})`,
    )
    .limit(param('limit')),
)

/** @param at  null: it may still run. */
export async function setEnded(connection: Connection, job: number, at: Microseconds | null): Promise<void> {
  // Verdicts are on jobs that are over.
  if (at === null) await markVerdictPlace(connection, job)
  const { changes } = await connection.run(setEnd, { job, at })
  if (at !== null && changes > 0) await markVerdictPlace(connection, job)
}

/** Whether a job is over: the background notes it some moments later. The same rule as of findOverJobs(). */
export function isOver(
  {
    ended_at,
    status,
    status_by_client,
    last_report_at,
  }: Pick<Selectable<Tables['job']>, 'ended_at' | 'status' | 'status_by_client' | 'last_report_at'>,
  now: Microseconds,
): boolean {
  const isFinal = status_by_client === 1 && status !== null && final.includes(status)
  return ended_at !== null || isFinal || isStale(last_report_at, now)
}

/** The numbers of open jobs that are over, MAX_ENDED at most. */
export const findOverJobs = defineQuery('findOverJobs', async (connection, now: Microseconds) => {
  const times = { before: now - STALE_AFTER, after: now + STALE_AFTER }
  const over = await connection.all(overJobs, { ...times, limit: MAX_ENDED })
  return over.map(({ number }) => number)
})

/** Ends jobs. */
export const endJobs = defineWrite(
  'endJobs',
  async (connection, { jobs, now }: { jobs: number[]; now: Microseconds }): Promise<void> => {
    for (const job of jobs) await setEnded(connection, job, now)
    connection.markChanged('analysis', 'any')
  },
)
