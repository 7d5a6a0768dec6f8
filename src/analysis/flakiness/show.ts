// How flaky a test case is, as answers show it: by the model, and by the streaks that are the reason.

import { flakinessByStreaks, type Series } from './streaks'
import { flakinessOf } from './two-state'

/** @param seriesOfTest  runs that failed or passed, by series. */
export function showFlakiness(seriesOfTest: readonly Series[]) {
  const { rate, low, high, flaky } = flakinessOf(seriesOfTest)
  const streaks = flakinessByStreaks(seriesOfTest)
  return {
    ...{ rate, low, high, flaky },
    streaks: {
      runs: streaks.runs,
      flakes: streaks.flakes,
      events: streaks.events,
      rate: streaks.rate,
      low: streaks.low,
    },
  }
}
