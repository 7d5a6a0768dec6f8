// How sure it is that a test that fails is broken, not flaky, and how many more runs would tell.

/** How often a broken test fails. */
const BROKEN = 0.95
/** Where nothing is known about a test: the rate of a test with no failure in 10 runs, with a quarter of one added. */
export const UNKNOWN_RATE = 0.25 / 10

/**
 * The chance that a test is broken after so many failures in a row, even odds before.
 *
 * @param flakeRate  how often it fails while it works.
 */
export function probabilityOfRegression(flakeRate: number, failures: number, passes = 0): number {
  const odds = (BROKEN / flakeRate) ** failures * ((1 - BROKEN) / (1 - flakeRate)) ** passes
  return Number.isFinite(odds) ? odds / (1 + odds) : 1
}

/**
 * How many more runs decide: failures until it is as good as sure that the test is broken, passes until that it is not.
 *
 * @returns null where no number of such runs decides.
 */
export function runsToDecide(flakeRate: number, failures: number, sure = 0.95) {
  const count = (isEnough: (runs: number) => boolean) => {
    for (let runs = 0; runs <= 50; runs++) if (isEnough(runs)) return runs
    return null
  }
  return {
    if_fails: count((runs) => probabilityOfRegression(flakeRate, failures + runs) >= sure),
    if_passes: count((runs) => probabilityOfRegression(flakeRate, failures, runs) <= 1 - sure),
  }
}
