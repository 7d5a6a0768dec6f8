// How flaky a test case is, by a hidden Markov model: before each run the test works or is broken. While it works it
// fails at a rate that expectation maximisation finds. It breaks and is mended where the environment changes, and hardly
// ever where it does not. So a streak of failures after an update is no flake, and a failure without one is.

import { LEAST_EVENTS, LEAST_RATE, type Series } from './streaks'
import { wilsonInterval } from './wilson'

/** The chance that a broken test fails. */
const FAILS_BROKEN = 0.97
/** The chance that a series begins with a broken test. */
const BEGINS_BROKEN = 0.3
const CHANGED = { breaks: 0.03, mends: 0.15 }
const SAME = { breaks: 0.004, mends: 0.01 }
const FIRST_RATE = 0.03
/** The rate hardly changes after so many rounds. */
const ROUNDS = 7

export interface Flakiness {
  /** How often the test fails while it works; low and high: the interval of 90 %. */
  rate: number
  low: number
  high: number
  flaky: boolean
  /** Failures while it worked, and runs in which it worked, each weighed by its probability. */
  flakes: number
  runs: number
  /** Failures that more likely than not happened while it worked. */
  events: number
}

/** The runs of one series, ready for the model. */
interface Observed {
  failed: Uint8Array
  /** Whether the environment may differ from that of the run before. */
  changed: Uint8Array
}

/** @param seriesOfTest  all series of one test case, in any order. */
export function flakinessOf(seriesOfTest: Iterable<Series>): Flakiness {
  // Sums of floating-point numbers depend on their order, which must not be the order of arrival.
  const observed = [...seriesOfTest]
    .filter((series) => series.length > 0)
    .map(observe)
    .sort(compareObserved)
  const longest = observed.reduce((most, { failed }) => Math.max(most, failed.length), 0)
  const forward = new Float64Array(longest)
  let rate = FIRST_RATE
  let sum: Expected = { flakes: 0, runs: 0, events: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    sum = { flakes: 0, runs: 0, events: 0 }
    for (const series of observed) addExpected(sum, series, rate, forward)
    rate = (sum.flakes + 0.25) / (sum.runs + 10)
  }
  const { low, high } = wilsonInterval(Math.min(sum.flakes, sum.runs), sum.runs)
  return { rate, low, high, flaky: sum.events >= LEAST_EVENTS && low >= LEAST_RATE, ...sum }
}

function observe(series: Series): Observed {
  const failed = new Uint8Array(series.length)
  const changed = new Uint8Array(series.length)
  let before: number | null = null
  series.forEach((run, at) => {
    failed[at] = run.failed ? 1 : 0
    changed[at] = at > 0 && (run.environment === null || run.environment !== before) ? 1 : 0
    before = run.environment
  })
  return { failed, changed }
}

function compareObserved(a: Observed, b: Observed): number {
  return (
    a.failed.length - b.failed.length ||
    Buffer.compare(a.failed, b.failed) ||
    Buffer.compare(a.changed, b.changed)
  )
}

type Expected = Pick<Flakiness, 'flakes' | 'runs' | 'events'>

/**
 * Adds what one series is expected to have at this rate: forward-backward, with two states of which one follows from the
 * other, so that only the probability of "works" is kept.
 *
 * @param forward  room for as many numbers as the series has runs.
 */
function addExpected(
  sum: Expected,
  { failed, changed }: Observed,
  rate: number,
  forward: Float64Array,
): void {
  const works = (at: number) => (failed[at] ? rate : 1 - rate)
  const broken = (at: number) => (failed[at] ? FAILS_BROKEN : 1 - FAILS_BROKEN)
  let working = 1 - BEGINS_BROKEN
  for (let at = 0; at < failed.length; at++) {
    if (at > 0) {
      const { breaks, mends } = changed[at] ? CHANGED : SAME
      working = working * (1 - breaks) + (1 - working) * mends
    }
    const ifWorks = working * works(at)
    working = ifWorks / (ifWorks + (1 - working) * broken(at))
    forward[at] = working
  }
  let afterIfWorks = 1
  let afterIfBroken = 1
  for (let at = failed.length - 1; at >= 0; at--) {
    const before = forward[at] ?? 0
    const ifWorks = before * afterIfWorks
    const worked = ifWorks / (ifWorks + (1 - before) * afterIfBroken)
    sum.runs += worked
    if (failed[at]) {
      sum.flakes += worked
      if (worked > 0.5) sum.events++
    }
    const { breaks, mends } = changed[at] ? CHANGED : SAME
    const seenIfWorks = works(at) * afterIfWorks
    const seenIfBroken = broken(at) * afterIfBroken
    const nextIfWorks = (1 - breaks) * seenIfWorks + breaks * seenIfBroken
    const nextIfBroken = mends * seenIfWorks + (1 - mends) * seenIfBroken
    afterIfWorks = nextIfWorks / (nextIfWorks + nextIfBroken)
    afterIfBroken = nextIfBroken / (nextIfWorks + nextIfBroken)
  }
}
