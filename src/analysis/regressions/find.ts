// Finds the regressions of a test case: since when it fails for which reason, on which hosts.

import type { Run } from '../runs/read'
import { jobRows } from '../since/job-rows'
import type { JobRow } from '../since/onset'
import { type PlaceRegression, regressionOfPlace } from '../since/regression'
import {
  type Episode,
  type EpisodeOfPlace,
  type FoundRegression,
  type Place,
  type PlacedRun,
  Timeline,
  toNeverPassed,
} from './timeline'

/** The reasons that are looked at: those of the most failures. Where there are more, they are not told apart. */
const MAX_TEMPLATES = 50
/** How often the rows of a place are searched again for what happened before. */
const MAX_EPISODES = 20
/** How sure it must be that something changed, where a later failure does not show it. */
const SURE = 0.95

/** @param runs  of one test case, in their order, each with an outcome. */
export function findRegressions(runs: readonly Run[]): FoundRegression[] {
  if (!runs.some(({ failed }) => failed)) return []
  const timeline = new Timeline(runs)
  const places = [...timeline.places.values()]
  const found: FoundRegression[] = []
  const told = new Set<Run['template']>()
  for (const template of templatesOf(runs)) {
    if (template === null) continue
    const groups = groupsOf(places, (run) => run.template === template).filter(isSeenTwice)
    if (groups.length > 0) told.add(template)
    for (const group of groups) found.push(timeline.toRegression(template, group))
  }
  // What is left may be a test that fails each time for another reason, or a first failure.
  for (const group of groupsOf(places, (run) => !told.has(run.template))) {
    found.push(timeline.toRegression(onlyTemplateOf(group, told), group))
  }
  const neverPassed = places.filter((place) => place.runs.every(({ failed }) => failed))
  addNeverPassed(found, neverPassed, timeline)
  return found.sort((a, b) => a.first_bad.time - b.first_bad.time)
}

/**
 * Finds regressions with one reason in the runs of some test cases together.
 *
 * @param runs  of all test cases that may be asked about, in their order, each with an outcome.
 */
export function finderOf(
  runs: readonly Run[],
  template: number,
): (testcases: ReadonlySet<number>) => FoundRegression[] {
  const timeline = new Timeline(runs)
  const places = [...timeline.places.values()]
  return (testcases) => {
    const ofThese = places.map((place) => {
      return { ...place, runs: place.runs.filter(({ testcase }) => testcases.has(testcase)) }
    })
    const groups = groupsOf(ofThese, (run) => run.template === template)
    return groups.map((group) => timeline.toRegression(template, group))
  }
}

/** One failure with a reason of its own says little, if the test fails for other reasons, too. */
function isSeenTwice(group: readonly Episode[]): boolean {
  return group.reduce((sum, { regression }) => sum + regression.failedJobs, 0) > 1
}

/** The reason of all failures of these episodes; null: they have several, or none. */
function onlyTemplateOf(group: readonly Episode[], told: ReadonlySet<Run['template']>): Run['template'] {
  const templates = new Set<Run['template']>()
  for (const { place, regression } of group) {
    for (const { position, failed, template } of place.runs) {
      const isWithin = position >= (regression.firstBad?.position ?? 0) && position <= regression.lastBad
      if (failed && isWithin && !told.has(template)) templates.add(template)
    }
  }
  const [only = null] = templates
  return templates.size === 1 ? only : null
}

/** The reasons, those with the most failures first, then those that came first. */
function templatesOf(runs: readonly Run[]): Run['template'][] {
  const counts = new Map<Run['template'], number>()
  for (const { failed, template } of runs) {
    if (failed) counts.set(template, (counts.get(template) ?? 0) + 1)
  }
  return [...counts]
    .sort(([, one], [, two]) => two - one)
    .slice(0, MAX_TEMPLATES)
    .map(([template]) => template)
}

/** What happened on the places at the same time belongs together. @param isBad  whether a failure has the reason */
function groupsOf(places: readonly Place[], isBad: (run: PlacedRun) => boolean): Episode[][] {
  const episodes = places.flatMap((place) => {
    const relevant = place.runs.filter((run) => !run.failed || isBad(run))
    return episodesOf(jobRows(relevant)).map((regression) => ({ place, regression }))
  })
  episodes.sort((a, b) => startOf(a) - startOf(b))
  const groups: Episode[][] = []
  let end = Number.NEGATIVE_INFINITY
  for (const episode of episodes) {
    const last = groups.at(-1)
    if (last && startOf(episode) <= end) last.push(episode)
    else groups.push([episode])
    end = Math.max(end, endOf(episode))
  }
  return groups
}

/**
 * The regressions of one place. Before one there may have been others. Where the last failure shows no change, because
 * the test had failed before or has failed once only, what came before it may still have been one.
 */
function episodesOf(rows: readonly JobRow[], tries = MAX_EPISODES): EpisodeOfPlace[] {
  const whole = regressionOfPlace(rows)
  if (!whole || whole.state === 'never_passed' || tries <= 0) return []
  const told = whole.firstBad && whole.state !== 'none' ? whole.firstBad : undefined
  const earlier = sureEpisodesOf(rowsBefore(rows, told?.position ?? whole.lastBad))
  const last = earlier.at(-1)
  // It worked since then: that is what later failures are compared with.
  const later = last ? episodesOf(rowsAfter(rows, last.lastBad), tries - 1) : []
  if (!told || later.length > 0) return [...earlier, ...later]
  return [...earlier, withJobs(whole, rows)]
}

/** Regressions that a later failure does not speak for, so that they must be surer. The oldest first. */
function sureEpisodesOf(all: readonly JobRow[]): EpisodeOfPlace[] {
  const episodes: EpisodeOfPlace[] = []
  let rows = all
  for (let tries = 0; tries < MAX_EPISODES; tries++) {
    const found = regressionOfPlace(rows)
    if (!found || found.state === 'never_passed') break
    if (found.firstBad && found.state !== 'none' && found.probability >= SURE) {
      episodes.unshift(withJobs(found, rows))
      rows = rowsBefore(rows, found.firstBad.position)
    } else rows = rowsBefore(rows, found.lastBad)
  }
  return episodes
}

function withJobs(regression: PlaceRegression, rows: readonly JobRow[]): EpisodeOfPlace {
  const start = regression.firstBad?.position ?? 0
  const failing = rows.filter(({ position, failures }) => failures > 0 && position >= start)
  return { ...regression, failedJobs: failing.length }
}

function rowsAfter(rows: readonly JobRow[], position: number): JobRow[] {
  return rows.filter((row) => row.position > position)
}

function rowsBefore(rows: readonly JobRow[], position: number): JobRow[] {
  return rows.filter((row) => row.position < position)
}

function startOf({ regression }: Episode): number {
  return regression.firstBad?.low ?? regression.lastBad
}

function endOf({ regression }: Episode): number {
  return regression.state === 'fixed' ? (regression.fixedIn ?? regression.lastBad) : Number.POSITIVE_INFINITY
}

/** A place where the test case never passed belongs to the regression of its reason elsewhere, or to one of its own. */
function addNeverPassed(found: FoundRegression[], places: readonly Place[], timeline: Timeline): void {
  const alone: Place[] = []
  for (const place of places) {
    const template = place.runs.at(-1)?.template ?? null
    const open = found.find((one) => one.template === template && isOpen(one))
    if (open) open.places.push(toNeverPassed(place, timeline))
    else alone.push(place)
  }
  if (alone.length > 0) found.push(timeline.toNeverPassed(alone))
}

function isOpen({ state }: FoundRegression): boolean {
  return state === 'open' || state === 'fixing'
}
