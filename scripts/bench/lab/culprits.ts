// What breaks tests of the lab: culprits that come with an update, last for days and are mended, and nights in which a
// host is broken.

import { Random } from './random'

export interface Culprit {
  /** From when until when, in days from the beginning of the lab. */
  from: number
  to: number
  /** Test cases, by their place: from `first` on. */
  first: number
  tests: number
  /** Of which every so many-th one. */
  step: number
  /** The distribution that it came with; undefined: all. */
  distro: number | undefined
  /** The share of the runs that fail. */
  failing: number
}

/** So many begin a day in a lab of 20,000 test cases. */
const A_DAY = 9.5
/** A lab has so many nights of this kind for each of its hosts. */
const BROKEN_NIGHTS = 1

export class Culprits {
  private readonly all: Culprit[]
  /** Those of each group of neighbours among the test cases. */
  private readonly byBlock: number[][]

  constructor(
    private readonly seed: number,
    { cases, days, distros }: { cases: number; days: number; distros: number },
  ) {
    const count = Math.max(5, Math.round((A_DAY * days * cases) / 20_000))
    this.all = Array.from({ length: count }, (_, index) => {
      const random = new Random(seed, 7, index)
      const from = random.between(-5, days)
      const tests = Math.round(random.logBetween(2, 80))
      return {
        from,
        // Some are never mended.
        to: random.chance(0.1) ? Number.POSITIVE_INFINITY : from + random.logBetween(0.5, 25),
        first: random.below(cases),
        tests,
        step: 1 + random.below(3),
        distro: random.chance(0.4) ? random.below(distros) : undefined,
        failing: random.chance(0.7) ? 1 : random.between(0.2, 0.9),
      }
    })
    this.byBlock = Array.from({ length: Math.ceil(cases / BLOCK) + 1 }, () => [])
    for (const [index, { first, tests, step }] of this.all.entries()) {
      const last = Math.min(cases - 1, first + (tests - 1) * step)
      for (let block = Math.floor(first / BLOCK); block <= Math.floor(last / BLOCK); block++) {
        this.byBlock[block]?.push(index)
      }
    }
  }

  /** The number of what breaks this run; undefined: nothing does. */
  breaking(
    testcase: number,
    { day, distro }: { day: number; distro: number },
    run: Random,
  ): number | undefined {
    for (const index of this.byBlock[Math.floor(testcase / BLOCK)] ?? []) {
      const one = this.all[index] as Culprit
      const at = testcase - one.first
      if (at < 0 || at % one.step !== 0 || at / one.step >= one.tests) continue
      if (day < one.from || day >= one.to || (one.distro !== undefined && one.distro !== distro)) continue
      if (run.chance(one.failing)) return index
    }
    return undefined
  }

  /** Whether a host is broken on a day: nearly all fails there. */
  isBroken(host: number, day: number, days: number): boolean {
    return new Random(this.seed, 8, host, Math.floor(day)).chance(BROKEN_NIGHTS / days)
  }
}

const BLOCK = 50
