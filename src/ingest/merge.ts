// Merges a reported test into the stored one: chooses the more precise status and the more accurate times.

import { sql } from 'kysely'
import { NotFound } from '../lib/errors'
import type { Microseconds } from '../lib/time'
import { testActivities } from '../results/activities/queries'
import type { TestCounters } from '../results/core/counters'
import type { TagParts, WholeTestRow } from '../results/tests/model'
import { storeNewTests } from '../results/tests/new-tests'
import { changedTimesOf, moveTestEnvironment, storeTest } from '../results/tests/queries'
import { setReasonFile } from '../results/tests/reasons'
import { findTest } from '../results/tests/reference'
import { testcaseId } from '../results/tests/testcases'
import { failReasonId } from '../storage/interned'
import { type Connection, query, tables } from '../storage/query'
import { testStatuses } from '../storage/seed-data'
import { findByFolder, findStoredTest } from './find-stored'
import { mergeChildren } from './merge-children'
import { type MergeResult, type TestProgress, type TestReport, tagPartsOf } from './model'

const completeTest = query<{
  id: number
  status: number | null
  reported: number | null
  started: Microseconds | null
  elapsed: number | null
  failReason: number | null
  environment: number | null
  now: Microseconds
}>()((param) =>
  tables
    .updateTable('test')
    .set({
      status: param('status'),
      reported_status: param('reported'),
      ...changedTimesOf(param('started'), param('now')),
      elapsed: param('elapsed'),
      fail_reason: sql`coalesce(fail_reason, ${param('failReason')})`,
      environment: param('environment'),
    })
    .where('id', '=', param('id')),
)

const updateSplit = query<{ id: number; prefix: string; testcase: number }>()((param) =>
  tables
    .updateTable('test')
    .set({ prefix: param('prefix'), testcase: param('testcase') })
    .where('id', '=', param('id')),
)

function newTestOf(report: TestReport) {
  const value = {
    tag: report.tag,
    status: report.status,
    started: report.started,
    elapsed_time: report.elapsed,
    fail_reason: report.failReason,
    environment: report.environment ?? null,
    whole: report.whole,
  }
  return { value, parts: tagPartsOf(report) }
}

/** Adds the tests of a new job. @returns their ids */
export async function addReportedTests(
  connection: Connection,
  job: number,
  reports: readonly TestReport[],
  merged: MergeResult,
  now: Microseconds,
): Promise<number[]> {
  const ids = await storeNewTests(connection, job, reports.map(newTestOf), now)
  for (const [index, report] of reports.entries())
    await mergeChildren(connection, ids[index] as number, report, 0, merged)
  return ids
}

/**
 * Adds a test, or completes the stored one.
 *
 * @param isNew  the job is new and hidden: none of its tests is stored.
 * @param now  when the report was received.
 */
export async function mergeTest(
  connection: Connection,
  job: number,
  report: TestReport,
  { isNew, now }: { isNew: boolean; now: Microseconds },
  counters: TestCounters,
  merged: MergeResult,
): Promise<TestProgress> {
  const stored = isNew
    ? undefined
    : ((await findStoredTest(connection, job, report.tag)) ?? (await findByFolder(connection, job, report)))
  if (!stored) {
    const { value, parts } = newTestOf(report)
    const test = await storeTest(connection, job, value, { parts, now, isJobNew: isNew })
    await mergeChildren(connection, test, report, 0, merged)
    counters.add(report.status?.status ?? null)
    merged.added++
    return { test, outcome: 'added', lastKnownActivity: 0 }
  }
  const lastKnownActivity = await testActivities.maxCount(connection, stored.id)
  const changed = [
    await correctSplit(connection, stored, report),
    await completeRow(connection, job, stored, { report, now }, counters, merged),
    await mergeChildren(connection, stored.id, report, lastKnownActivity, merged),
  ]
  const outcome = changed.includes(true) ? 'changed' : 'unchanged'
  merged[outcome]++
  return { test: stored.id, outcome, lastKnownActivity }
}

/** Adds more activities and data to a test of an earlier part. @throws NotFound when it was deleted meanwhile. */
export async function continueTest(
  connection: Connection,
  job: number,
  report: TestReport,
  progress: TestProgress,
  merged: MergeResult,
): Promise<TestProgress> {
  const { test, outcome, lastKnownActivity } = progress
  if (!(await findTest(connection, job, test))) throw new NotFound()
  const changed = await mergeChildren(connection, test, report, lastKnownActivity, merged)
  if (!changed || outcome !== 'unchanged') return progress
  merged.unchanged--
  merged.changed++
  return { ...progress, outcome: 'changed' }
}

/**
 * Corrects the suite, name and variant of a test from a better source: results.json, or a source that knows a suite
 * where the stored test has none. The tag stays.
 */
async function correctSplit(
  connection: Connection,
  stored: WholeTestRow,
  report: TestReport,
): Promise<boolean> {
  const parts = tagPartsOf(report)
  const isBetterSource = report.exactTimes || (report.precise && stored.suite === '' && report.suite !== '')
  const isPartialMatch = parts.prefix === '' && stored.prefix !== '' // matched by testcase only
  if (!isBetterSource || isPartialMatch || hasSplit(stored, parts)) return false
  const testcase = await testcaseId(connection, parts)
  await connection.run(updateSplit, { id: stored.id, prefix: parts.prefix, testcase })
  connection.markStale(stored.testcaseId)
  connection.markStale(testcase)
  return true
}

function hasSplit(stored: WholeTestRow, { prefix, testcase, suite, variant }: TagParts): boolean {
  return (
    stored.prefix === prefix &&
    stored.testcase === testcase &&
    stored.suite === suite &&
    stored.variant === variant
  )
}

async function completeRow(
  connection: Connection,
  job: number,
  stored: WholeTestRow,
  { report, now }: { report: TestReport; now: Microseconds },
  counters: TestCounters,
  merged: MergeResult,
): Promise<boolean> {
  const status = betterStatus(stored, report)
  if (status === 'contradicts') {
    merged.warnings.push(`Test ${report.tag} has another status already: the stored one was kept.`)
  }
  const next = {
    status: typeof status === 'object' ? status.status : stored.status,
    reported: typeof status === 'object' ? status.reported : stored.reported_status,
    started: preferredNumber(stored.started, report.started, report),
    elapsed: preferredNumber(stored.elapsed, report.elapsed, report),
    environment: stored.own_environment ?? report.environment ?? null,
  }
  const addsReason = stored.fail_reason === null && report.failReason !== null
  const { status: before, reported_status: reported, started, elapsed, own_environment: environment } = stored
  if (!addsReason && Bun.deepEquals(next, { status: before, reported, started, elapsed, environment }))
    return false
  const failReason = addsReason ? await failReasonId(connection, report.failReason ?? '') : null
  await connection.run(completeTest, { id: stored.id, ...next, failReason, now })
  await moveTestEnvironment(connection, job, environment, next.environment)
  connection.markStale(stored.testcaseId)
  if (addsReason && report.whole) await setReasonFile(connection, stored.id, report.whole)
  counters.remove(stored.status).add(next.status)
  return true
}

function preferredNumber(
  stored: number | null,
  reported: number | null,
  { exactTimes }: TestReport,
): number | null {
  return (exactTimes ? reported : null) ?? stored ?? reported
}

const code = (name: string): number | undefined => testStatuses.find((status) => status.name === name)?.id

/** Statuses of xUnit and TAP, and the more precise statuses of Avocado that they may stand for. */
const refinements = new Map<number | undefined, (number | undefined)[]>([
  [code('PASS'), [code('WARN')]],
  [code('FAIL'), [code('ERROR')]],
])

/** @returns the status to store, `same` to keep the stored one, or `contradicts` */
function betterStatus(stored: WholeTestRow, { status, precise }: TestReport) {
  if (status === null) return 'same'
  if (stored.status === null) return status
  if (stored.status === status.status) {
    return precise && stored.reported_status === null && status.reported !== null ? status : 'same'
  }
  const means = (vague: number, exact: number) => refinements.get(vague)?.includes(exact) === true
  if (precise && means(stored.status, status.status)) return status
  return !precise && means(status.status, stored.status) ? 'same' : 'contradicts'
}
