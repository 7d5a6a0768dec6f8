// Whom the failures with one reason point at: the host on which most of them are, what is tested, or chance.

import { sql } from 'kysely'
import { isCounted, visible } from '../../results/core/job-reference'
import { type Connection, inTime, query, tables } from '../../storage/query'
import { type Blame, likeliest } from '../infrastructure/blame'
import { type TimeRange, toRanAtRange } from '../runs/window'

/** The newest runs of a test that are counted. */
const MAX_RUNS = 1000

const newestRuns = query<{ testcase: number; from: number; to: number; limit: number }>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom('test')
        .select(['job', 'status'])
        .where('testcase', '=', param('testcase'))
        .where('ran_at', '>=', param('from'))
        .where('ran_at', '<=', param('to'))
        .where(sql<boolean>`status IN (1, 2, 3, 5)`)
        .orderBy('ran_at', 'desc')
        .limit(param('limit'))
        .as('run'),
    )
    .crossJoin('job')
    .whereRef('job.number', '=', 'run.job')
    .select([sql<number>`coalesce(job.host, 0)`.as('host'), 'run.job'])
    .select(sql<number>`run.status IN (1, 5)`.as('passed'))
    .where(visible)
    .where(isCounted)
    .where(inTime),
)
const failuresOf = query<TimeRange & { template: number; testcase: number }>()((param) =>
  tables
    .selectFrom('template_run')
    .select(['host', 'job'])
    .where('template', '=', param('template'))
    .where('testcase', '=', param('testcase'))
    .where('time', '>=', param('from'))
    .where('time', '<=', param('to'))
    .where(inTime)
    .limit(sql.lit(MAX_RUNS)),
)

export interface ClusterBlame {
  blame: Blame
  probability: number
  /** The host with the most of these failures among its runs. 0: unknown. */
  host: number
}

/**
 * @param testcases  those that failed most: their runs are counted, passes and failures with this reason.
 * @returns undefined where they ran on one host alone
 */
export async function blameOfCluster(
  connection: Connection,
  { template, from, to }: TimeRange & { template: number },
  testcases: readonly number[],
): Promise<ClusterBlame | undefined> {
  const hosts = new Map<number, { failed: number; runs: number }>()
  const jobs = new Set<number>()
  const add = (host: number, job: number, failed: number) => {
    const count = hosts.get(host) ?? { failed: 0, runs: 0 }
    hosts.set(host, { failed: count.failed + failed, runs: count.runs + 1 })
    jobs.add(job)
  }
  const newest = { ...toRanAtRange({ from, to }), limit: MAX_RUNS }
  for (const testcase of testcases) {
    for (const { host, job, passed } of await connection.all(newestRuns, { testcase, ...newest })) {
      if (passed === 1) add(host, job, 0)
    }
    for (const { host, job } of await connection.all(failuresOf, { template, testcase, from, to })) {
      add(host ?? 0, job, 1)
    }
  }
  if (hosts.size < 2) return undefined
  const [host, own] = [...hosts].reduce((most, one) => (rateOf(one[1]) > rateOf(most[1]) ? one : most))
  const all = [...hosts.values()]
  const failed = all.reduce((sum, count) => sum + count.failed, 0)
  const runs = all.reduce((sum, count) => sum + count.runs, 0)
  const counts = { ...own, failedElsewhere: failed - own.failed, runsElsewhere: runs - own.runs }
  return { ...likeliest(counts, jobs.size), host }
}

/** As if one had failed and nine had passed before: one failure of one run is less than nine of ten. */
function rateOf({ failed, runs }: { failed: number; runs: number }): number {
  return (failed + 1) / (runs + 10)
}
