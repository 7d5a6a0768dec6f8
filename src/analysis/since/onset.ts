// Where in a sequence of jobs a test began to fail: the likeliest split into "works" before and "broken" after.

import { type Beta, logChance } from './beta-binomial'

/** What one job contributes. */
export interface JobRow {
  /** The place of the job among those of all hosts, in the order of time. */
  position: number
  failures: number
  runs: number
}

/** How often a test that works fails: 1 in 20 or so. */
const WORKS: Beta = { failures: 1, passes: 19 }
/** How often a broken one does: most of the time. */
const BROKEN: Beta = { failures: 5, passes: 1 }
/** At any rate, where nothing changed at all. */
const ANY: Beta = { failures: 1, passes: 1 }
/** A test without a change that fails at a rate of its own is this much less likely than one that works. */
const ANY_COST = 1
const CERTAIN = 0.95

/** All are indexes of rows. */
export interface Onset {
  /** The first bad row. */
  row: number
  /** The interval in which the first bad row lies with 95 %. */
  low: number
  high: number
  /** The logarithm of the odds that anything changed. */
  logOdds: number
}

/** @param rows  in the order of time, at least one. */
export function findOnset(rows: readonly JobRow[]): Onset {
  const failures = rows.reduce((sum, row) => sum + row.failures, 0)
  const runs = rows.reduce((sum, row) => sum + row.runs, 0)
  const scores = new Float64Array(rows.length)
  let failuresBefore = 0
  let runsBefore = 0
  rows.forEach((row, at) => {
    scores[at] =
      logChance(failuresBefore, runsBefore, WORKS) +
      logChance(failures - failuresBefore, runs - runsBefore, BROKEN)
    failuresBefore += row.failures
    runsBefore += row.runs
  })
  const best = scores.reduce((top, score) => Math.max(top, score), Number.NEGATIVE_INFINITY)
  const total = scores.reduce((sum, score) => sum + Math.exp(score - best), 0)
  const unchanged = Math.max(logChance(failures, runs, WORKS), logChance(failures, runs, ANY) - ANY_COST)
  const row = scores.indexOf(best)
  return {
    row,
    ...widen(
      row,
      scores.map((score) => Math.exp(score - best) / total),
    ),
    logOdds: best + Math.log(total) - Math.log(rows.length) - unchanged,
  }
}

/** The shortest interval around the likeliest row that is certain enough. */
function widen(row: number, chances: Float64Array): { low: number; high: number } {
  let low = row
  let high = row
  let inside = chances[row] ?? 0
  while (inside < CERTAIN && (low > 0 || high < chances.length - 1)) {
    const left = low > 0 ? (chances[low - 1] ?? 0) : -1
    const right = high < chances.length - 1 ? (chances[high + 1] ?? 0) : -1
    inside += Math.max(left, right)
    if (left >= right) low--
    else high++
  }
  return { low, high }
}
