// Whether many failures of one job at once are the fault of the host, the network or the lab, and not of what is tested.
// The arithmetic alone: where jobs and outcomes are read from is the caller's.
//
// A mass failure: at least 5 tests, and 40 % of those that passed at their last run, fail in one job. It is
// infrastructure if the same tests pass again in the next jobs of the host and branch, and nothing that is known of the
// system can be the reason. Until there are such jobs it is suspected, if most failures are ERROR.

import { HOUR, type Microseconds } from '../../lib/time'
import { isSelective } from './selective'

/** How a test case ended in a job. One that ran twice failed if it never passed. */
export interface Outcome {
  failed: boolean
  isError: boolean
  environment: number | null
}

/** By test case, in the order in which they ran. */
export type Outcomes = ReadonlyMap<number, Outcome>

/** A job, by when and where it ran. */
export interface JudgedJob {
  number: number
  time: Microseconds
  branch: number | null
  distro: number | null
}

/** Where the judge finds what it needs. */
export interface Records<Job extends JudgedJob> {
  /** @param testcases  only these; undefined: all */
  outcomesOf(job: Job, testcases?: ReadonlySet<number>): Promise<Outcomes>
  /** Jobs of the same host before this one, the newest first, without those that count as no "last run". */
  earlier(job: Job): AsyncIterable<Job>
  /** Jobs of the same host after this one, the oldest first. */
  later(job: Job): AsyncIterable<Job>
  /** What a test is called without its variant, by test case. */
  namesOf(testcases: readonly number[]): Promise<ReadonlyMap<number, string>>
  /** Names of the components that differ: none if both environments are unknown; null: one of them is. */
  changed(one: number | null, other: number | null): Promise<ReadonlySet<string> | null>
}

export const verdicts = ['none', 'suspected', 'infrastructure'] as const
export type Verdict = (typeof verdicts)[number]

/** What was found of a mass failure. */
export interface Judgement {
  verdict: Verdict
  /** The tests passed again: the job is not the last run of anything, and no flake. */
  recovered: boolean
  /** Tests that had passed at their last run. */
  expected: number
  /** How many of these fail. */
  broken: number
  /** How many of these with ERROR. */
  errors: number
  /** Later jobs that ran some of them, 5 at most. */
  runs: number
  /** The median share of them that passed in the later jobs; null: there are none. */
  passed_again: number | null
  /** How many of them ran again in this branch. */
  ran_again: number
  /** How many of these passed while no component had changed both before and after. */
  excused: number
  /** Whole tests fail and others do not, in all their variants: that is how a product fails. */
  selective: boolean
  /** Later jobs in which these tests failed again while others passed: something that they share fails now and then. */
  relapses: number
  /** Later jobs up to this time were looked at. */
  until: Microseconds
}

export const LEAST_TESTS = 5
const LEAST_SHARE = 0.4
/** The share of the failures of the job that are new: where most are older, it is no night that broke. */
const LEAST_NEW = 1 / 3
/** The share of tests that must pass again. */
const RECOVERED = 0.8
const ERRORS = 0.6
const LATER_JOBS = 5
/** Where none of these is of the branch of the job, so many of the branch count that come after them. */
const LATER_OF_BRANCH = 3
/** What is repaired in a night is repaired by then. Jobs that come sooner are of the same night. */
const PAUSE: Microseconds = 12 * HOUR
/** A relapse: at most this share of the broken tests passes, and at least so many others ran. */
const RELAPSED = 0.3
const LEAST_OTHERS = 3
/** Any later job may still change the verdict. */
export const OPEN: Microseconds = Number.MAX_SAFE_INTEGER

/** @returns undefined: it is no mass failure */
export async function judge<Job extends JudgedJob>(
  job: Job,
  records: Records<Job>,
): Promise<Judgement | undefined> {
  const now = await records.outcomesOf(job)
  const failed = [...now].filter(([, { failed }]) => failed).length
  if (failed < LEAST_TESTS) return undefined
  const before = await lastRuns(job, now, records)
  if (!before) return undefined
  const expected = [...before].flatMap(([testcase, { last }]) => (last.failed ? [] : testcase))
  const broken = new Set(expected.filter((testcase) => now.get(testcase)?.failed))
  if (broken.size < LEAST_TESTS || broken.size < LEAST_SHARE * expected.length) return undefined
  if (broken.size < LEAST_NEW * failed) return undefined
  const errors = [...broken].filter((testcase) => now.get(testcase)?.isError).length
  const names = await records.namesOf(expected)
  const selective = isSelective(
    [...now.keys()]
      .filter((testcase) => before.get(testcase)?.last.failed === false)
      .map((testcase) => ({ name: names.get(testcase) ?? '', failed: broken.has(testcase) })),
  )
  const after = await laterRuns(job, { now, expected, broken, before }, records)
  const numbers = { expected: expected.length, broken: broken.size, errors, selective }
  const { shares, sharesOfBranch, ranAgain, excused, relapses, until } = after
  const verdictOf = (): Verdict => {
    if (shares.length === 0) {
      return errors >= ERRORS * broken.size && !selective ? 'suspected' : 'none'
    }
    const isCertain =
      median(shares) >= RECOVERED &&
      sharesOfBranch.length > 0 &&
      median(sharesOfBranch) >= RECOVERED &&
      excused >= RECOVERED * ranAgain &&
      !selective &&
      relapses === 0
    return isCertain ? 'infrastructure' : 'none'
  }
  // Where this branch has not run again, other branches tell; but a branch that breaks whole tests is no bad night.
  const recovered =
    shares.length > 0 &&
    (sharesOfBranch.length > 0
      ? median(sharesOfBranch) >= RECOVERED
      : median(shares) >= RECOVERED && !selective)
  return {
    ...numbers,
    ...{ verdict: verdictOf(), recovered, runs: shares.length, excused, until },
    ran_again: ranAgain,
    relapses,
    passed_again: shares.length > 0 ? median(shares) : null,
  }
}

interface Before {
  /** In this branch and distro; where it never ran there, on this host. */
  last: Outcome
  /** The environments in which it passed at these last runs. */
  passedIn: (number | null)[]
}

/** @returns undefined: too few of the tests fail for a mass failure, as most jobs show in the first job before them. */
async function lastRuns<Job extends JudgedJob>(
  job: Job,
  now: Outcomes,
  records: Records<Job>,
): Promise<Map<number, Before> | undefined> {
  const ofSeries = new Map<number, Outcome>()
  const ofHost = new Map<number, Outcome>()
  const missing = new Set(now.keys())
  const failed = [...now.values()].filter((outcome) => outcome.failed).length
  /** Tests that pass, and passed before: so many at least were expected to pass, besides those that are broken. */
  let passing = 0
  for await (const earlier of records.earlier(job)) {
    const isSeries = earlier.branch === job.branch && earlier.distro === job.distro
    for (const [testcase, outcome] of await records.outcomesOf(earlier, missing)) {
      if (!ofHost.has(testcase)) ofHost.set(testcase, outcome)
      if (isSeries) {
        ofSeries.set(testcase, outcome)
        missing.delete(testcase)
        if (!outcome.failed && !now.get(testcase)?.failed) passing++
      }
    }
    if (failed < LEAST_SHARE * (failed + passing)) return undefined
    if (missing.size === 0) break
  }
  const before = new Map<number, Before>()
  for (const testcase of now.keys()) {
    const here = ofHost.get(testcase)
    const last = ofSeries.get(testcase) ?? here
    if (!last) continue
    const passedIn = [last, here ?? last].flatMap(({ failed, environment }) => (failed ? [] : environment))
    before.set(testcase, { last, passedIn })
  }
  return before
}

async function laterRuns<Job extends JudgedJob>(
  job: Job,
  {
    now,
    expected,
    broken,
    before,
  }: {
    now: Outcomes
    expected: readonly number[]
    broken: ReadonlySet<number>
    before: Map<number, Before>
  },
  records: Records<Job>,
) {
  const shares: number[] = []
  const sharesOfBranch: number[] = []
  const ranInBranch = new Set<number>()
  const excused = new Set<number>()
  const ofInterest = new Set(expected)
  let relapses = 0
  let until = OPEN
  for await (const later of records.later(job)) {
    if (later.time < job.time + PAUSE) continue
    const all = await records.outcomesOf(later, ofInterest)
    const ran = new Map([...all].filter(([testcase]) => broken.has(testcase)))
    if (ran.size === 0) continue
    const passed = [...ran].filter(([, { failed }]) => !failed)
    const share = passed.length / ran.size
    const others = [...all].filter(([testcase]) => !broken.has(testcase))
    if (isRelapse(share, others)) relapses++
    const isFurther = shares.length === LATER_JOBS
    if (!isFurther) shares.push(share)
    if (later.branch === job.branch) {
      sharesOfBranch.push(share)
      for (const testcase of ran.keys()) ranInBranch.add(testcase)
      for (const [testcase, { environment }] of passed) {
        const bad = now.get(testcase)?.environment ?? null
        const good = before.get(testcase)?.passedIn ?? []
        if (await isExcused(records, good, bad, environment)) excused.add(testcase)
      }
    }
    if (
      isFurther
        ? sharesOfBranch.length === LATER_OF_BRANCH
        : shares.length === LATER_JOBS && sharesOfBranch.length > 0
    ) {
      until = later.time
      break
    }
  }
  return { shares, sharesOfBranch, ranAgain: ranInBranch.size, excused: excused.size, relapses, until }
}

/** Whether the tests that were broken fail again, and the others pass. @param share  of the broken ones that pass */
function isRelapse(share: number, others: readonly [number, Outcome][]): boolean {
  const passed = others.filter(([, { failed }]) => !failed).length
  return share <= RELAPSED && others.length >= LEAST_OTHERS && passed >= RECOVERED * others.length
}

/** Whether no component changed both from a pass before to the failure and from there to the pass after. */
async function isExcused<Job extends JudgedJob>(
  records: Records<Job>,
  before: readonly (number | null)[],
  now: number | null,
  after: number | null,
): Promise<boolean> {
  const mended = await records.changed(now, after)
  if (mended === null) return false
  for (const environment of before) {
    const broke = await records.changed(environment, now)
    if (broke !== null && mended.isDisjointFrom(broke)) return true
  }
  return false
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const high = sorted[middle] as number
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] as number)) / 2
}
