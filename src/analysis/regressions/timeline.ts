// The runs of test cases as the search for regressions wants them, by place, and what it found as jobs by their number.

import type { Microseconds } from '../../lib/time'
import type { Run } from '../runs/read'
import { type PlaceRegression, regressionOf } from '../since/regression'

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

export interface Place {
  host: number | null
  distro: number | null
  runs: PlacedRun[]
}

export interface PlacedRun {
  testcase: number
  position: number
  failed: boolean
  template: Run['template']
}

export interface EpisodeOfPlace extends PlaceRegression {
  /** Jobs with failures since it began. */
  failedJobs: number
}

export interface Episode {
  place: Place
  regression: EpisodeOfPlace
}

export function toNeverPassed({ host, distro, runs }: Place, timeline: Timeline): FoundPlace {
  const first_bad = runs[0] ? timeline.jobAt(runs[0].position).job : null
  return { host, distro, state: 'never_passed', first_bad, last_good: null, fixed_in: null }
}

/** The jobs of the runs in their order. The arithmetic knows jobs by their position. */
export class Timeline {
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
