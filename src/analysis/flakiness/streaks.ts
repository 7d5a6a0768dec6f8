// Flakes by streaks of failures: the reason that people are shown for calling a test flaky.

import { wilsonInterval } from './wilson'

/** A run that failed or passed, as far as flakiness depends on it. */
export interface SeriesRun {
  failed: boolean
  /** null: unknown, and so never the same as another. */
  environment: number | null
}

/** Runs of one test case on one host, branch and distro, in their order. */
export type Series = readonly SeriesRun[]

/** A longer streak of failures is a regression and its fix, if the environment changed meanwhile. */
const LONGEST_FLAKE = 2
/** A test is flaky if it failed by itself at least so often ... */
export const LEAST_EVENTS = 2
/** ... and in at least this share of its runs, with 95 %. */
export const LEAST_RATE = 0.005

/** Failures in a row, from index `start` to before `end`. */
export interface Streak {
  start: number
  end: number
  /**
   * flake: it went away by itself. fixed: something mended it. open: it has not ended, so nothing is known.
   */
  kind: 'flake' | 'fixed' | 'open'
}

/** The streaks of failures of one series, in their order. */
export function findStreaks(runs: Series): Streak[] {
  const streaks: Streak[] = []
  for (let start = 0; start < runs.length; start++) {
    if (!runs[start]?.failed) continue
    let end = start + 1
    while (runs[end]?.failed) end++
    streaks.push({ start, end, kind: kindOf(runs, start, end) })
    start = end
  }
  return streaks
}

function kindOf(runs: Series, start: number, end: number): Streak['kind'] {
  if (end === runs.length) return 'open'
  return end - start <= LONGEST_FLAKE || isOneEnvironment(runs, start - 1, end) ? 'flake' : 'fixed'
}

/** Whether the environment was the same from the run `first`, which must exist, to the run `last`. */
function isOneEnvironment(runs: Series, first: number, last: number): boolean {
  const environment = runs[first]?.environment ?? null
  if (environment === null) return false
  for (let at = first + 1; at <= last; at++) if (runs[at]?.environment !== environment) return false
  return true
}

export interface StreakFlakiness {
  /** Runs in which the test was not broken: the passes and the flakes. */
  runs: number
  /** Failures that went away by themselves. */
  flakes: number
  /** Streaks of such failures. */
  events: number
  /** The share of flakes among `runs`, and the interval of 90 %. */
  rate: number
  low: number
  high: number
  flaky: boolean
}

/** How flaky a test case is, over all its series. */
export function flakinessByStreaks(seriesOfTest: Iterable<Series>): StreakFlakiness {
  let runs = 0
  let flakes = 0
  let events = 0
  for (const series of seriesOfTest) {
    runs += series.reduce((passes, run) => passes + (run.failed ? 0 : 1), 0)
    for (const { start, end, kind } of findStreaks(series)) {
      if (kind !== 'flake') continue
      flakes += end - start
      events++
    }
  }
  runs += flakes
  const { low, high } = wilsonInterval(flakes, runs)
  return {
    runs,
    flakes,
    events,
    rate: runs === 0 ? 0 : flakes / runs,
    low,
    high,
    flaky: events >= LEAST_EVENTS && low >= LEAST_RATE,
  }
}
