// Who is to blame for failures: the host on which they are, what is tested, or chance. Each
// says how often runs fail on the host and elsewhere, and the counts say which is likelier.

import { type Beta, logChance } from '../since/beta-binomial'

/** Failures and runs on a host, and on all others. Whole numbers. */
export interface Counts {
  failed: number
  runs: number
  failedElsewhere: number
  runsElsewhere: number
}

export const blames = ['host', 'product', 'noise'] as const
export type Blame = (typeof blames)[number]

const beta = (failures: number, passes: number): Beta => ({ failures, passes })
const RARELY = [beta(1, 49), beta(1, 9)]
const OFTEN = [beta(8, 1), beta(3, 3)]
/** How often a test fails where nothing is wrong, and where something is. */
const PAIRS: [good: Beta, bad: Beta][] = [
  [beta(1, 49), beta(8, 1)],
  [beta(1, 49), beta(3, 3)],
  [beta(1, 49), beta(2, 6)],
  [beta(1, 9), beta(8, 1)],
  [beta(1, 9), beta(3, 3)],
  [beta(1, 9), beta(2, 4)],
  [beta(3, 9), beta(8, 1)],
  [beta(4, 12), beta(6, 4)],
]

/**
 * How likely each is to blame, together 1.
 *
 * @param jobs  of how many jobs the runs are: those of one job depend on each other, so each counts as two at most;
 *   undefined: each run counts.
 */
export function blameOf(counts: Counts, jobs?: number): Record<Blame, number> {
  const { failed, runs, failedElsewhere, runsElsewhere } = counts
  const all = runs + runsElsewhere
  const temper = jobs === undefined || all === 0 ? 1 : Math.min(1, (2 * jobs) / all)
  const everywhere = (rates: readonly Beta[]) =>
    Math.max(...rates.map((rate) => logChance(failed + failedElsewhere, all, rate)))
  const logs: Record<Blame, number> = {
    host: logMean(
      PAIRS.map(
        ([good, bad]) => logChance(failed, runs, bad) + logChance(failedElsewhere, runsElsewhere, good),
      ),
    ),
    product: everywhere(OFTEN),
    noise: everywhere(RARELY),
  }
  const top = Math.max(...Object.values(logs))
  const weight = (blame: Blame) => Math.exp(temper * (logs[blame] - top))
  const sum = blames.reduce((total, blame) => total + weight(blame), 0)
  return { host: weight('host') / sum, product: weight('product') / sum, noise: weight('noise') / sum }
}

/** The likeliest, with its chance. A host fails more than the others, or it is not to blame. */
export function likeliest(counts: Counts, jobs?: number): { blame: Blame; probability: number } {
  const { failed, runs, failedElsewhere, runsElsewhere } = counts
  const chances = blameOf(counts, jobs)
  if (failed * runsElsewhere <= failedElsewhere * runs) {
    const rest = chances.product + chances.noise
    const blame = chances.product > chances.noise ? 'product' : 'noise'
    return { blame, probability: chances[blame] / rest }
  }
  const blame = blames.reduce((one, other) => (chances[other] > chances[one] ? other : one))
  return { blame, probability: chances[blame] }
}

function logMean(logs: readonly number[]): number {
  const top = Math.max(...logs)
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length)
}
