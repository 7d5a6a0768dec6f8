// The chance of so many failures when the rate of failures itself is only known roughly.

/** Logarithms of factorials, as far as they were needed; `known[n]` is that of (n - 1)!. */
const known = [0, 0]

/** The logarithm of the gamma function of a whole number, at least 1. */
function logGamma(n: number): number {
  for (let next = known.length; next <= n; next++) known.push((known[next - 1] ?? 0) + Math.log(next - 1))
  return known[n] ?? 0
}

/** What is believed of a rate before any run: as after `failures` - 1 failures and `passes` - 1 passes. */
export interface Beta {
  failures: number
  passes: number
}

/** The logarithm of the chance of exactly this sequence of `failures` failures in `runs` runs. All are whole numbers. */
export function logChance(failures: number, runs: number, rate: Beta): number {
  const { failures: a, passes: b } = rate
  return (
    logGamma(a + failures) +
    logGamma(b + runs - failures) -
    logGamma(a + b + runs) -
    logGamma(a) -
    logGamma(b) +
    logGamma(a + b)
  )
}
