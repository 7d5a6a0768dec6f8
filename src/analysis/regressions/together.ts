// Looks at regressions with one reason together. A culprit that breaks several tests, each in a part of its runs, shows in
// the runs of all of them where it began, when those of one test do not.

import type { Microseconds } from '../../lib/time'
import { compareRuns } from '../runs/order'
import type { Run } from '../runs/read'
import { finderOf } from './find'
import type { FoundRegression } from './timeline'

/** A regression of one test case, by its own runs. */
export interface OwnRegression {
  id: number
  testcase: number
  /** Suite, name and variant. */
  text: string
  probability: number
  first_bad_time: Microseconds
  /** The interval in which it began, with 95 %: numbers of jobs, and when the test ran in them. */
  low: number | null
  high: number | null
  low_time: Microseconds
  high_time: Microseconds
  last_bad_time: Microseconds
}

/** So many test cases tell where all of them began. More would hardly tell more. */
const MAX_TELLERS = 48

/** The regressions whose runs tell where it began: those that are surest, whatever the order in which they arrived. */
export function tellersOf(regressions: readonly OwnRegression[]): OwnRegression[] {
  const surest = regressions.toSorted(
    (a, b) =>
      b.probability - a.probability || b.last_bad_time - a.last_bad_time || (a.text < b.text ? -1 : 1),
  )
  const testcases = new Set<number>()
  return surest.filter(({ testcase }) => testcases.size < testcases.add(testcase).size).slice(0, MAX_TELLERS)
}

/** Where a regression began, and how many test cases tell it. */
export interface Beginning
  extends Pick<FoundRegression, 'probability' | 'first_bad' | 'low' | 'high' | 'last_good'> {
  tests: number
}

/**
 * Where each of the regressions began, by the runs of all tellers that may have begun at the same time.
 *
 * @param regressions  all with this reason.
 * @param runsOf  the runs of each teller's test case.
 * @returns by their ids; null: its own test case alone tells it. A regression that is older than the runs keeps what was
 *   told of it, and is not among them.
 */
export function locateTogether(
  regressions: readonly OwnRegression[],
  template: number,
  runsOf: ReadonlyMap<number, readonly Run[]>,
): Map<number, Beginning | null> {
  const tellers = tellersOf(regressions).filter(({ testcase }) => runsOf.has(testcase))
  const all = [...runsOf.values()].flat().sort(compareRuns)
  /** Regressions that began together mostly have the same tellers. */
  const known = new Map<string, FoundRegression[]>()
  const find = finderOf(all, template)
  const findOnce = (testcases: ReadonlySet<number>) => {
    const key = [...testcases].join()
    const found = known.get(key) ?? find(testcases)
    known.set(key, found)
    return found
  }
  const beginnings = new Map<number, Beginning | null>()
  for (const one of regressions) {
    const testcases = new Set(tellers.filter((other) => overlap(one, other)).map(({ testcase }) => testcase))
    if (testcases.size < 2) {
      beginnings.set(one.id, null)
      continue
    }
    if (one.first_bad_time < oldestOf(testcases, runsOf)) continue
    const beginning = nearest(findOnce(testcases), one)
    beginnings.set(one.id, beginning ? toBeginning(beginning, testcases.size) : null)
  }
  return beginnings
}

function oldestOf(testcases: ReadonlySet<number>, runsOf: ReadonlyMap<number, readonly Run[]>): Microseconds {
  return Math.min(
    ...[...testcases].map((testcase) => runsOf.get(testcase)?.[0]?.time ?? Number.POSITIVE_INFINITY),
  )
}

/** The tests of one job start one after the other: where one interval ends in the job in which another begins, they meet. */
function overlap(one: OwnRegression, other: OwnRegression): boolean {
  const meet = (low: number | null, high: number | null) => low !== null && low === high
  if (meet(one.low, other.high) || meet(other.low, one.high)) return true
  return one.low_time <= other.high_time && other.low_time <= one.high_time
}

/** What was found may have several regressions: it was mended and broke again. */
function nearest(found: readonly FoundRegression[], one: OwnRegression): FoundRegression | undefined {
  const distance = ({ first_bad }: FoundRegression) => Math.abs(first_bad.time - one.first_bad_time)
  return found.toSorted((a, b) => distance(a) - distance(b))[0]
}

function toBeginning(found: FoundRegression, tests: number): Beginning {
  const { probability, first_bad, low, high, last_good } = found
  return { probability, first_bad, low, high, last_good, tests }
}
