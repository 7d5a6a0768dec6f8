// The query behind GET /jobs/:job/tests/:test/verdict/: is it new, since when, where else, is it a flake.

import type { ReadContext } from '../../http/resource/fields'
import { defineRequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { getJob } from '../../results/core/job-reference'
import { nameOf } from '../../results/tests/model'
import { getTestOwner, maxTestCount } from '../../results/tests/reference'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { knownFlakeRate, runsToDecide, runsToProveFix } from '../flakiness/rerun'
import { showFlakiness } from '../flakiness/show'
import { bySeries, HistoryView } from '../history/show'
import { incompleteOf } from '../incomplete'
import { knownIssuesOf } from '../known-issues/show'
import { toTestcase } from '../model'
import { toJobItem } from '../names'
import { findRegressions } from '../regressions/find'
import { readRegressions } from '../regressions/stored'
import type { FoundRegression } from '../regressions/timeline'
import { RunContext } from '../runs/context'
import { compareRuns } from '../runs/order'
import { type Run, readRuns } from '../runs/read'
import { MAX_RUNS, toWindow, windowAround } from '../runs/window'
import { type Judgement, judge } from './judge'
import type { VerdictItem } from './model'
import { countSameReason, testcaseOfTest } from './queries'

/** Runs of the series that are shown around the one that is asked for. */
const RECENT = 20
const MAX_SERIES = 20

type Given = ReadContext & { now: Microseconds; job: string; test: string }

export const verdict = defineRequestQuery(
  'verdict',
  async (connection, _, { now, zone: __, ...params }: Given) => {
    const job = await getJob(connection, params.job)
    const { test } = await getTestOwner(connection, params, { deleting: false })
    const rows = Math.min(2 * MAX_RUNS, await maxTestCount(connection)) + job.tests_total
    return withRowBudget(rows, () => answerOf(connection, test, now))
  },
)

/** What the runs of the test case tell, and which of them are of the series of the run. */
interface Known {
  testcase: { id: number; testcase: string; suite: string; variant: string | null }
  asked: Run
  runs: readonly Run[]
  /** Of the series of the run. */
  own: readonly Run[]
}

async function answerOf(connection: Connection, test: number, now: Microseconds): Promise<VerdictItem> {
  const testcase = await testcaseOfTest(connection, test)
  if (!testcase) throw new NotFound()
  const range = windowAround(testcase.time, { now })
  const context = new RunContext(connection)
  const { runs, isTruncated } = await readRuns(connection, context, testcase.id, range, {
    limit: MAX_RUNS,
    all: true,
  })
  const asked = runs.find((run) => run.test === test)
  // Its job is another report of one that counts.
  if (!asked) throw new NotFound()
  // Runs of bad nights tell nothing of the test, unless it is asked what one of them was.
  const steady = runs.filter(({ of }) => !of.isRecovered || of === asked.of)
  const own = bySeries(steady).find((ofSeries) => ofSeries.includes(asked)) ?? [asked]
  const known = { testcase, asked, runs: steady, own }
  const view = await HistoryView.of(connection, [{ ...testcase, name: nameOf(testcase) }], runs)
  const at = own.indexOf(asked)
  const start = Math.max(0, Math.min(at - Math.floor(RECENT / 2), own.length - RECENT))
  const recent = await view.showRuns(own.slice(start, start + RECENT).toReversed(), runs, test)
  const shown = recent.find((run) => run.test === test)
  return {
    test,
    job: asked.job,
    job_number: asked.of.number,
    ...toTestcase(testcase),
    host: shown?.host ?? null,
    branch: shown?.branch ?? null,
    distro: shown?.distro ?? null,
    ...(await judgementOf(connection, known, isTruncated)),
    ...elsewhere(known, view, isTruncated),
    template: shown?.template ?? null,
    template_id: typeof asked.template === 'number' ? asked.template : null,
    same_reason: await sameReason(connection, known),
    known_issues: (await knownIssuesOf(connection, [test], now)).get(test) ?? [],
    recent,
    window: toWindow(range, {
      now,
      runs: runs.filter(({ outcome }) => outcome !== 'none').length,
      truncated: isTruncated,
    }),
    ...(await incompleteOf(connection)),
  }
}

type Told = 'state' | 'since' | 'since_is_older' | 'runs' | 'failures' | 'passed_before' | 'last_good'
type Judged = Pick<VerdictItem, Told | 'passes_since' | 'regression' | 'flakiness' | 'rerun'>

async function judgementOf(
  connection: Connection,
  { asked, runs, own }: Known,
  isTruncated: boolean,
): Promise<Judged> {
  const ended = runs.filter(({ outcome }) => outcome !== 'none')
  const ofSeries = own.filter(({ outcome }) => outcome !== 'none')
  const flakiness = showFlakiness(bySeries(ended))
  const nothing = {
    since: null,
    since_is_older: false,
    runs: 0,
    failures: 0,
    passed_before: 0,
    last_good: null,
  }
  const at = ofSeries.indexOf(asked)
  if (at < 0) {
    return { state: 'no_outcome', ...nothing, passes_since: null, regression: null, flakiness, rerun: null }
  }
  const found = asked.failed ? findRegressions(ended).find((one) => isOf(one, asked)) : undefined
  const firstBad =
    found && found.state !== 'never_passed' ? firstBadOf(found, asked, { ended, ofSeries, at }) : undefined
  const rateOfFlakes = knownFlakeRate(flakiness, flakiness.streaks)
  const told = judge(ofSeries, at, { firstBad, flakeRate: rateOfFlakes, isFlaky: flakiness.flaky })
  const place = (index: number) => {
    const run = ofSeries[index]
    return run ? toPlace(run) : null
  }
  return {
    state: told.state,
    since: place(told.since),
    since_is_older: isTruncated && told.since === 0,
    runs: told.end - told.since,
    failures: told.failures,
    passed_before: told.passedBefore,
    last_good: place(told.lastGood),
    passes_since: place(told.passesSince),
    regression: asked.failed ? await storedId(connection, asked) : null,
    flakiness,
    rerun: told.isOpen
      ? {
          flake_rate: rateOfFlakes,
          probability: told.probability,
          more_runs: runsToDecide(rateOfFlakes, told.streak),
          to_prove_fix: runsToProveFix(shareOfFailures(told, flakiness)),
        }
      : null,
  }
}

/** In how many of its runs it failed that would have to pass if it were mended. */
function shareOfFailures(
  { state, failures, since, end }: Judgement,
  { flaky, rate, streaks }: ReturnType<typeof showFlakiness>,
): number {
  if (state === 'regression') return failures / Math.max(1, end - since)
  return flaky ? rate : streaks.rate
}

function placeIn({ places }: FoundRegression, { of }: Run) {
  return places.find(({ host, distro }) => host === of.host && distro === of.distro)
}

/**
 * The index of the first run of a series that is part of a regression. It is told by host and distribution, so it may have
 * begun with a run of another branch.
 */
function firstBadOf(
  found: FoundRegression,
  asked: Run,
  { ended, ofSeries, at }: { ended: readonly Run[]; ofSeries: readonly Run[]; at: number },
): number | undefined {
  const job = placeIn(found, asked)?.first_bad
  const began = ended.find(({ of, failed }) => failed && of.number === job)
  if (!began) return undefined
  const first = ofSeries.findIndex(
    (run) =>
      run.failed &&
      compareRuns(began, run) <= 0 &&
      (found.template === null || run.template === found.template),
  )
  return first >= 0 && first <= at ? first : undefined
}

/** Whether a run is one of the failures of a regression. */
function isOf(found: FoundRegression, run: Run): boolean {
  if (found.template !== null && found.template !== run.template) return false
  return (
    placeIn(found, run) !== undefined && found.first_bad.time <= run.time && run.time <= found.last_bad.time
  )
}

/** The id of the stored regression that a failure is part of. What is stored may have been located by other tests, too. */
async function storedId(connection: Connection, run: Run): Promise<number | null> {
  const stored = await readRegressions(connection, run.testcase)
  const fits = stored.find(
    ({ state, template, low_time, first_bad_time, last_bad_time, places }) =>
      state !== 'withdrawn' &&
      (template === null || template === run.template) &&
      Math.min(low_time, first_bad_time) <= run.time &&
      run.time <= last_bad_time &&
      places.some(({ host, distro }) => host === run.of.host && distro === run.of.distro),
  )
  return fits?.id ?? null
}

/** The other series: those that fail, and how many pass. */
function elsewhere(
  { asked, runs, own }: Known,
  view: HistoryView,
  isTruncated: boolean,
): Pick<VerdictItem, 'also_on' | 'passes_on'> {
  const others = bySeries(runs.filter((run) => !own.includes(run)))
  const newest = (ofSeries: readonly Run[]) => ofSeries.findLast(({ outcome }) => outcome !== 'none')
  const failing = others.filter((ofSeries) => {
    const last = newest(ofSeries)
    return last?.failed === true && (!asked.failed || last.template === asked.template)
  })
  return {
    also_on: view
      .showSeries(
        failing.flat().sort((one, other) => one.time - other.time),
        isTruncated,
      )
      .slice(0, MAX_SERIES)
      .map(({ host, branch, distro, since }) => ({ host, branch, distro, since })),
    passes_on: others.filter((ofSeries) => newest(ofSeries)?.outcome === 'passed').length,
  }
}

/** Other tests that failed for the reason of the run. */
async function sameReason(
  connection: Connection,
  { testcase, asked }: Known,
): Promise<VerdictItem['same_reason']> {
  const { template, of } = asked
  if (typeof template !== 'number') return { in_job: 0, failing: 0 }
  return countSameReason(connection, of.number, { template, testcase: testcase.id })
}

/** The job of a run, with the time of the run. */
function toPlace(run: Run) {
  return { ...toJobItem({ ...run.of, time: run.time }), test: run.test }
}
