// The regressions that triage lists: those that are open, and those that were fixed in its window.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { runsInScope, type ScopedRun } from '../../results/scope/queries'
import {
  type Connection,
  dynamicQuery,
  inTime,
  members,
  notIndexed,
  type ParameterOf,
  query,
  tables,
} from '../../storage/query'
import { firstNumberOf, type TriageWindow } from './window'

/** Of each state the list considers as many, those with the newest failures. */
export const MAX_REGRESSIONS = 5000

export interface RegressionRow {
  id: number
  testcase: number
  template: number | null
  state: 'open' | 'fixing' | 'fixed' | 'never_passed'
  probability: number
  firstBad: number | null
  low: number | null
  high: number | null
  firstBadTime: Microseconds
  lastGood: number | null
  fixedIn: number | null
  lastBad: number | null
  lastBadTime: Microseconds
  /** Of the job that it is counted by: the first bad one, or the one that fixed it. */
  jobTime: Microseconds | null
  jobNumber: number | null
  jobReportedAt: Microseconds | null
}

const columns = [
  'regression.id',
  'regression.testcase',
  'regression.template',
  'regression.state',
  'regression.probability',
  'regression.first_bad as firstBad',
  'regression.low',
  'regression.high',
  'regression.first_bad_time as firstBadTime',
  'regression.last_good as lastGood',
  'regression.fixed_in as fixedIn',
  'regression.last_bad as lastBad',
  'regression.last_bad_time as lastBadTime',
  'job.time as jobTime',
  'job.number as jobNumber',
  'job.last_report_at as jobReportedAt',
] as const

const inState = query<{ state: string; limit: number }>()((param) =>
  tables
    .selectFrom('regression')
    .leftJoin('job', 'job.number', 'regression.first_bad')
    .select(columns)
    .where('regression.state', '=', param('state') as never)
    .where(inTime)
    .orderBy('regression.last_bad_time', 'desc')
    .limit(param('limit')),
)
const newestFixed = (param: ParameterOf<{ number: number; limit: number }>) =>
  tables
    .selectFrom('regression')
    .select('regression.id')
    .where('regression.fixed_in', '>=', param('number'))
    // With the index on the state, the query would read and sort all that were ever fixed.
    .where(sql<boolean>`${notIndexed('regression.state')} IN ('fixed', 'fixing')`)
    .where(inTime)
    .orderBy('regression.fixed_in', 'desc')
    .limit(param('limit'))
const countFixed = query<{ number: number; limit: number }>()((param) =>
  tables
    .selectFrom(newestFixed(param).as('newest'))
    .select((column) => column.fn.countAll<number>().as('count')),
)
// Where jobs of long ago arrived lately, most of the newest were fixed before the window.
const fixedSince = query<{ number: number; limit: number; from: Microseconds; to: Microseconds }>()((param) =>
  tables
    .selectFrom(newestFixed(param).as('newest'))
    .crossJoin('regression')
    .crossJoin('job')
    .select(columns)
    .whereRef('regression.id', '=', 'newest.id')
    .whereRef('job.number', '=', 'regression.fixed_in')
    .where(
      sql<boolean>`${notIndexed('job.time')} >= ${param('from')} AND ${notIndexed('job.time')} < ${param('to')}`,
    ),
)

export interface Regressions {
  regressions: RegressionRow[]
  isTruncated: boolean
}

/** All that are open or never passed, and those that were fixed in the window. */
export async function readRegressions(connection: Connection, window: TriageWindow): Promise<Regressions> {
  const limit = MAX_REGRESSIONS
  const open = await connection.all(inState, { state: 'open', limit })
  const neverPassed = await connection.all(inState, { state: 'never_passed', limit })
  const newest = { number: await firstNumberOf(connection, window), limit }
  const { from, to, arrivedFrom } = window
  const fixed = await connection.all(fixedSince, {
    ...newest,
    from: arrivedFrom === undefined ? from : 0,
    to,
  })
  const fixedCount = (await connection.first(countFixed, newest))?.count ?? 0
  return {
    regressions: [
      ...open,
      ...neverPassed,
      ...fixed
        .filter((row) => isJobInWindow(row, window))
        .sort((one, other) => (other.fixedIn ?? 0) - (one.fixedIn ?? 0) || other.id - one.id),
    ] as RegressionRow[],
    isTruncated: [open.length, neverPassed.length, fixedCount].includes(limit),
  }
}

/** Whether the job that a regression is counted by ran in the window, or was reported on since somebody looked. */
function isJobInWindow(
  { jobTime, jobNumber, jobReportedAt }: Pick<RegressionRow, 'jobTime' | 'jobNumber' | 'jobReportedAt'>,
  { from, to, arrivedFrom }: TriageWindow,
): boolean {
  if (jobTime === null || jobNumber === null) return false
  if (jobTime >= to) return false
  if (jobTime >= from) return true
  return arrivedFrom !== undefined && (jobNumber >= arrivedFrom || (jobReportedAt ?? 0) >= from)
}

/** Whether a regression began in the window. */
export function isNewIn(row: RegressionRow, window: TriageWindow): boolean {
  const { from, to, arrivedFrom } = window
  if (row.firstBadTime >= from && row.firstBadTime < to) return true
  return arrivedFrom !== undefined && isJobInWindow(row, window)
}

/** Those of which a job is in the scope: one in which they began, failed last, or were fixed, on any host. */
export async function regressionsInScope(
  connection: Connection,
  regressions: readonly RegressionRow[],
  { scope }: TriageWindow,
): Promise<RegressionRow[]> {
  if (!scope) return [...regressions]
  const hosts = Map.groupBy(
    await hostsOfRegressions(
      connection,
      regressions.map(({ id }) => id),
    ),
    ({ regression }) => regression,
  )
  const jobsOf = ({ id, firstBad, lastBad, fixedIn }: RegressionRow) => [
    ...[firstBad, lastBad, fixedIn],
    ...(hosts.get(id) ?? []).flatMap((host) => [host.firstBad, host.fixedIn]),
  ]
  const environments = await environmentsOf(connection, regressions.flatMap(jobsOf))
  const isInScope = await runsInScope(connection, scope, environments)
  const fits = new Set(environments.flatMap((run) => (isInScope(run) ? run.job : [])))
  return regressions.filter((row) => jobsOf(row).some((job) => job !== null && fits.has(job)))
}

function environmentsOf(connection: Connection, jobs: readonly (number | null)[]): Promise<ScopedRun[]> {
  const numbers = [...new Set(jobs)].filter((job) => job !== null)
  const listed = dynamicQuery('environmentsOfJobs')(() =>
    tables
      .selectFrom('job')
      .select(['number as job', 'environment'])
      .where(sql<boolean>`number IN ${members(numbers)}`)
      .where(inTime),
  )
  return connection.all(listed, {})
}

export interface RegressionHost {
  regression: number
  /** 0: unknown. */
  host: number
  state: string
  firstBad: number | null
  lastGood: number | null
  fixedIn: number | null
}

/** Where regressions are, on each host and distribution. */
export async function hostsOfRegressions(
  connection: Connection,
  ids: readonly number[],
): Promise<RegressionHost[]> {
  if (ids.length === 0) return []
  const listed = dynamicQuery('hostsOfRegressions')(() =>
    tables
      .selectFrom('regression_host')
      .select([
        'regression',
        'host',
        'state',
        'first_bad as firstBad',
        'last_good as lastGood',
        'fixed_in as fixedIn',
      ])
      .where(sql<boolean>`regression IN ${members(ids)}`)
      .where(inTime),
  )
  return connection.all(listed, {})
}
