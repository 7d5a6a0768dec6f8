// Finds the regressions of a test case: since when it fails for which reason, on which hosts.

import type { Microseconds } from '../../lib/time'
import type { Run } from '../runs/read'
import { jobRows } from '../since/job-rows'
import type { JobRow } from '../since/onset'
import { type PlaceRegression, regressionOf, regressionOfPlace } from '../since/regression'

type State = 'open' | 'fixing' | 'fixed' | 'never_passed'

/** A job by its number, and when the test case ran in it. */
export interface JobOfRun {
  job: number
  time: Microseconds
}

/** A regression on one host and distro. Jobs are numbers. */
export interface FoundPlace {
  host: number | null
  distro: number | null
  state: State
  first_bad: number | null
  last_good: number | null
  fixed_in: number | null
}

export interface FoundRegression {
  /** An id; the text of one that is not stored yet; null: the failures have several reasons, or none. */
  template: number | string | null
  state: State
  probability: number
  first_bad: JobOfRun
  /** low and high: the jobs between which it began, with 95 %. */
  low: JobOfRun
  high: JobOfRun
  last_bad: JobOfRun
  last_good: number | null
  fixed_in: number | null
  places: FoundPlace[]
}

/** The reasons that are looked at: those of the most failures. Where there are more, they are not told apart. */
const MAX_TEMPLATES = 50
/** How often the rows of a place are searched again for what happened before. */
const MAX_EPISODES = 20
/** How sure it must be that something changed, where a later failure does not show it. */
const SURE = 0.95

interface Place {
  host: number | null
  distro: number | null
  runs: PlacedRun[]
}

interface PlacedRun {
  testcase: number
  position: number
  failed: boolean
  template: Run['template']
}

interface EpisodeOfPlace extends PlaceRegression {
  /** Jobs with failures since it began. */
  failedJobs: number
}

interface Episode {
  place: Place
  regression: EpisodeOfPlace
}

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

function toNeverPassed({ host, distro, runs }: Place, timeline: Timeline): FoundPlace {
  const first_bad = runs[0] ? timeline.jobAt(runs[0].position).job : null
  return { host, distro, state: 'never_passed', first_bad, last_good: null, fixed_in: null }
}

/** The jobs of the runs in their order. The arithmetic knows jobs by their position. */
class Timeline {
  readonly places = new Map<string, Place>()
  private readonly jobs: JobOfRun[] = []

  constructor(runs: readonly Run[]) {
    const positions = new Map<number, number>()
    for (const { testcase, of, time, failed, template } of runs) {
      const position = positions.get(of.number) ?? this.jobs.push({ job: of.number, time }) - 1
      positions.set(of.number, position)
      const key = `${of.host} ${of.distro}`
      const place = this.places.get(key) ?? { host: of.host, distro: of.distro, runs: [] }
      place.runs.push({ testcase, position, failed, template })
      this.places.set(key, place)
    }
  }

  jobAt(position: number): JobOfRun {
    return this.jobs[position] as JobOfRun
  }

  toRegression(template: FoundRegression['template'], episodes: readonly Episode[]): FoundRegression {
    const whole = regressionOf(episodes.map(({ regression }) => regression))
    const firstBad = whole.firstBad ?? { position: 0, low: 0, high: 0 }
    return {
      template,
      state: whole.state as State,
      probability: whole.probability,
      first_bad: this.jobAt(firstBad.position),
      low: this.jobAt(firstBad.low),
      high: this.jobAt(firstBad.high),
      last_bad: this.jobAt(whole.lastBad ?? firstBad.position),
      last_good: this.numberAt(whole.lastGood),
      fixed_in: this.numberAt(whole.fixedIn),
      places: [...Map.groupBy(episodes, ({ place }) => place).values()].map((ofPlace) =>
        this.toPlace(ofPlace),
      ),
    }
  }

  /** @param episodes  of one place, by their start: it may have been mended and have broken again. */
  private toPlace(episodes: readonly Episode[]): FoundPlace {
    const [first, last] = [episodes[0], episodes.at(-1)] as [Episode, Episode]
    const { host, distro } = last.place
    return {
      host,
      distro,
      state: last.regression.state as State,
      first_bad: this.numberAt(first.regression.firstBad?.position),
      last_good: this.numberAt(first.regression.lastGood),
      fixed_in: this.numberAt(last.regression.fixedIn),
    }
  }

  /** @param places  at least one, each with failures only. */
  toNeverPassed(places: readonly Place[]): FoundRegression {
    const runs = places.flatMap((place) => place.runs).sort((a, b) => a.position - b.position)
    const first = this.jobAt((runs[0] as PlacedRun).position)
    const last = runs.at(-1) as PlacedRun
    return {
      template: last.template,
      state: 'never_passed',
      probability: 0,
      first_bad: first,
      low: first,
      high: first,
      last_bad: this.jobAt(last.position),
      last_good: null,
      fixed_in: null,
      places: places.map((place) => toNeverPassed(place, this)),
    }
  }

  private numberAt(position: number | null | undefined): number | null {
    return position == null ? null : this.jobAt(position).job
  }
}
