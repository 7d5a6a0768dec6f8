// What an answer tells about the causes that it shows.

import { compareTexts } from '../../lib/texts'
import { formatTime } from '../../lib/time'
import { reportedStatusName, testStatusName } from '../../results/statuses/model'
import type { Connection } from '../../storage/query'
import { runsToDecide, runsToProveFix, SURE } from '../flakiness/rerun'
import { toTestcase } from '../model'
import { hostNames } from '../names'
import type { RunTemplate } from '../runs/failures'
import type { Cause } from './causes'
import { compareFailures, type Item } from './items'
import { type Notes, notesOn } from './known'
import {
  compareJobs,
  findFailureIn,
  findLastPass,
  findTest,
  type JobName,
  jobNames,
  type SampleTest,
  type TestcaseName,
  testcaseNames,
  toPlacedJob,
} from './lookups'
import type { CauseItem } from './model'
import { hostsOfRegressions, type RegressionHost } from './regressions'
import type { TriageWindow } from './window'

/** Names of hosts in a line. */
const MAX_HOSTS = 20

/** The causes of a page in the wire format. @param texts  of the templates of items */
export async function describeCauses(
  connection: Connection,
  causes: readonly Cause[],
  texts: ReadonlyMap<number, string>,
  window: TriageWindow,
): Promise<CauseItem[]> {
  const ids = causes.flatMap(({ items }) => items.flatMap(({ regression }) => regression?.id ?? []))
  const hosts = Map.groupBy(await hostsOfRegressions(connection, ids), ({ regression }) => regression)
  const samples = new Map<Cause, SampleTest | undefined>()
  const passes = new Map<Cause, number | null>()
  for (const cause of causes) {
    samples.set(cause, await sampleOf(connection, cause))
    passes.set(cause, await lastPassBefore(connection, cause))
  }
  const hostIds = causes.flatMap(({ items }) => items.flatMap((item) => hostIdsOf(item, hosts)))
  const firsts = causes.flatMap(({ items }) => items[0]?.testcase ?? [])
  const named: Named = {
    ...{ texts, hosts, samples, passes },
    jobs: await jobNames(connection, [...causes.flatMap(jobsOf(hosts, samples)), ...passes.values()]),
    testcases: await testcaseNames(connection, firsts),
    hostNames: await hostNames(connection, hostIds),
  }
  const told = causes.map((cause) => toCause(cause, named, window))
  const notes = await notesOn(
    connection,
    causes.map((cause, at) => ({ cause, sample: told[at]?.sample ?? null })),
  )
  return told.map((cause, at) => ({ ...cause, ...(notes[at] as Notes) }))
}

interface Named {
  texts: ReadonlyMap<number, string>
  hosts: ReadonlyMap<number, RegressionHost[]>
  samples: ReadonlyMap<Cause, SampleTest | undefined>
  /** The last good jobs of causes that are no regression yet. */
  passes: ReadonlyMap<Cause, number | null>
  jobs: ReadonlyMap<number, JobName>
  testcases: ReadonlyMap<number, TestcaseName>
  hostNames: ReadonlyMap<number, string>
}

/** The newest failure. */
async function sampleOf(connection: Connection, { items }: Cause): Promise<SampleTest | undefined> {
  const lasts = items.flatMap(({ hosts }) => hosts.map(({ last }) => last))
  if (lasts.length > 0) {
    const newest = lasts.reduce((one, other) => (compareFailures(other, one) > 0 ? other : one))
    return findTest(connection, newest.test)
  }
  const rows = items.flatMap(({ regression }) => (regression?.lastBad != null ? regression : []))
  if (rows.length === 0) return undefined
  const newest = rows.reduce((one, other) => (other.lastBadTime > one.lastBadTime ? other : one))
  return findFailureIn(connection, newest.lastBad as number, newest.testcase)
}

/** Of a cause that is no regression yet: the last job that passed on the host where it began. */
async function lastPassBefore(connection: Connection, { items }: Cause): Promise<number | null> {
  const [first] = items
  if (!first?.began) return null
  const { testcase, began, since } = first
  return findLastPass(connection, { testcase, host: began.host, before: since.time })
}

const jobsOf =
  (hosts: Named['hosts'], samples: Named['samples']) =>
  (cause: Cause): (number | null)[] => [
    samples.get(cause)?.job ?? null,
    cause.since.job,
    ...cause.items.flatMap(({ hosts }) => hosts.map(({ last }) => last.job)),
    ...cause.items.flatMap(({ regression }) =>
      regression
        ? [
            ...[regression.firstBad, regression.low, regression.high, regression.lastGood],
            ...[regression.fixedIn, regression.lastBad],
            ...(hosts.get(regression.id) ?? []).flatMap(({ firstBad, lastGood }) => [firstBad, lastGood]),
          ]
        : [],
    ),
  ]

function hostIdsOf(item: Item, hosts: Named['hosts']): number[] {
  const ofRegression = (item.regression && hosts.get(item.regression.id)) ?? []
  return [...ofRegression.map(({ host }) => host), ...item.hosts.map(({ host }) => host)]
}

function toCause(cause: Cause, named: Named, window: TriageWindow): Omit<CauseItem, keyof Notes> {
  const { id, group, state, kind, items, tests, failures, since } = cause
  const first = items[0] as Item
  const doubt = items.reduce((one, other) => (other.probability > one.probability ? other : one))
  const job = (number: number | null | undefined) => {
    const found = number == null ? undefined : named.jobs.get(number)
    return found ? toPlacedJob(found) : null
  }
  const template = kind === 'reason' ? first.template : null
  const testcase = named.testcases.get(first.testcase)
  const hosts = countHosts(items, named)
  const name = (host: number) => named.hostNames.get(host) ?? null
  const newest = (of: 'fixedIn' | 'lastBad') =>
    items
      .flatMap(({ regression, hosts }) => [
        regression?.[of] ?? 0,
        ...(of === 'lastBad' ? hosts.map(({ last }) => last.job) : []),
      ])
      .flatMap((number) => named.jobs.get(number) ?? [])
      .reduce<JobName | undefined>(
        (one, other) => (one && compareJobs(one, other) > 0 ? one : other),
        undefined,
      )
  const sample = named.samples.get(cause)
  const fixedIn = newest('fixedIn')
  return {
    id,
    group,
    state,
    kind,
    template: textOf(template, named.texts),
    template_id: typeof template === 'number' ? template : null,
    reasons: new Set(items.map((item) => item.template)).size,
    tests,
    ...toTestcase(testcase ?? { testcase: '', suite: '', variant: null }),
    hosts: hosts.slice(0, MAX_HOSTS).map(name),
    hosts_count: hosts.length,
    new_hosts: newHosts(items, named, window).slice(0, MAX_HOSTS).map(name),
    since: formatTime(since.time),
    first_bad: toFirstBad(first, job),
    last_good: job(first.regression ? lastGoodOf(first, named) : named.passes.get(cause)),
    fixed_in: fixedIn && group === 'fixed' ? toPlacedJob(fixedIn) : null,
    last_bad: job(newest('lastBad')?.number),
    failures,
    in_window: failures > 0 || group === 'fixed',
    ...toDoubt(doubt),
    sample: sample ? toSample(sample, named) : null,
  }
}

/** The text of a template; null where there is no reason. */
export function textOf(template: RunTemplate, texts: ReadonlyMap<number, string>): string | null {
  return typeof template === 'number' ? (texts.get(template) ?? null) : template
}

/** The hosts, those with the most tests first. */
function countHosts(items: readonly Item[], { hosts, hostNames }: Named): number[] {
  const tests = new Map<number, number>()
  for (const item of items) {
    for (const host of new Set(hostIdsOf(item, hosts))) tests.set(host, (tests.get(host) ?? 0) + 1)
  }
  const nameOf = (host: number) => hostNames.get(host) ?? ''
  return [...tests]
    .sort(([a, m], [b, n]) => n - m || compareTexts(nameOf(a), nameOf(b)))
    .map(([host]) => host)
}

/** For a cause that began before the window: the hosts on which it did not fail then. */
function newHosts(
  items: readonly Item[],
  { hosts, jobs, hostNames }: Named,
  { from }: TriageWindow,
): number[] {
  if (items[0]?.group !== 'still_failing') return []
  const before = new Set<number>()
  const all = new Set<number>()
  for (const item of items) {
    for (const { host, firstBad } of (item.regression && hosts.get(item.regression.id)) ?? []) {
      all.add(host)
      const job = firstBad === null ? undefined : jobs.get(firstBad)
      if (!job || job.time < from) before.add(host)
    }
    for (const { host } of item.hosts) all.add(host)
    for (const host of item.began?.hostsBefore ?? []) before.add(host)
  }
  const nameOf = (host: number) => hostNames.get(host) ?? ''
  return [...all]
    .filter((host) => !before.has(host))
    .sort((one, other) => compareTexts(nameOf(one), nameOf(other)))
}

function toFirstBad(
  item: Item,
  job: (number: number | null | undefined) => ReturnType<typeof toPlacedJob> | null,
) {
  const found = job(item.since.job)
  if (!found || item.state === 'never_passed') return null
  const low = job(item.regression?.low)
  const high = job(item.regression?.high)
  return { ...found, ...(low && { low: low.job }), ...(high && { high: high.job }) }
}

/** On the host where it began. */
function lastGoodOf({ regression }: Item, { hosts }: Named): number | null {
  if (!regression) return null
  const began = hosts.get(regression.id)?.find(({ firstBad }) => firstBad === regression.firstBad)
  return began?.lastGood ?? regression.lastGood
}

export function toDoubt({ probability, streak, rate, flakiness, state }: Item) {
  const isOpen = (state === 'unconfirmed' || state === 'flaky') && streak > 0
  return {
    probability: round(probability),
    streak,
    flake_rate: round(rate),
    more_runs: isOpen && probability < SURE ? runsToDecide(rate, streak) : null,
    to_prove_fix: isOpen ? runsToProveFix(rate) : null,
    flakiness: flakiness
      ? { rate: round(flakiness.rate), low: round(flakiness.low), high: round(flakiness.high) }
      : null,
  }
}

function round(share: number): number {
  return Math.round(share * 1e6) / 1e6
}

function toSample(sample: SampleTest, { jobs }: Named): CauseItem['sample'] {
  const job = jobs.get(sample.job)
  if (!job) return null
  return {
    ...toPlacedJob(job),
    time: formatTime(sample.time),
    test: sample.id,
    tag: sample.prefix + sample.testcase,
    status: testStatusName(sample.status),
    ...(sample.reported_status !== null && {
      reported_status: reportedStatusName(sample.reported_status) ?? '',
    }),
    fail_reason: sample.reason,
  }
}
