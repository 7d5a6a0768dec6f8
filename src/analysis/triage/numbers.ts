// How much ran in the window of triage.

import { type SelectQueryBuilder, sql } from 'kysely'
import { compareTexts } from '../../lib/texts'
import type { Microseconds } from '../../lib/time'
import { visible } from '../../results/core/job-reference'
import { totalsBetween } from '../../results/core/totals'
import { type ResolvedScope, scopeConditions } from '../../results/scope/queries'
import { type Connection, dynamicQuery, inTime, type ParameterOf, query, tables } from '../../storage/query'
import type { Tables } from '../../storage/schema'
import type { TriageWindow } from './window'

type Range = { from: number; to: number }

/** Of the jobs that began last at one moment, so many are looked at. */
const MAX_AT_ONCE = 20

// Looks for one job of each host: there are few hosts, and may be many jobs.
const hostsInRange = query<Range>()((param) =>
  tables
    .selectFrom('host')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(inTime)
    .where(
      sql<boolean>`EXISTS (SELECT 1 FROM job WHERE job.host = host.id AND job.complete = 1
        AND job.time >= ${param('from')} AND job.time < ${param('to')})`,
    ),
)
const newestJobs = query<Range>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'id', 'time'])
    .where(visible)
    .where('time', '>=', param('from'))
    .where('time', '<', param('to'))
    .orderBy('time', 'desc')
    .limit(sql.lit(MAX_AT_ONCE)),
)

interface NewestJob {
  number: number
  id: string
  time: Microseconds
}

export interface Numbers {
  jobs: number
  tests: number
  hosts: number
  newest: NewestJob | undefined
}

/** By the time of the jobs. */
export async function numbersOf(connection: Connection, { from, to, scope }: TriageWindow): Promise<Numbers> {
  if (scope) return numbersOfScope(connection, { from, to }, scope)
  const totals = await totalsBetween(connection, from, to)
  const { jobs, passed, errored, failed, not_applicable, warned, unfinished } = totals
  return {
    jobs,
    tests: passed + errored + failed + not_applicable + warned + unfinished,
    hosts: (await connection.first(hostsInRange, { from, to }))?.count ?? 0,
    newest: newestOf(await connection.all(newestJobs, { from, to })),
  }
}

/** Looks at each job of the range. */
async function numbersOfScope(connection: Connection, range: Range, scope: ResolvedScope): Promise<Numbers> {
  const inScope = <R>(jobs: SelectQueryBuilder<Tables, 'job', R>, param: ParameterOf<Range>) => {
    let list = jobs
      .where(visible)
      .where('time', '>=', param('from'))
      .where('time', '<', param('to'))
      .where(inTime)
    for (const condition of scopeConditions(scope, { plan: 'check' })) list = list.where(condition)
    return list
  }
  const jobs = tables.selectFrom('job')
  const counted = dynamicQuery<Range>('countJobsInScope')((param) =>
    inScope(
      jobs.select([
        sql<number>`count(*)`.as('jobs'),
        sql<number>`coalesce(sum(tests_total), 0)`.as('tests'),
        sql<number>`count(DISTINCT host)`.as('hosts'),
      ]),
      param,
    ),
  )
  const last = dynamicQuery<Range>('newestJobInScope')((param) =>
    inScope(jobs.select(['number', 'id', 'time']), param)
      .orderBy('time', 'desc')
      .limit(sql.lit(MAX_AT_ONCE)),
  )
  const found = (await connection.first(counted, range)) ?? { jobs: 0, tests: 0, hosts: 0 }
  return { ...found, newest: newestOf(await connection.all(last, range)) }
}

/** @param jobs  the newest first, those of one moment in any order. */
function newestOf(jobs: readonly NewestJob[]): NewestJob | undefined {
  return jobs.toSorted((one, other) => other.time - one.time || compareTexts(other.id, one.id))[0]
}

/** How many rows numbersOf() looks at. */
export async function rowsOfNumbers(
  connection: Connection,
  { from, to, scope }: TriageWindow,
): Promise<number> {
  return scope ? 2 * (await totalsBetween(connection, from, to)).jobs : 0
}
