// Sorts what fails into the groups of triage. An item is a test case that fails for one reason; each failure of the
// window belongs to one item.

import type { Microseconds } from '../../lib/time'
import { knownFlakeRate, probabilityOfRegression, SURE } from '../flakiness/rerun'
import type { KnownIssueLink } from '../known-issues/model'
import type { RunTemplate } from '../runs/failures'
import { compareRuns } from '../runs/order'
import type { Evidence, FailingSeries } from './evidence'
import type { Failure } from './failures'
import { isNewIn, type RegressionRow } from './regressions'
import type { TriageWindow } from './window'

/** The groups in the order in which somebody works through them, with the states of their items. */
export const groups = {
  new: ['new', 'unconfirmed'],
  still_failing: ['still_failing'],
  fixed: ['fixing', 'fixed'],
  never_passed: ['never_passed'],
  flaky: ['known_issue', 'flaky', 'passed_again'],
} as const

export type Group = keyof typeof groups
export const groupNames = Object.keys(groups) as Group[]
export type State = (typeof groups)[Group][number]

export interface ItemHost {
  /** 0: unknown. */
  host: number
  /** In the window. */
  failures: number
  /** The newest failure in the window. */
  last: Failure
  /** The oldest one. */
  first: Failure
}

export interface Item {
  group: Group
  state: State
  testcase: number
  /** null: the failures have no reason, or several. */
  template: RunTemplate
  regression: RegressionRow | undefined
  /** Where it failed in the window. */
  hosts: ItemHost[]
  failures: number
  /** Of a regression. 1 where nobody asks. */
  probability: number
  /** How often it fails while it works, and how many failures its open streak has. */
  rate: number
  streak: number
  flakiness: { rate: number; low: number; high: number } | undefined
  /** That matches its newest failures. */
  knownIssue?: KnownIssueLink
  since: { job: number | null; time: Microseconds }
  /** Of an item without a regression: the host on which it began, and the hosts on which it failed before the window. */
  began?: { host: number; hostsBefore: ReadonlySet<number> }
}

/** Failures of one test case for one reason. */
type Seen = Pick<Item, 'testcase' | 'template' | 'hosts' | 'failures'>

const keyOf = (testcase: number, template: RunTemplate) => `${testcase} ${template ?? ''}`

/** Failures by test case, reason and host. @param regressions  one without a reason has all that no other explains. */
export function collectFailures(
  failures: readonly Failure[],
  regressions: readonly RegressionRow[],
): Map<string, Seen> {
  const explained = new Set(regressions.map(({ testcase, template }) => keyOf(testcase, template)))
  const all = new Map<string, Seen>()
  for (const failure of failures) {
    const isOther =
      !explained.has(keyOf(failure.testcase, failure.template)) &&
      explained.has(keyOf(failure.testcase, null))
    const template = isOther ? null : failure.template
    const key = keyOf(failure.testcase, template)
    let seen = all.get(key)
    if (!seen) {
      seen = { testcase: failure.testcase, template, hosts: [], failures: 0 }
      all.set(key, seen)
    }
    seen.failures++
    const known = seen.hosts.find(({ host }) => host === failure.host)
    if (!known) seen.hosts.push({ host: failure.host, failures: 1, last: failure, first: failure })
    else {
      known.failures++
      if (compareFailures(failure, known.first) < 0) known.first = failure
      if (compareFailures(failure, known.last) > 0) known.last = failure
    }
  }
  return all
}

/** In the order of runs. */
export function compareFailures(one: Failure, other: Failure): number {
  return compareRuns({ ...one, job: one.jobId }, { ...other, job: other.jobId })
}

/** The test cases of which the evidence is needed: those that fail now, and those that no regression explains. */
export function testcasesInDoubt(
  seen: ReadonlyMap<string, Seen>,
  regressions: readonly RegressionRow[],
): number[] {
  const explained = new Set(regressions.map(({ testcase, template }) => keyOf(testcase, template)))
  return [
    ...new Set([
      ...[...seen].flatMap(([key, { testcase }]) => (explained.has(key) ? [] : testcase)),
      ...regressions.flatMap(({ state, testcase }) => (state === 'open' ? testcase : [])),
    ]),
  ]
}

const strength = { open: 0, never_passed: 1, fixing: 2, fixed: 3 }

/** All items, each in its group. */
export function makeItems(
  seen: ReadonlyMap<string, Seen>,
  regressions: readonly RegressionRow[],
  evidence: Evidence,
  window: TriageWindow,
): Item[] {
  const left = new Map(seen)
  const items: Item[] = []
  const taken = new Set<string>()
  for (const row of regressions.toSorted((one, other) => strength[one.state] - strength[other.state])) {
    const key = keyOf(row.testcase, row.template)
    if (taken.has(key)) continue
    taken.add(key)
    items.push(regressionItem(row, left.get(key), evidence, window))
    left.delete(key)
  }
  for (const one of left.values()) items.push(otherItem(one, evidence, window))
  return items
}

function regressionItem(
  row: RegressionRow,
  seen: Seen | undefined,
  evidence: Evidence,
  window: TriageWindow,
): Item {
  const { hosts, failures } = seen ?? { hosts: [], failures: 0 }
  const doubt = doubtOf(row.testcase, hosts, evidence)
  const isKnown = evidence.flakiness.has(row.testcase)
  const known = Math.max(row.probability, isKnown ? doubt.probability : 0)
  const probability = row.state === 'open' ? known : 1
  const state = stateOf(row, {
    isNew: isNewIn(row, window),
    isSure: probability >= SURE,
    isFlaky: doubt.isFlaky,
  })
  return {
    ...{ testcase: row.testcase, template: row.template, regression: row, hosts, failures },
    ...{ group: groupOf(state), state, probability },
    ...{ rate: doubt.rate, streak: isKnown ? doubt.streak : 0, flakiness: doubt.flakiness },
    since: { job: row.firstBad, time: row.firstBadTime },
  }
}

/** A flaky test has a run of bad luck now and then, which looks like the begin of a regression. */
function stateOf(
  { state }: RegressionRow,
  { isNew, isSure, isFlaky }: { isNew: boolean; isSure: boolean; isFlaky: boolean },
): State {
  if (state !== 'open') return state
  if (isFlaky && !isSure) return 'flaky'
  if (!isNew) return 'still_failing'
  return isSure ? 'new' : 'unconfirmed'
}

/** A test case without a regression for this reason: too few failures to tell, or they went away. */
function otherItem(seen: Seen, evidence: Evidence, window: TriageWindow): Item {
  const doubt = doubtOf(seen.testcase, seen.hosts, evidence)
  const before = doubt.failing.filter((one) => beganBefore(one, window) || seldomPasses(one.series))
  const state: State = !doubt.isFailing
    ? doubt.isFlaky
      ? 'flaky'
      : 'passed_again'
    : doubt.probability >= SURE
      ? before.length > 0
        ? 'still_failing'
        : 'new'
      : doubt.isFlaky
        ? 'flaky'
        : 'unconfirmed'
  const { host, ...since } = state === 'still_failing' ? beginOf(before, seen) : firstOf(seen)
  return {
    ...seen,
    ...{ regression: undefined, group: groupOf(state), state, probability: doubt.probability },
    ...{ rate: doubt.rate, streak: doubt.streak, flakiness: doubt.flakiness },
    since,
    began: { host, hostsBefore: new Set(before.map(({ series }) => series.host)) },
  }
}

interface Failing {
  series: FailingSeries
  host: ItemHost
}

/** Whether a streak has failures besides those of the window. What arrived since somebody looked is of the window. */
function beganBefore({ series, host }: Failing, { from, arrivedFrom = Infinity }: TriageWindow): boolean {
  const { streak, sinceJob, sinceTime } = series
  if (sinceJob === host.first.job) return false
  return streak > host.failures || (sinceTime !== null && sinceTime < from && sinceJob < arrivedFrom)
}

/** Whether most runs before the streak failed, and not by chance: a pass between them makes no news. */
function seldomPasses({ runs, failures, flakes, streak }: FailingSeries): boolean {
  return failures - flakes - streak > runs - failures
}

/** Where and when the oldest of some streaks began. */
function beginOf(streaks: readonly Failing[], seen: Seen) {
  const begins = streaks.flatMap(({ series: { host, sinceJob, sinceTime } }) =>
    sinceTime === null ? [] : { host, job: sinceJob, time: sinceTime },
  )
  return [...begins, firstOf(seen)].reduce((a, b) => (b.time < a.time ? b : a))
}

/** The oldest failure in the window. */
function firstOf({ hosts }: Seen) {
  const { host, job, time } = hosts
    .map(({ first }) => first)
    .reduce((a, b) => (compareFailures(b, a) < 0 ? b : a))
  return { host, job, time }
}

/** What the series and the flakiness of a test case say about failures on some hosts. */
function doubtOf(testcase: number, hosts: readonly ItemHost[], { failing: series, flakiness }: Evidence) {
  const stored = flakiness.get(testcase)
  const rate = knownFlakeRate(
    stored && { rate: stored.rate, flaky: stored.isFlaky },
    stored ?? { runs: 0, flakes: 0 },
  )
  const failing = hosts.flatMap((host) => {
    // The newest run failed for this reason, not for another one.
    const open = (series.get(testcase) ?? []).filter(
      (row) => row.host === host.host && row.lastJob === host.last.job,
    )
    return open.map((row) => ({ series: row, host }))
  })
  // What the background has not analysed yet counts as failing: nobody knows of a pass.
  const isKnown = stored !== undefined
  // The worst host counts. Of many hosts, some always fail by chance.
  const streaks = isKnown ? failing.map(({ series }) => series.streak) : hosts.map(({ failures }) => failures)
  const streak = Math.max(0, ...streaks)
  return {
    rate,
    streak,
    failing,
    isFailing: !isKnown || failing.length > 0,
    probability: probabilityOfRegression(rate, streak),
    isFlaky: stored?.isFlaky ?? false,
    flakiness: stored && { rate: stored.rate, low: stored.low, high: stored.high },
  }
}

function groupOf(state: State): Group {
  return groupNames.find((group) => (groups[group] as readonly State[]).includes(state)) as Group
}
