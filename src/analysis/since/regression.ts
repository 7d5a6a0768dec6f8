// Since when a test case fails for one reason, on one host and distro and over all of them, and whether it still does.

import { findOnset, type JobRow } from './onset'

/** Ordered by what a test case has over all hosts, where they differ. */
export const states = ['open', 'fixing', 'fixed', 'never_passed', 'none'] as const
/**
 * open: its last run failed. fixing: it passed since, but too few times to be sure. never_passed: it failed in every run
 * that there is. none: no regression; the failures come and go.
 */
export type State = (typeof states)[number]

/** The odds that are needed to tell of a regression: 3 to 1. */
const LEAST_LOG_ODDS = Math.log(3)
/** The chance that a broken test passes so many times that it counts as fixed. */
const DOUBT = 0.05

/** On one host and distro. All jobs are positions, see JobRow. */
export interface PlaceRegression {
  state: State
  /** That something changed, against that nothing did. */
  probability: number
  /** null: it never passed. The interval has 95 %. */
  firstBad: { position: number; low: number; high: number } | null
  /** The last job before `firstBad` in which nothing failed. */
  lastGood: number | null
  lastBad: number
  /** The first job after `lastBad`. */
  fixedIn: number | null
}

/**
 * @param rows  of one host and distro, in the order of time. Failures for other reasons are not among them.
 * @returns undefined where nothing failed.
 */
export function regressionOfPlace(rows: readonly JobRow[]): PlaceRegression | undefined {
  const last = rows.findLastIndex((row) => row.failures > 0)
  const lastRow = rows[last]
  if (!lastRow) return undefined
  if (rows.every((row) => row.failures === row.runs)) {
    return {
      state: 'never_passed',
      probability: 0,
      firstBad: null,
      lastGood: null,
      lastBad: lastRow.position,
      fixedIn: null,
    }
  }
  // Passes after the last failure say whether it is over, not since when it was.
  const untilLast = rows.slice(0, last + 1)
  const { row, low, high, logOdds } = findOnset(untilLast)
  const positionOf = (at: number) => rows[at]?.position ?? lastRow.position
  return {
    state: logOdds > LEAST_LOG_ODDS ? stateAfter(untilLast.slice(row), rows.length - last - 1) : 'none',
    probability: 1 / (1 + Math.exp(-logOdds)),
    firstBad: { position: positionOf(row), low: positionOf(low), high: positionOf(high) },
    lastGood: rows.slice(0, row).findLast(({ failures }) => failures === 0)?.position ?? null,
    lastBad: lastRow.position,
    fixedIn: rows[last + 1]?.position ?? null,
  }
}

/** @param broken  the rows from the onset to the last failure. @param passed  how many jobs passed since. */
function stateAfter(broken: readonly JobRow[], passed: number): State {
  if (passed === 0) return 'open'
  const failures = broken.reduce((sum, row) => sum + row.failures, 0)
  const runs = broken.reduce((sum, row) => sum + row.runs, 0)
  const needed = failures === runs ? 1 : Math.ceil(Math.log(DOUBT) / Math.log(1 - failures / runs))
  return passed >= needed ? 'fixed' : 'fixing'
}

/** Over all hosts and distros; the jobs are those of the hosts on which it is a regression. */
export interface Regression extends Omit<PlaceRegression, 'lastBad'> {
  /** null: it is none, and has passed somewhere. */
  lastBad: number | null
}

/**
 * What the places tell together: it is open as long as it is open anywhere, and it began where it began first.
 *
 * @param places  those of {@link regressionOfPlace}, in any order.
 */
export function regressionOf(places: readonly PlaceRegression[]): Regression {
  const state = states.find((name) => places.some((place) => place.state === name)) ?? 'none'
  if (state === 'none') {
    const probability = Math.max(0, ...places.map((place) => place.probability))
    return { state, probability, firstBad: null, lastGood: null, lastBad: null, fixedIn: null }
  }
  const told = places.filter(({ state }) => state !== 'none')
  const regressed = told.filter(({ state }) => state !== 'never_passed')
  const first = regressed.reduce<PlaceRegression | undefined>(
    (earliest, place) => (isEarlier(place, earliest) ? place : earliest),
    undefined,
  )
  return {
    state,
    probability: Math.max(0, ...regressed.map((place) => place.probability)),
    firstBad: first?.firstBad ?? null,
    lastGood: first?.lastGood ?? null,
    lastBad: Math.max(...(regressed.length > 0 ? regressed : told).map((place) => place.lastBad)),
    fixedIn: state === 'open' || state === 'never_passed' ? null : latestFix(regressed),
  }
}

function isEarlier(place: PlaceRegression, other: PlaceRegression | undefined): boolean {
  const [one, two] = [place.firstBad, other?.firstBad]
  return one !== null && (two == null || one.position < two.position)
}

/** A test is fixed when it is on the last host. */
function latestFix(places: readonly PlaceRegression[]): number | null {
  return places.reduce<number | null>(
    (latest, { fixedIn }) => (fixedIn !== null && (latest === null || fixedIn > latest) ? fixedIn : latest),
    null,
  )
}
