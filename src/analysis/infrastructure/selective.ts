// Tells a product that fails from a night in which everything may fail, by which tests fail. A product breaks whole
// tests, in all their variants, and leaves others alone. What is wrong with a host or a network hits variants by chance,
// or everything from some moment on.

interface Test {
  /** Without the variant. */
  name: string
  failed: boolean
}

/** Of a test that the product breaks, this share passes, and of the others it fails. */
const NOISE = 0.04
/** The log of the odds for whole tests that is asked for. */
const LEAST_ODDS = 1
/** The share of tests that an interval must explain. */
const LEAST_EXPLAINED = 0.95

/** @param tests  those that had passed at their last run, in the order in which they ran. */
export function isSelective(tests: readonly Test[]): boolean {
  return oddsOfWholeTests(tests) > LEAST_ODDS && !isInterval(tests)
}

/**
 * The log of the odds that whole tests fail, against variants by chance. 0 where each test has one variant, or where
 * all fail: that tells nothing.
 */
function oddsOfWholeTests(tests: readonly Test[]): number {
  const share = tests.filter(({ failed }) => failed).length / tests.length
  const bad = Math.min(0.98, Math.max(0.02, share))
  const rest = Math.log(NOISE)
  const hit = Math.log(1 - NOISE)
  let odds = 0
  for (const variants of Map.groupBy(tests, ({ name }) => name).values()) {
    if (variants.length < 2) continue
    const failed = variants.filter(({ failed }) => failed).length
    const passed = variants.length - failed
    const broken = Math.log(bad) + failed * hit + passed * rest
    const works = Math.log(1 - bad) + failed * rest + passed * hit
    const top = Math.max(broken, works)
    const whole = top + Math.log(Math.exp(broken - top) + Math.exp(works - top))
    odds += whole - (failed * Math.log(bad) + passed * Math.log(1 - bad))
  }
  return odds
}

/** Whether nearly all fail between two moments, and nearly none before and after. */
function isInterval(tests: readonly Test[]): boolean {
  const passed = tests.filter(({ failed }) => !failed).length
  let inside = 0
  let best = 0
  // Each failure inside the interval is explained by it, and each pass inside is not.
  for (const { failed } of tests) {
    inside = Math.max(0, inside + (failed ? 1 : -1))
    best = Math.max(best, inside)
  }
  return passed + best >= LEAST_EXPLAINED * tests.length
}
