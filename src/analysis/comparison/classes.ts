// The class of a test case in a comparison of two jobs, from what is known about its runs.

import { SURE } from '../flakiness/rerun'
import type { Outcome } from '../runs/outcome'

/** In the order in which they are listed: what somebody has to look at comes first. */
export const classes = [
  'regression',
  'unconfirmed',
  'flaky',
  'known_issue',
  'still_failing',
  'fixed',
  'fixed_unsure',
  'slower',
  'faster',
  'missing',
  'new_test',
  'not_comparable',
  'unchanged',
] as const

export type Class = (typeof classes)[number]

/** The classes of test cases that do otherwise than in the base. */
export const changedClasses: readonly Class[] = classes.filter(
  (name) => name !== 'unchanged' && name !== 'still_failing' && name !== 'known_issue',
)

export interface Compared {
  /** undefined: the job has no such test. */
  base: Outcome | undefined
  job: Outcome | undefined
  /** Of a failure in the job: the chance that it is a regression, by its open streak. */
  probability: number
  /** Whether a known issue matches a failure in the job. */
  isKnown: boolean
  /** Whether the test is known to be flaky. */
  isFlaky: boolean
  /**
   * Whether a failure in the base went away by itself: `first`: it was the first of its streak, after a pass, and so the
   * pass counts as the base's.
   */
  baseFlake: 'first' | 'flake' | 'no'
  /** How much longer a pass took than that of the base, where that is beyond the noise; 1 otherwise. */
  ratio: number
}

/** The first class that fits. */
export function classOf({ base, job, isKnown, probability, isFlaky, baseFlake, ratio }: Compared): Class {
  if (job === undefined) return 'missing'
  if (base === undefined) return 'new_test'
  if (base === 'none' || job === 'none') return 'not_comparable'
  if (job === 'failed' && isKnown) return 'known_issue'
  if (job === 'failed' && probability < SURE) return isFlaky ? 'flaky' : 'unconfirmed'
  const before = base === 'failed' && baseFlake === 'first' ? 'passed' : base
  if (job === 'failed') return before === 'passed' ? 'regression' : 'still_failing'
  if (before === 'failed') return baseFlake === 'flake' ? 'fixed_unsure' : 'fixed'
  if (ratio === 1) return 'unchanged'
  return ratio > 1 ? 'slower' : 'faster'
}

const LEAST_RATIO = 1.1
/** Makes the median of absolute deviations the standard deviation of a normal distribution. */
const MAD_FACTOR = 1.4826
const DEVIATIONS = 3
/** With fewer earlier durations nothing is known of the noise. */
const LEAST_DURATIONS = 4

/**
 * How much longer a run took than another one, where that is more than the noise of the runs before; 1 otherwise.
 *
 * @param earlier  the durations of the last passed runs, 20 at most. All durations in seconds.
 */
export function ratioBeyondNoise(base: number, job: number, earlier: readonly number[]): number {
  const ratio = job / base
  const isLarge = ratio >= LEAST_RATIO || ratio <= 1 / LEAST_RATIO
  if (!isLarge || !Number.isFinite(ratio) || ratio === 0 || earlier.length < LEAST_DURATIONS) return 1
  const logs = earlier.filter((seconds) => seconds > 0).map(Math.log)
  const middle = medianOf(logs)
  const deviation = MAD_FACTOR * medianOf(logs.map((log) => Math.abs(log - middle)))
  return Math.abs(Math.log(ratio)) > DEVIATIONS * deviation ? ratio : 1
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
