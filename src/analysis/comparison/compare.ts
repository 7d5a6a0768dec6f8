// Compares the tests of two jobs: each test case of either gets one class.

import type { Microseconds } from '../../lib/time'
import type { Connection } from '../../storage/query'
import { probabilityOfRegression, SURE, UNKNOWN_RATE } from '../flakiness/rerun'
import type { KnownIssueLink } from '../known-issues/model'
import { knownIssuesOf } from '../known-issues/show'
import type { Outcome } from '../runs/outcome'
import { type Class, type Compared, classOf, ratioBeyondNoise } from './classes'
import type { PlacedJob } from './earlier-jobs'
import { type EarlierRun, jobsOfSeries, runsInOrder, walkRuns, withOutcomes } from './earlier-runs'
import { flakinessOf } from './flakiness'
import { type ComparedTest, listComparedTests } from './test-rows'

/** The last passed runs whose durations tell how much they vary. */
const DURATIONS = 20

/** The runs of a test case in one job. */
export interface Side {
  /** The run that counts: the last one that passed or failed, else the last one. */
  test: ComparedTest
  outcome: Outcome
  /** How many times it ran. */
  runs: number
  /** How many failures the job ends with, and whether a pass is before them. */
  failures: number
  hasPassBefore: boolean
}

export interface ComparedCase {
  testcase: number
  text: string
  suite: string
  variant: string | null
  class: Class
  base: Side | undefined
  job: Side | undefined
  /** Of a failure in the job. */
  failure?: { probability: number; flakeRate: number; isFlaky: boolean; streak: number }
  ratio: number
  knownIssue: KnownIssueLink | undefined
}

/** Everything that is known about a test case before its class is. */
interface Case extends Omit<ComparedCase, 'class' | 'failure' | 'knownIssue'> {
  failure?: NonNullable<ComparedCase['failure']>
  baseFlake: Compared['baseFlake']
}

/** Which runs before the two jobs were looked at. */
export interface Looked {
  runs: number
  since: number
}

export async function compareTests(
  connection: Connection,
  base: PlacedJob,
  job: PlacedJob,
  now: Microseconds,
) {
  const before = await sidesOf(connection, base.number)
  const after = await sidesOf(connection, job.number)
  const cases = [...new Set([...after.keys(), ...before.keys()])].map((testcase): Case => {
    const sides = { base: before.get(testcase), job: after.get(testcase) }
    const { text, suite, variant } = ((sides.job ?? sides.base) as Side).test
    return { testcase, text, suite, variant, ...sides, ratio: 1, baseFlake: 'no' }
  })
  const earlier = await jobsOfSeries(connection, job)
  const looked: Looked = { runs: 0, since: Math.min(base.time, earlier.at(-1)?.time ?? base.time) }
  await addProbabilities(connection, earlier, cases, looked)
  await addFlakesOfBase(connection, base, job, earlier, cases, looked)
  await addRatios(connection, earlier, cases, looked)
  const failing = cases.flatMap(({ job }) => (job?.outcome === 'failed' ? job.test.id : []))
  const known = await knownIssuesOf(connection, failing, now)
  const knownIssueOf = ({ job }: Pick<Case, 'job'>) =>
    job?.outcome === 'failed' ? known.get(job.test.id)?.[0] : undefined
  const compared = cases.map(
    ({ baseFlake, ...one }): ComparedCase => ({
      ...one,
      knownIssue: knownIssueOf(one),
      class: classOf({
        base: one.base?.outcome,
        job: one.job?.outcome,
        probability: one.failure?.probability ?? 1,
        isKnown: knownIssueOf(one) !== undefined,
        isFlaky: one.failure?.isFlaky ?? false,
        baseFlake,
        ratio: one.ratio,
      }),
    }),
  )
  return { cases: compared, looked }
}

/** The runs of one job by their test case. */
async function sidesOf(connection: Connection, job: number): Promise<Map<number, Side>> {
  const sides = new Map<number, Side>()
  const tests = await withOutcomes(connection, await listComparedTests(connection, job))
  for (const [testcase, unordered] of Map.groupBy(tests, (test) => test.testcase)) {
    const runs = runsInOrder(unordered)
    const outcomes = runs.map(({ outcome }) => outcome)
    const last = Math.max(outcomes.lastIndexOf('passed'), outcomes.lastIndexOf('failed'))
    const counted = last < 0 ? runs.length - 1 : last
    const lastPass = outcomes.lastIndexOf('passed')
    sides.set(testcase, {
      test: runs[counted] as ComparedTest,
      outcome: outcomes[counted] as Outcome,
      runs: runs.length,
      failures: outcomes.slice(lastPass + 1).filter((outcome) => outcome === 'failed').length,
      hasPassBefore: lastPass >= 0,
    })
  }
  return sides
}

/** For each failure in the job: how sure it is that it is no flake, by the streak of failures that it belongs to. */
async function addProbabilities(
  connection: Connection,
  earlier: PlacedJob[],
  cases: Case[],
  looked: Looked,
): Promise<void> {
  const failing = cases.filter(({ job }) => job?.outcome === 'failed')
  const known = await flakinessOf(
    connection,
    failing.map(({ testcase }) => testcase),
  )
  const open = new Map<number, NonNullable<Case['failure']>>()
  for (const one of failing) {
    const { rate = UNKNOWN_RATE, isFlaky = false } = known.get(one.testcase) ?? {}
    const { failures = 1, hasPassBefore = false } = one.job ?? {}
    const probability = probabilityOfRegression(rate, failures)
    one.failure = { probability, flakeRate: rate, isFlaky, streak: failures }
    if (probability < SURE && !hasPassBefore) open.set(one.testcase, one.failure)
  }
  await walkRuns(connection, earlier, open.keys(), (testcase, { outcome }) => {
    looked.runs++
    const failure = open.get(testcase)
    if (!failure || outcome === 'passed') return false
    failure.streak++
    failure.probability = probabilityOfRegression(failure.flakeRate, failure.streak)
    return failure.probability < SURE
  })
}

/** For each failure in the base: whether it went away by itself. */
async function addFlakesOfBase(
  connection: Connection,
  base: PlacedJob,
  job: PlacedJob,
  earlier: PlacedJob[],
  cases: Case[],
  looked: Looked,
): Promise<void> {
  const failed = new Map(
    cases.flatMap((one) => (one.base?.outcome === 'failed' && one.job ? [[one.testcase, one] as const] : [])),
  )
  if (failed.size === 0) return
  const streaks = new Map([...failed].map(([testcase, { base: side }]) => [testcase, streakOf(side, base)]))
  const open = [...failed.keys()].filter((testcase) => !streaks.get(testcase)?.isAfterPass)
  await walkRuns(connection, await jobsOfSeries(connection, base), open, (testcase, run) => {
    looked.runs++
    const streak = streaks.get(testcase) as Streak
    streak.environments.add(run.environment)
    if (run.outcome === 'passed') streak.isAfterPass = true
    else streak.failures++
    return run.outcome === 'failed'
  })
  for (const [testcase, streak] of streaks) {
    if (streak.failures === 1 && streak.isAfterPass) (failed.get(testcase) as Case).baseFlake = 'first'
  }
  if (!isSameSeries(base, job)) return
  const between = earlier.filter(({ time }) => time > base.time).reverse()
  const addRun = (testcase: number, run: Omit<EarlierRun, 'elapsed'>) => {
    looked.runs++
    const streak = streaks.get(testcase) as Streak
    streak.environments.add(run.environment)
    if (run.outcome === 'passed') streak.isBeforePass = true
    else streak.failures++
    return run.outcome === 'failed'
  }
  await walkRuns(connection, between, failed.keys(), addRun, { oldestFirst: true })
  for (const [testcase, one] of failed) {
    const streak = streaks.get(testcase) as Streak
    const { outcome, test } = one.job as Side
    if (!streak.isBeforePass && outcome === 'passed') {
      addRun(testcase, { outcome, environment: test.environment ?? job.environment })
    }
    if (one.baseFlake === 'no' && isFlake(streak)) one.baseFlake = 'flake'
  }
}

/** The failures around the one of the base. */
interface Streak {
  failures: number
  isAfterPass: boolean
  isBeforePass: boolean
  /** Of the failures, and of the passes beside them. */
  environments: Set<number | null>
}

function streakOf(side: Side | undefined, base: PlacedJob): Streak {
  const { failures = 1, hasPassBefore = false, test } = side ?? {}
  const environments = new Set([test?.environment ?? base.environment])
  return { failures, isAfterPass: hasPassBefore, isBeforePass: false, environments }
}

/** The longest streak that is a flake where the environment changed. */
const LONGEST_FLAKE = 2

/** A test that failed from its first run on may have been broken: nothing is known of a pass before. */
function isFlake({ failures, isAfterPass, isBeforePass, environments }: Streak): boolean {
  const isSame = environments.size === 1 && !environments.has(null)
  return isAfterPass && isBeforePass && (failures <= LONGEST_FLAKE || isSame)
}

function isSameSeries(one: PlacedJob, other: PlacedJob): boolean {
  return one.host === other.host && one.branch === other.branch && one.series_distro === other.series_distro
}

/** For each test that passed in both jobs: how much longer it took, where that is beyond the noise. */
async function addRatios(
  connection: Connection,
  earlier: PlacedJob[],
  cases: Case[],
  looked: Looked,
): Promise<void> {
  const durations = new Map<number, number[]>()
  const passed = cases.flatMap((one) => {
    const [before, after] = [secondsOf(one.base), secondsOf(one.job)]
    if (before === undefined || after === undefined) return []
    // Whatever the noise is, a smaller change is none: here it is taken for none, as if all runs had taken the same.
    if (ratioBeyondNoise(before, after, [before, before, before, before]) === 1) return []
    durations.set(one.testcase, [])
    return { one, before, after }
  })
  await walkRuns(connection, earlier, durations.keys(), (testcase, { outcome, elapsed }) => {
    looked.runs++
    const found = durations.get(testcase) ?? []
    if (outcome === 'passed' && elapsed !== null) found.push(elapsed)
    return found.length < DURATIONS
  })
  for (const { one, before, after } of passed) {
    one.ratio = ratioBeyondNoise(before, after, durations.get(one.testcase) ?? [])
  }
}

function secondsOf(side: Side | undefined): number | undefined {
  return side?.outcome === 'passed' ? (side.test.elapsed ?? undefined) : undefined
}
