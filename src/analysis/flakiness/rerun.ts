// How sure it is that a failing test is broken and not flaky, and how many more runs would tell.

/** How often a broken test fails. */
const BROKEN = 0.95
/** What counts as certain. */
export const SURE = 0.95

/**
 * How often a test fails while it works. A quarter of a failure in ten runs is added, so that a test without history has
 * a rate, too.
 */
export function flakeRate({ flakes, runs }: { flakes: number; runs: number }): number {
  return (flakes + 0.25) / (runs + 10)
}

/**
 * How often a test case fails while it works, in every answer. Of one that is labelled flaky it is the rate of the model.
 * Of the others only failures count that went away by themselves: whether those that have not are flakes is the question.
 *
 * @param label  undefined: it has not been analysed.
 * @param streaks  over all series.
 */
export function knownFlakeRate(
  label: { rate: number; flaky: boolean } | undefined,
  streaks: { flakes: number; runs: number },
): number {
  return label?.flaky ? label.rate : flakeRate(streaks)
}

/** Of a test of which nothing is known. */
export const UNKNOWN_RATE = flakeRate({ flakes: 0, runs: 0 })

/**
 * The chance that a test is broken, with even odds before.
 *
 * @param rate  how often it fails while it works, see {@link flakeRate}.
 */
export function probabilityOfRegression(rate: number, failures: number, passes = 0): number {
  return 1 / (1 + Math.exp(-logOdds(rate, failures, passes)))
}

/** How many more runs are needed, if they all end alike; null: no number of them decides. */
export interface MoreRuns {
  /** Failures until the test is as good as certainly broken. */
  if_fails: number | null
  /** Passes until it is as good as certainly not. */
  if_passes: number | null
}

export function runsToDecide(rate: number, failures: number, passes = 0): MoreRuns {
  const goal = Math.log(SURE / (1 - SURE))
  const odds = logOdds(rate, failures, passes)
  return {
    if_fails: runsUntil(goal - odds, Math.log(BROKEN / rate)),
    if_passes: runsUntil(goal + odds, -Math.log((1 - BROKEN) / (1 - rate))),
  }
}

/**
 * How many passes in a row show that a test is mended.
 *
 * @param rate  the share of runs in which it failed.
 * @returns null where it never failed.
 */
export function runsToProveFix(rate: number): number | null {
  if (rate <= 0) return null
  return rate >= 1 ? 1 : Math.ceil(Math.log(1 - SURE) / Math.log(1 - rate))
}

/** @param rate  above 0 and below 1. */
function logOdds(rate: number, failures: number, passes: number): number {
  return failures * Math.log(BROKEN / rate) + passes * Math.log((1 - BROKEN) / (1 - rate))
}

/** @param step  how much nearer to the goal each run gets. */
function runsUntil(distance: number, step: number): number | null {
  if (distance <= 0) return 0
  return step > 0 ? Math.ceil(distance / step) : null
}
