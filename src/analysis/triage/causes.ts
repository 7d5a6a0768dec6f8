// Joins items to causes: what fails for one reason is one line of work, however many tests it hits.

import type { Microseconds } from '../../lib/time'
import { type Group, groupNames, groups, type Item, type State } from './items'

/**
 * What unites the tests of a cause. `reason`: the template of their fail reason. `host`: many tests with different
 * reasons began to fail in one job. `test`: failures without a reason, of the variants of one test.
 */
export type CauseKind = 'reason' | 'host' | 'test'

export interface Cause {
  /** Names it in URLs, as long as it is in the same group. */
  id: string
  group: Group
  state: State
  kind: CauseKind
  /** The first one is the oldest. */
  items: Item[]
  tests: number
  /** Failures in the window. */
  failures: number
  since: { job: number | null; time: Microseconds }
}

/** What items are called by. */
export interface Naming {
  /** Suite and name, without the variant: what unites failures that have no reason. */
  nameOf(testcase: number): string
  /** Puts items that began at one moment into an order that does not depend on which arrived first. */
  compareTests(one: Item, other: Item): number
  testsOfJob(job: number): number
}

/** A job is united by its host if so many tests begin to fail in it, which are this share of all. */
const LEAST_TESTS = 5
const LEAST_SHARE = 0.4
const LEAST_REASONS = 3

export function makeCauses(items: readonly Item[], naming: Naming): Cause[] {
  const events = [...Map.groupBy(items, eventOf)].filter(
    (event): event is [string, Item[]] => event[0] !== undefined && isOneEvent(event[1], naming),
  )
  const united = new Set(events.flatMap(([, members]) => members))
  const rest = Map.groupBy(
    items.filter((item) => !united.has(item)),
    (item) =>
      item.template !== null
        ? `${item.group}-r${idOf(item.template)}`
        : `${item.group} ${naming.nameOf(item.testcase)}`,
  )
  return [
    ...events.map(([id, members]) => toCause(id, 'host', members, naming)),
    ...[...rest].map(([key, members]) => {
      const [first] = members as [Item]
      if (first.template !== null) return toCause(key, 'reason', members, naming)
      return toCause(
        `${first.group}-t${Math.min(...members.map(({ testcase }) => testcase))}`,
        'test',
        members,
        naming,
      )
    }),
  ].sort((one, other) => byImportance(one, other) || naming.compareTests(firstOf(one), firstOf(other)))
}

/** Items that failed in one job only, of states in which it is not known whether it is the tests or the host. */
function eventOf({ group, state, hosts }: Item): string | undefined {
  const [only, other] = hosts
  if (!only || other || only.host === 0 || (group !== 'new' && state !== 'passed_again')) return undefined
  return `${group}-h${only.host}-${only.first.job}`
}

function isOneEvent(items: readonly Item[], { testsOfJob }: Naming): boolean {
  if (items.length < LEAST_TESTS) return false
  const reasons = new Set(items.map(({ template }) => template))
  const isUnitedByReason = reasons.size < LEAST_REASONS && !reasons.has(null)
  const job = items[0]?.hosts[0]?.first.job
  return !isUnitedByReason && job !== undefined && items.length >= LEAST_SHARE * testsOfJob(job)
}

const firstOf = ({ items }: Cause) => items[0] as Item

function toCause(id: string, kind: CauseKind, members: Item[], { compareTests }: Naming): Cause {
  const items = members.toSorted(
    (one, other) => one.since.time - other.since.time || compareTests(one, other),
  )
  const [first] = items as [Item]
  return {
    id,
    group: first.group,
    state: stateOf(items),
    kind,
    items,
    tests: new Set(items.map(({ testcase }) => testcase)).size,
    failures: items.reduce((sum, { failures }) => sum + failures, 0),
    since: first.since,
  }
}

/** Of the states of a group the first one that a test has. Where it is luck alone, that of the most tests. */
function stateOf(items: readonly Item[]): State {
  const [{ group, state }] = items as [Item]
  const count = (wanted: State) => items.filter((item) => item.state === wanted).length
  const states = (groups[group] as readonly State[]).filter((name) => count(name) > 0)
  if (group === 'flaky') states.sort((one, other) => count(other) - count(one))
  return states[0] ?? state
}

/** Names a template in URLs. One that is not stored yet has no id. */
function idOf(template: number | string): string {
  return typeof template === 'number' ? String(template) : `x${Bun.hash(template).toString(36)}`
}

/** By group. In each, what somebody looks at first: what failed in the window, then many tests, then the newest. */
function byImportance(one: Cause, other: Cause): number {
  const rankOf = ({ group, state }: Cause) => (groups[group] as readonly State[]).indexOf(state)
  return (
    groupNames.indexOf(one.group) - groupNames.indexOf(other.group) ||
    rankOf(one) - rankOf(other) ||
    Number(other.failures > 0) - Number(one.failures > 0) ||
    other.tests - one.tests ||
    other.since.time - one.since.time
  )
}
