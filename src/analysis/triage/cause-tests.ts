// The tests of one cause: on which hosts each fails, how often, and where it passes.

import { sql } from 'kysely'
import { formatTime, type Microseconds } from '../../lib/time'
import { isCounted } from '../../results/core/job-reference'
import { toRanAt } from '../../results/core/ran-at'
import { testStatusName } from '../../results/statuses/model'
import { type Connection, inTime, notIndexed, query, tables } from '../../storage/query'
import { toTestcase } from '../model'
import { hostNames, toJobItem } from '../names'
import { readOutcomes } from '../runs/interruptions'
import { compareRuns } from '../runs/order'
import { textOf, toDoubt } from './cause-details'
import type { Item } from './items'
import { jobNames, testcaseNames } from './lookups'
import type { CauseTestItem } from './model'
import { hostsOfRegressions } from './regressions'

/** Runs of a test case that are looked at to count its failures. */
export const MAX_RUNS = 1000

// The statuses are literals, as in the queries of other histories.
const runsSince = query<{ testcase: number; from: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .crossJoin('job')
    .select([
      'test.id',
      'test.job',
      'job.id as jobId',
      'test.prefix as tag',
      'test.status',
      'test.reported_status',
      sql<number>`coalesce(job.host, 0)`.as('host'),
      'test.ran_at as ranAt',
    ])
    .where('test.testcase', '=', param('testcase'))
    .where('test.ran_at', '>=', param('from'))
    .where(sql<boolean>`test.status IN (1, 2, 3, 5)`)
    .whereRef('job.number', '=', 'test.job')
    .where(sql<boolean>`${notIndexed('job.complete')} = 1`)
    .where(isCounted)
    .where(inTime)
    .orderBy('test.ran_at', 'desc')
    .limit(param('limit')),
)

interface HostRuns {
  host: number
  failed: number
  runs: number
  last: { test: number; job: number; status: number | null }
}

/** The series of each test case. */
type States = ReadonlyMap<number, readonly { host: number; isFailing: boolean }[]>

/** One page of the items of a cause, in the wire format. @param texts  of the templates of items */
export async function describeTests(
  connection: Connection,
  items: readonly Item[],
  texts: ReadonlyMap<number, string>,
  states: States,
): Promise<CauseTestItem[]> {
  const ids = items.flatMap(({ regression }) => regression?.id ?? [])
  const ofRegressions = Map.groupBy(await hostsOfRegressions(connection, ids), ({ regression }) => regression)
  const begins = await jobNames(
    connection,
    [...ofRegressions.values()].flat().map(({ firstBad }) => firstBad),
  )
  const runs = new Map<Item, HostRuns[]>()
  for (const item of items) {
    const starts = new Map<number, Microseconds>()
    for (const { host, firstBad } of (item.regression && ofRegressions.get(item.regression.id)) ?? []) {
      starts.set(host, begins.get(firstBad ?? 0)?.time ?? item.since.time)
    }
    runs.set(item, await countRuns(connection, item, starts))
  }
  const failing = [...runs.values()].flat()
  const lasts = failing.map(({ last }) => last.job)
  const jobs = await jobNames(connection, lasts)
  const hostIds = failing.map(({ host }) => host)
  const names = await hostNames(connection, hostIds)
  const testcaseIds = items.map(({ testcase }) => testcase)
  const testcases = await testcaseNames(connection, testcaseIds)
  return items.map((item): CauseTestItem => {
    const nameOf = ({ host }: HostRuns) => names.get(host) ?? ''
    const hosts = (runs.get(item) ?? []).sort(
      (one, other) => other.failed - one.failed || (nameOf(one) < nameOf(other) ? -1 : 1),
    )
    const testcase = testcases.get(item.testcase)
    return {
      ...toTestcase(testcase ?? { testcase: '', suite: '', variant: null }),
      regression: item.regression?.id ?? null,
      state: item.state,
      template: textOf(item.template, texts),
      since: formatTime(item.since.time),
      failures: item.failures,
      ...toDoubt(item),
      hosts: hosts.flatMap(({ host, failed, runs, last }) => {
        const job = jobs.get(last.job)
        if (!job) return []
        const shown = { ...toJobItem(job), test: last.test, status: testStatusName(last.status) }
        return { host: names.get(host) ?? null, failed, runs, last: shown }
      }),
      passes_on: passesOn(states, item, hosts),
    }
  })
}

/** The runs since it began, by host. */
async function countRuns(
  connection: Connection,
  item: Item,
  starts: ReadonlyMap<number, Microseconds>,
): Promise<HostRuns[]> {
  const wanted = new Set([...starts.keys(), ...item.hosts.map(({ host }) => host)])
  const from = Math.min(item.since.time, ...starts.values())
  const rows = await connection.all(runsSince, {
    testcase: item.testcase,
    from: toRanAt(from),
    limit: MAX_RUNS,
  })
  const outcomeOf = await readOutcomes(connection, rows)
  const hosts = new Map<number, HostRuns>()
  // The newest first.
  const toPlaced = ({ ranAt: time, jobId, tag }: (typeof rows)[number]) => ({ time, job: jobId, tag })
  for (const row of rows.sort((one, other) => compareRuns(toPlaced(other), toPlaced(one)))) {
    const { id: test, job, status, host, ranAt } = row
    const outcome = outcomeOf(row)
    if (outcome === 'none' || !wanted.has(host) || ranAt < toRanAt(starts.get(host) ?? from)) continue
    let counted = hosts.get(host)
    if (!counted) {
      counted = { host, failed: 0, runs: 0, last: { test, job, status } }
      hosts.set(host, counted)
    }
    const isFailure = outcome === 'failed'
    // The link leads to the newest failure.
    if (isFailure && counted.failed === 0) counted.last = { test, job, status }
    if (isFailure) counted.failed++
    counted.runs++
  }
  return [...hosts.values()]
}

function passesOn(states: States, { testcase }: Item, failing: readonly HostRuns[]): number {
  const broken = new Set(failing.map(({ host }) => host))
  const others = new Map<number, boolean>()
  for (const { host, isFailing } of states.get(testcase) ?? []) {
    if (!broken.has(host)) others.set(host, (others.get(host) ?? true) && !isFailing)
  }
  return [...others.values()].filter(Boolean).length
}
