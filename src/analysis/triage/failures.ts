// The failures in the window of triage, counted for each test case, reason and host.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { isCounted } from '../../results/core/job-reference'
import { EPOCH } from '../../results/core/ran-at'
import { environmentOfRun, runsInScope } from '../../results/scope/queries'
import { type Connection, inTime, notIndexed, query, tables } from '../../storage/query'
import { isInfrastructure } from '../infrastructure/effective'
import { type RunTemplate, readFailures as readReasons } from '../runs/failures'
import { readOutcomes } from '../runs/interruptions'
import { toRanAtRange } from '../runs/window'
import { highestJobNumber, type TriageWindow } from './window'

/** The newest failures that a list counts. */
export const MAX_FAILURES = 10_000
/** Of the jobs that arrived since somebody looked, how many may be late ones. */
const MAX_LATE_JOBS = 5000

/** A failure as it is read. */
export interface Failure {
  test: number
  testcase: number
  job: number
  /** The id of the job, and the beginning of the tag: for the order of runs. */
  jobId: string
  tag: string
  time: Microseconds
  template: RunTemplate
  /** 0: unknown. */
  host: number
  environment: number | null
}

const columns = [
  'test.id as test',
  'test.testcase',
  'test.job',
  'job.id as jobId',
  'test.ran_at as ranAt',
  'test.status',
  'test.reported_status',
  sql<number>`coalesce(job.host, 0)`.as('host'),
  environmentOfRun.as('environment'),
] as const

// The cross joins keep the order: an index has the failures of a range of time, and no other tests.
const newest = query<{ from: number; to: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .crossJoin('job')
    .select(columns)
    .whereRef('job.number', '=', 'test.job')
    .where(sql<boolean>`job.complete = 1`)
    .where(sql<boolean>`test.status IN (2, 3)`)
    .where('test.ran_at', '>=', param('from'))
    .where('test.ran_at', '<', param('to'))
    .where(isCounted)
    .where(sql<boolean>`${isInfrastructure} = 0`)
    .where(inTime)
    .orderBy('test.ran_at', 'desc')
    .limit(param('limit')),
)
const late = query<{ number: number; from: number; time: Microseconds; limit: number }>()((param) =>
  tables
    .selectFrom('job')
    .crossJoin('test')
    .select(columns)
    .where('job.number', '>=', param('number'))
    .where(sql<boolean>`${notIndexed('job.time')} < ${param('time')}`)
    .where(sql<boolean>`job.failed + job.errored > 0 AND ${notIndexed('job.complete')} = 1`)
    .whereRef('test.job', '=', 'job.number')
    .where(sql<boolean>`${notIndexed('test.status')} IN (2, 3)`)
    .where(sql<boolean>`${notIndexed('test.ran_at')} < ${param('from')}`)
    .where(isCounted)
    .where(sql<boolean>`${isInfrastructure} = 0`)
    .where(inTime)
    .limit(param('limit')),
)

export interface Failures {
  failures: Failure[]
  /** The window has more, which are older. */
  isTruncated: boolean
}

/** The failures in the window, the newest first: of visible jobs, each once. */
export async function readFailures(connection: Connection, window: TriageWindow): Promise<Failures> {
  const range = toRanAtRange(window)
  const rows = await connection.all(newest, { ...range, limit: MAX_FAILURES + 1 })
  const isTruncated = rows.length > MAX_FAILURES
  if (isTruncated) rows.pop()
  else if (window.arrivedFrom !== undefined) {
    const number = Math.max(window.arrivedFrom, (await highestJobNumber(connection)) - MAX_LATE_JOBS)
    const limit = MAX_FAILURES - rows.length
    rows.push(...(await connection.all(late, { number, from: range.from, time: window.from, limit })))
  }
  const isInScope = await runsInScope(connection, window.scope, rows)
  const wanted = rows.filter(isInScope)
  const reasons = await readReasons(connection, wanted, new Map())
  const columnsOf = ({ test: id, job, status, reported_status }: (typeof wanted)[number]) => {
    return { id, job, status, reported_status }
  }
  const outcomeOf = await readOutcomes(connection, wanted.map(columnsOf))
  const failures: Failure[] = []
  for (const row of wanted) {
    if (outcomeOf(columnsOf(row)) !== 'failed') continue
    const { test, testcase, job, jobId, ranAt, host, environment } = row
    const { tag = '', template = null } = reasons.get(test) ?? {}
    failures.push({ test, testcase, job, jobId, tag, time: ranAt + EPOCH, template, host, environment })
  }
  return { failures, isTruncated }
}
