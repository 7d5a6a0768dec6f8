// The failures of a test case that went away by themselves, over all its series: what people are shown as the reason for
// calling it flaky.

import { findStreaks } from '../flakiness/streaks'
import type { RunTemplate } from '../runs/failures'
import { compareRuns } from '../runs/order'
import type { Run } from '../runs/read'

/** The most frequent templates that are kept of a test case. */
const MAX_TEMPLATES = 5

export interface Flakes {
  /** Runs in which the test was not broken: the passes and the flakes. */
  runs: number
  flakes: number
  /** Streaks of them. */
  events: number
  /** The newest flake. */
  last: { test: number; time: number } | undefined
  /** The flakes in their order. */
  tests: number[]
  /** Their templates, the most frequent first. A failure without a reason has none. */
  templates: NonNullable<RunTemplate>[]
}

/** @param series  of one test case, each with its runs in their order. */
export function collectFlakes(series: Iterable<readonly Run[]>): Flakes {
  const flakes: Run[] = []
  let runs = 0
  let events = 0
  for (const ofSeries of series) {
    for (const { failed } of ofSeries) if (!failed) runs++
    for (const { start, end, kind } of findStreaks(ofSeries)) {
      if (kind !== 'flake') continue
      events++
      flakes.push(...ofSeries.slice(start, end))
    }
  }
  flakes.sort(compareRuns)
  const last = flakes.at(-1)
  return {
    runs: runs + flakes.length,
    flakes: flakes.length,
    events,
    last: last && { test: last.test, time: last.time },
    tests: flakes.map(({ test }) => test),
    templates: frequentTemplates(flakes),
  }
}

/** Of equally frequent ones the one that was seen last comes first. */
function frequentTemplates(flakes: readonly Run[]): NonNullable<RunTemplate>[] {
  const counts = new Map<NonNullable<RunTemplate>, number>()
  for (const { template } of flakes.toReversed()) {
    if (template !== null) counts.set(template, (counts.get(template) ?? 0) + 1)
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .slice(0, MAX_TEMPLATES)
    .map(([template]) => template)
}
