// What the runs of a series tell about one of them: pure arithmetic.

import { probabilityOfRegression, SURE } from '../flakiness/rerun'
import { findStreaks } from '../flakiness/streaks'

/** A run that failed or passed. */
interface JudgedRun {
  failed: boolean
  environment: number | null
}

export const verdictStates = [
  'passing',
  'regression',
  'unconfirmed',
  'flaky',
  'flake',
  'never_passed',
  'no_outcome',
] as const
export type VerdictState = (typeof verdictStates)[number]

export interface Judgement {
  state: Exclude<VerdictState, 'no_outcome'>
  /** The index of the first run of what the run belongs to: of the regression, or of its streak. */
  since: number
  /** The index behind the last run of it. */
  end: number
  /** From `since` to `end`. */
  failures: number
  /** Passes before `since`. */
  passedBefore: number
  /** The index of the last pass before `since`; -1: there is none. */
  lastGood: number
  /** The index of the run since which it passes, if it passes now and the run failed; -1: it does not. */
  passesSince: number
  /** Failures in a row around the run; 0: it passed. */
  streak: number
  /** Whether the streak goes on to the newest run. */
  isOpen: boolean
  /** Of a regression, against a flake, by the streak alone. */
  probability: number
}

/**
 * @param runs  of one series, in their order.
 * @param at  the index of the run.
 * @param firstBad  the index of the run with which a regression began that the run is part of; undefined: it is of none.
 */
export function judge(
  runs: readonly JudgedRun[],
  at: number,
  { firstBad, flakeRate, isFlaky }: { firstBad: number | undefined; flakeRate: number; isFlaky: boolean },
): Judgement {
  if (!runs[at]?.failed) return judgePass(runs, at)
  const streak = findStreaks(runs).find(({ start, end }) => start <= at && at < end) ?? {
    start: at,
    end: at + 1,
    kind: 'open' as const,
  }
  const since = firstBad ?? streak.start
  const newest = runs.findLastIndex(({ failed }) => failed) + 1
  const passesSince = newest < runs.length ? newest : -1
  const end = firstBad === undefined ? streak.end : newest
  const length = streak.end - streak.start
  const probability = probabilityOfRegression(flakeRate, length)
  const before = runs.slice(0, since)
  const stateOf = (): Judgement['state'] => {
    if (runs.every(({ failed }) => failed)) return 'never_passed'
    if (firstBad !== undefined) return 'regression'
    if (streak.kind === 'flake') return 'flake'
    if (streak.kind === 'fixed' || probability >= SURE) return 'regression'
    return isFlaky ? 'flaky' : 'unconfirmed'
  }
  return {
    state: stateOf(),
    since,
    end,
    failures: runs.slice(since, end).filter(({ failed }) => failed).length,
    passedBefore: before.filter(({ failed }) => !failed).length,
    lastGood: before.findLastIndex(({ failed }) => !failed),
    passesSince,
    streak: length,
    isOpen: streak.kind === 'open',
    probability,
  }
}

function judgePass(runs: readonly JudgedRun[], at: number): Judgement {
  const since = runs.findLastIndex(({ failed }, index) => failed && index < at) + 1
  const after = runs.findIndex(({ failed }, index) => failed && index > at)
  const end = after < 0 ? runs.length : after
  return {
    state: 'passing',
    since,
    end,
    failures: 0,
    passedBefore: runs.slice(0, since).filter(({ failed }) => !failed).length,
    lastGood: -1,
    passesSince: -1,
    streak: 0,
    isOpen: false,
    probability: 0,
  }
}
