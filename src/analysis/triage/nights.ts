// The jobs of the window that are suspected to be infrastructure, or are: what somebody looks at before all causes.

import { sql } from 'kysely'
import { isCounted } from '../../results/core/job-reference'
import { runsInScope } from '../../results/scope/queries'
import {
  type Connection,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { verdictOfJob } from '../infrastructure/effective'
import { explainVerdict } from '../infrastructure/words'
import { hostNames, toJobItem } from '../names'
import type { NightItem, NightsItem } from './model'
import { firstNumberOf, type TriageWindow } from './window'

/** Judged jobs that are looked at, and jobs that an answer lists. */
const MAX_JUDGED = 1000
const MAX_LISTED = 20

type Range = { from: number; to: number; limit: number }
const judgedBetween = query<Range>()((param) =>
  tables
    .selectFrom('job_verdict')
    .select('job')
    .where('time', '>=', param('from'))
    .where('time', '<', param('to'))
    .where(inTime)
    .orderBy('time', 'desc')
    .limit(param('limit')),
)
// Jobs that arrived since somebody looked.
const judgedSince = query<{ number: number; limit: number }>()((param) =>
  tables
    .selectFrom('job_verdict')
    .select('job')
    .where('job', '>=', param('number'))
    .where(inTime)
    .orderBy('job', 'desc')
    .limit(param('limit')),
)
const setSince = query<{ number: number; limit: number }>()((param) =>
  tables
    .selectFrom('set_verdict')
    .select('job')
    .where('job', '>=', param('number'))
    .where(inTime)
    .orderBy('job', 'desc')
    .limit(param('limit')),
)
const badJobs = query<{ numbers: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'id', 'time', 'host', 'environment', 'tests_total as tests'])
    .select(sql<number>`failed + errored`.as('failed'))
    .select(verdictOfJob.as('verdict'))
    .where(inList('number', param('numbers')))
    .where(sql<boolean>`complete = 1`)
    .where(sql<boolean>`${verdictOfJob} IN ('suspected', 'infrastructure')`)
    .where(isCounted),
)

/** Those that are suspected come first, each the newest first. */
export async function nightsOf(connection: Connection, window: TriageWindow): Promise<NightsItem> {
  const { from, to, arrivedFrom, scope } = window
  const limit = MAX_JUDGED
  const rows = [
    ...(await connection.all(judgedBetween, { from, to, limit })),
    ...(await connection.all(setSince, { number: await firstNumberOf(connection, window), limit })),
    ...(arrivedFrom === undefined ? [] : await connection.all(judgedSince, { number: arrivedFrom, limit })),
  ]
  const numbers = toNumberList([...new Set(rows.map(({ job }) => job))])
  const jobs = (await connection.all(badJobs, { numbers })).filter(
    ({ number, time }) => time < to && (time >= from || (arrivedFrom !== undefined && number >= arrivedFrom)),
  )
  const toRun = ({ number, environment }: (typeof jobs)[number]) => ({ job: number, environment })
  const isInScope = await runsInScope(connection, scope, jobs.map(toRun))
  const fitting = jobs.filter((job) => isInScope(toRun(job)))
  const isSure = ({ verdict }: (typeof jobs)[number]) => Number(verdict === 'infrastructure')
  fitting.sort((one, other) => isSure(one) - isSure(other) || other.time - one.time)
  const listed = fitting.slice(0, MAX_LISTED)
  const names = await hostNames(
    connection,
    listed.map(({ host }) => host),
  )
  const results: NightItem[] = []
  for (const job of listed) {
    const { found, why } = await explainVerdict(connection, job.number)
    results.push({
      ...toJobItem(job),
      host: names.get(job.host ?? 0) ?? null,
      verdict: job.verdict as NightItem['verdict'],
      ...why,
      tests: job.tests,
      failed: job.failed,
      expected: found?.expected ?? null,
      broken: found?.broken ?? null,
      errors: found?.errors ?? null,
      passed_again: found?.passed_again ?? null,
    })
  }
  const suspected = fitting.filter(({ verdict }) => verdict === 'suspected').length
  return { count: fitting.length, suspected, results }
}
