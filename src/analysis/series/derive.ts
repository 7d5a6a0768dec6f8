// What is derived from the runs of a test case: its series, how flaky it is, and its regressions. A function of the runs
// alone: the same runs give the same, in whatever order they arrived.

import type { Microseconds } from '../../lib/time'
import { findStreaks } from '../flakiness/streaks'
import { type Flakiness, flakinessOf } from '../flakiness/two-state'
import { findRegressions } from '../regressions/find'
import type { FoundRegression } from '../regressions/timeline'
import type { Run } from '../runs/read'
import { collectFlakes, type Flakes } from './flakes'

/** The runs of a test case on one host, branch and distro. Jobs are numbers. */
export interface Series {
  host: number | null
  branch: number | null
  distro: number | null
  last_time: Microseconds
  last_job: number
  state: 'passing' | 'failing'
  since_job: number
  streak: number
  runs: number
  failures: number
  flakes: number
  events: number
}

export interface Derived {
  series: Series[]
  /** undefined: there are no runs. */
  flakiness: (Flakiness & { by_streaks: Flakes }) | undefined
  regressions: FoundRegression[]
  /** Those that have a reason. */
  failures: Run[]
}

/**
 * Runs of jobs that are infrastructure tell nothing of a test. Those of jobs that recovered tell of a regression, if
 * anything: they are no flakes, and not how the test stands.
 *
 * @param runs  of one test case, in their order, each with an outcome.
 */
export function derive(runs: readonly Run[]): Derived {
  const steady = runs.filter(({ of }) => !of.isRecovered)
  const bySeries = Map.groupBy(steady, ({ of }) => `${of.host} ${of.branch} ${of.distro}`)
  return {
    series: [...bySeries.values()].map(toSeries),
    flakiness:
      steady.length === 0
        ? undefined
        : { ...flakinessOf(bySeries.values()), by_streaks: collectFlakes(bySeries.values()) },
    regressions: findRegressions(runs.filter(({ of }) => !of.isInfrastructure)),
    failures: runs.filter(({ failed, template }) => failed && template !== null),
  }
}

/** Whether a failure went away by itself, by its test. @param runs  of one series, in their order */
export function flakesOf(runs: readonly Run[]): Set<number> {
  const flakes = new Set<number>()
  for (const { start, end, kind } of findStreaks(runs)) {
    if (kind === 'flake') for (const { test } of runs.slice(start, end)) flakes.add(test)
  }
  return flakes
}

/** The index of the first run of the streak that the newest run belongs to. */
export function startOfStreak(runs: readonly Run[]): number {
  return runs.findLastIndex(({ failed }) => failed !== runs.at(-1)?.failed) + 1
}

/** @param runs  at least one. */
function toSeries(runs: readonly Run[]): Series {
  const last = runs.at(-1) as Run
  const start = startOfStreak(runs)
  const streaks = findStreaks(runs).filter(({ kind }) => kind === 'flake')
  return {
    host: last.of.host,
    branch: last.of.branch,
    distro: last.of.distro,
    last_time: last.time,
    last_job: last.of.number,
    state: last.failed ? 'failing' : 'passing',
    since_job: (runs[start] as Run).of.number,
    streak: runs.length - start,
    runs: runs.length,
    failures: runs.filter(({ failed }) => failed).length,
    flakes: streaks.reduce((sum, { start, end }) => sum + end - start, 0),
    events: streaks.length,
  }
}
