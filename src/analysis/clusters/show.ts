// Clusters of fail reasons in the wire format: a few queries for each of a page.

import { sql } from 'kysely'
import { compareTexts } from '../../lib/texts'
import { DAY, formatTime, type Microseconds } from '../../lib/time'
import {
  type Connection,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { knownIssuesOf } from '../known-issues/show'
import { toTestcase } from '../model'
import { hostNames, templateTexts, toJobItem } from '../names'
import type { TimeRange } from '../runs/window'
import { testcaseNames } from '../triage/lookups'
import { blameOfCluster } from './blame'
import { isBadNight } from './infrastructure'
import type { ClusterItem } from './model'
import type { ClusterRow } from './query'

const MAX_TOP = 5

type OfCluster = TimeRange & { template: number }

// One cluster at a time: to look at the time once a failure would take longer than to count it.
const inRange = <T extends 'testcase' | 'host' | 'job'>(column: T) =>
  query<OfCluster>()((param) =>
    tables
      .selectFrom('template_run')
      .select((eb) => [`${column} as id` as 'testcase as id', eb.fn.countAll<number>().as('failures')])
      .where('template', '=', param('template'))
      .where('time', '>=', param('from'))
      .where('time', '<=', param('to'))
      .groupBy(column),
  )
const byTestcase = inRange('testcase')
const byHost = inRange('host')
const byJob = inRange('job')
const byDay = query<OfCluster>()((param) =>
  tables
    .selectFrom('template_run')
    .select(sql<number>`time / ${sql.lit(DAY)}`.as('day'))
    .select((eb) => [eb.fn.countAll<number>().as('failures'), eb.fn.min('time').as('first')])
    .select((eb) => eb.fn.max('time').as('last'))
    .where('template', '=', param('template'))
    .where('time', '>=', param('from'))
    .where('time', '<=', param('to'))
    .groupBy(sql`time / ${sql.lit(DAY)}`),
)
// Of those of one moment the one whose job and tag are the last in order.
const newest = query<{ template: number; time: Microseconds }>()((param) =>
  tables
    .selectFrom('template_run as run')
    .innerJoin('test', 'test.id', 'run.test')
    .innerJoin('job', 'job.number', 'run.job')
    .select(['run.test', 'job.number', 'job.id', 'run.time'])
    .where('run.template', '=', param('template'))
    .where('run.time', '=', param('time'))
    .orderBy('job.id', 'desc')
    .orderBy('test.prefix', 'desc')
    .limit(1),
)
const openTests = query<{ template: number }>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom('regression')
        .select('testcase')
        .distinct()
        .where('template', '=', param('template'))
        .where('state', '=', 'open')
        .where(inTime)
        .as('open'),
    )
    .select((eb) => eb.fn.countAll<number>().as('count')),
)
const idsInOrder = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('template')
    .select('id')
    .where(inList('id', param('ids')))
    .orderBy('hash'),
)

/** The places of some templates in an order that depends on their texts alone, without reading them. */
export async function ranksOf(
  connection: Connection,
  rows: readonly ClusterRow[],
): Promise<Map<number, number>> {
  if (rows.length === 0) return new Map()
  const ids = toNumberList(rows.map(({ template }) => template))
  return new Map((await connection.all(idsInOrder, { ids })).map(({ id }, at) => [id, at]))
}

/** @returns the clusters in the order of `rows`; those that do not exist are left out. */
export async function showClusters(
  connection: Connection,
  rows: readonly ClusterRow[],
  { range, now }: { range: TimeRange; now: Microseconds },
): Promise<ClusterItem[]> {
  const texts = await templateTexts(
    connection,
    rows.map(({ template }) => template),
  )
  const items: ClusterItem[] = []
  for (const { template } of rows) {
    const text = texts.get(template)
    if (text !== undefined) items.push(await showCluster(connection, { template, ...range }, { text, now }))
  }
  return items
}

async function showCluster(
  connection: Connection,
  cluster: OfCluster,
  { text, now }: { text: string; now: Microseconds },
): Promise<ClusterItem> {
  const { template } = cluster
  const tests = await connection.all(byTestcase, cluster)
  const hosts = await connection.all(byHost, cluster)
  const jobs = await connection.all(byJob, cluster)
  const days = await connection.all(byDay, cluster)
  const last = days.reduce((most, { last }) => Math.max(most, last), 0)
  const sample = await connection.first(newest, { template, time: last })
  const open = await connection.first(openTests, { template })
  return {
    id: template,
    template: text,
    failures: jobs.reduce((sum, { failures }) => sum + failures, 0),
    tests: tests.length,
    hosts: hosts.length,
    jobs: jobs.length,
    first: formatTime(days.reduce((least, { first }) => Math.min(least, first), now)),
    last: formatTime(last),
    days: fillDays(days, cluster, now),
    open_tests: open?.count ?? 0,
    known_issue: sample
      ? ((await knownIssuesOf(connection, [sample.test], now)).get(sample.test)?.[0] ?? null)
      : null,
    blame: await blameItemOf(connection, cluster, tests),
    infrastructure: await isBadNight(connection, {
      jobs: jobs.map(({ id }) => id),
      tests: tests.length,
      days: days.length,
    }),
    sample: sample ? { ...toJobItem(sample), test: sample.test } : null,
    tests_top: await topTests(connection, tests),
    hosts_top: await topHosts(connection, hosts),
  }
}

/** Of the tests that failed most. */
async function blameItemOf(
  connection: Connection,
  cluster: OfCluster,
  tests: readonly Counted[],
): Promise<ClusterItem['blame']> {
  const most = tests.toSorted((one, other) => other.failures - one.failures || one.id - other.id)
  const testcases = most.slice(0, MAX_TOP).map(({ id }) => id)
  const found = await blameOfCluster(connection, cluster, testcases)
  if (!found) return null
  const { blame, probability, host } = found
  const names = blame === 'host' ? await hostNames(connection, [host]) : undefined
  return { of: blame, host: names?.get(host) ?? null, probability }
}

/** A number for each day of the window. */
function fillDays(
  days: readonly { day: number; failures: number }[],
  { from, to }: TimeRange,
  now: Microseconds,
): number[] {
  const dayOf = (time: Microseconds) => Math.floor(time / DAY)
  const first = dayOf(from)
  const numbers = new Array<number>(Math.max(0, dayOf(Math.min(to, now)) - first + 1)).fill(0)
  // A clock may be ahead of ours: what is of tomorrow counts as today.
  for (const { day, failures } of days) {
    const at = Math.min(day - first, numbers.length - 1)
    numbers[at] = (numbers[at] ?? 0) + failures
  }
  return numbers
}

interface Counted {
  id: number
  failures: number
}

/** Those that failed most. Of equal ones more than are shown are kept, so that their names can decide. */
function mostFailures(counted: readonly Counted[]): Counted[] {
  const sorted = counted.toSorted((one, other) => other.failures - one.failures)
  const least = sorted[MAX_TOP - 1]?.failures ?? 0
  return sorted.filter(({ failures }) => failures >= least).slice(0, 100 * MAX_TOP)
}

async function topTests(
  connection: Connection,
  counted: readonly Counted[],
): Promise<ClusterItem['tests_top']> {
  const most = mostFailures(counted)
  const names = await testcaseNames(
    connection,
    most.map(({ id }) => id),
  )
  const failures = new Map(most.map((one) => [one.id, one.failures]))
  return [...names.values()]
    .map((row) => ({ ...toTestcase(row), failures: failures.get(row.id) ?? 0 }))
    .sort(
      (one, other) =>
        other.failures - one.failures ||
        compareTexts(one.testcase, other.testcase) ||
        compareTexts(one.suite, other.suite),
    )
    .slice(0, MAX_TOP)
}

async function topHosts(
  connection: Connection,
  counted: readonly Counted[],
): Promise<ClusterItem['hosts_top']> {
  const most = mostFailures(counted)
  const names = await hostNames(
    connection,
    most.map(({ id }) => id),
  )
  return most
    .map(({ id, failures }) => ({ host: names.get(id) ?? null, failures }))
    .sort((one, other) => other.failures - one.failures || compareTexts(one.host ?? '', other.host ?? ''))
    .slice(0, MAX_TOP)
}
