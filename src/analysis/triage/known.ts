// What is known of the causes of triage: known issues explain them, and people claim them and comment on them.

import type { Microseconds } from '../../lib/time'
import type { Connection } from '../../storage/query'
import { knownIssuesOf } from '../known-issues/show'
import { claimsAbout } from '../notes/claims'
import { commentCounts } from '../notes/comments'
import { toClaim } from '../notes/show'
import { type Thing, type ThingKind, thingKinds } from '../notes/things'
import type { Cause } from './causes'
import type { Item } from './items'
import type { CauseItem } from './model'

/** Items in these states are no news once somebody has looked into them. */
const EXPLAINED: readonly Item['state'][] = [
  'new',
  'unconfirmed',
  'still_failing',
  'never_passed',
  'flaky',
  'passed_again',
]

/**
 * Adds the known issues that match the newest failures of items. Those whose newest failures on all hosts are of an open
 * one are explained. One that has come back is news again.
 */
export async function addKnownIssues(
  connection: Connection,
  items: readonly Item[],
  now: Microseconds,
): Promise<Item[]> {
  const tests = items.flatMap(({ hosts }) => hosts.map(({ last }) => last.test))
  const known = await knownIssuesOf(connection, tests, now)
  if (known.size === 0) return [...items]
  return items.map((item) => {
    const links = item.hosts.map(({ last }) => known.get(last.test)?.[0])
    const [first] = links
    if (!first) return item
    const isExplained = EXPLAINED.includes(item.state) && links.every((link) => link?.state === 'open')
    return {
      ...item,
      knownIssue: first,
      ...(isExplained && ({ group: 'flaky', state: 'known_issue' } as const)),
    }
  })
}

/** What claims and comments on a cause refer to: its reason, else its oldest regression, else its newest failure. */
function thingOf({ kind, items }: Cause, sample: CauseItem['sample']): Thing | undefined {
  const [first] = items
  if (kind === 'reason' && typeof first?.template === 'number')
    return { kind: 'cluster', target: first.template }
  const regression = items.find((item) => item.regression)?.regression
  if (regression) return { kind: 'regression', target: regression.id }
  return sample ? { kind: 'failure', target: sample.test } : undefined
}

/** What people say about a cause. */
export type Notes = Pick<CauseItem, 'about' | 'known_issue' | 'claim' | 'comments'>

/** @param causes  each with its newest failure. @returns what is known of each, in their order */
export async function notesOn(
  connection: Connection,
  causes: readonly { cause: Cause; sample: CauseItem['sample'] }[],
): Promise<Notes[]> {
  const things = causes.map(({ cause, sample }) => thingOf(cause, sample))
  const claims = new Map<ThingKind, Awaited<ReturnType<typeof claimsAbout>>>()
  const counts = new Map<ThingKind, Awaited<ReturnType<typeof commentCounts>>>()
  for (const kind of thingKinds) {
    const ids = things.flatMap((thing) => (thing?.kind === kind ? thing.target : []))
    claims.set(kind, await claimsAbout(connection, kind, ids))
    counts.set(kind, await commentCounts(connection, kind, ids))
  }
  return causes.map(({ cause, sample }, at): Notes => {
    const thing = things[at]
    const claim = thing && claims.get(thing.kind)?.get(thing.target)
    return {
      about: aboutOf(thing, sample),
      known_issue: cause.items.find(({ knownIssue }) => knownIssue)?.knownIssue ?? null,
      claim: claim ? toClaim(claim) : null,
      comments: (thing && counts.get(thing.kind)?.get(thing.target)) ?? 0,
    }
  })
}

function aboutOf(thing: Thing | undefined, sample: CauseItem['sample']): Notes['about'] {
  if (!thing) return null
  if (thing.kind === 'failure') return sample ? { job: sample.job, test: String(sample.test) } : null
  return thing.kind === 'cluster' ? { cluster: thing.target } : { regression: thing.target }
}
