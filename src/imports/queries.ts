// Reports in SQL: what a report brings is added to what is stored, and takes nothing away from it.

import { sql } from 'kysely'
import type { NewActivity } from '../activities/model'
import { jobActivities, testActivities } from '../activities/queries'
import { environments, type NewEnvironment } from '../environments/queries'
import { NotFound, NotUnique } from '../http/errors'
import { countJobs, TestCounters } from '../jobs/counters'
import { addHiddenJob, findJobById, type JobHead, revealJob } from '../jobs/queries'
import { deriveJobStatus, SILENCE } from '../jobs/status'
import { defineWrite } from '../storage/database'
import { testStatuses } from '../storage/fixed-rows'
import { failReasonId } from '../storage/interned'
import { type Connection, query, tables } from '../storage/query'
import { jobData, type NewDatum, testData } from '../test-data/queries'
import { splitTag, type WholeTestRow } from '../tests/model'
import { findTest, findTestByTag, storeTest } from '../tests/queries'
import type { Microseconds } from '../time'
import type { JobReport, TestReport } from './model'

/** What an import did to the tests of a job, and what it could not do. */
export interface Merged {
  added: number
  changed: number
  unchanged: number
  warnings: string[]
}

/** Things of a report, few enough to be written in one go. */
export interface ReportPart {
  activities: NewActivity[]
  data: NewDatum[]
  tests: TestReport[]
}

/** What a report says of the job itself. */
export type ReportHead = Pick<JobReport, 'description' | 'time' | 'elapsed' | 'notStarted'> & {
  /** From results.json: better than what a journal or the time of receipt told. */
  exactTimes: boolean
}

const jobState = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job')
    .select([
      'description',
      'time',
      'elapsed',
      'status',
      'status_by_client',
      'environment',
      'not_started',
      'errored',
      'failed',
      'warned',
      'unfinished',
      'tests_total',
      'complete',
    ])
    .where('number', '=', param('job')),
)
const updateJob = query<{
  job: number
  description: string | null
  time: Microseconds
  elapsed: number
  notStarted: number
  environment: number | null
  status: number | null
  now: Microseconds
}>()((param) =>
  tables
    .updateTable('job')
    .set({
      description: param('description'),
      time: param('time'),
      elapsed: param('elapsed'),
      not_started: param('notStarted'),
      environment: param('environment'),
      status: param('status'),
      heard_at: param('now'),
    })
    .where('number', '=', param('job')),
)
const testsByName = query<{ job: number; name: string; variant: string }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('test_name', 'test_name.id', 'test.name')
    .innerJoin('test_variant', 'test_variant.id', 'test.variant')
    .select('test.id')
    .where('test.job', '=', param('job'))
    .where('test_name.text', '=', param('name'))
    .where('test_variant.text', '=', param('variant'))
    .limit(2),
)
const completeTest = query<{
  id: number
  status: number | null
  reported: number | null
  started: Microseconds | null
  elapsed: number | null
  failReason: number | null
}>()((param) =>
  tables
    .updateTable('test')
    .set({
      status: param('status'),
      reported_status: param('reported'),
      started: param('started'),
      elapsed: param('elapsed'),
      fail_reason: sql`coalesce(fail_reason, ${param('failReason')})`,
    })
    .where('id', '=', param('id')),
)

/** Begins a job that nobody sees until finishJob. */
export const beginJob = defineWrite('beginJob', (connection, { head }: { head: JobHead }) =>
  addHiddenJob.run(connection, { head, part: { activities: [], tests: [], continued: [] } }),
)

/** Adds a part of a report to a job, hidden or not. Can be repeated. @throws NotFound when the job has gone. */
export const mergePart = defineWrite(
  'mergePart',
  (connection, { job, part, isNew = false }: { job: number; part: ReportPart; isNew?: boolean }): Merged => {
    if (!connection.first(jobState, { job })) throw new NotFound()
    const merged: Merged = { added: 0, changed: 0, unchanged: 0, warnings: [] }
    const known = new Set(isNew ? [] : jobActivities.all(connection, job).map(({ activity }) => activity))
    for (const activity of part.activities) {
      if (!known.has(activity.activity)) jobActivities.store(connection, job, activity)
    }
    for (const datum of part.data)
      storeDatum(() => jobData.store(connection, job, datum), datum, 'The job', merged)
    const counters = new TestCounters()
    for (const test of part.tests) mergeTest(connection, job, test, isNew, counters, merged)
    counters.save(connection, job)
    return merged
  },
)

/**
 * Adds what a report says of the job itself, derives its status, and lets everybody see a new one.
 *
 * @param id  of a new job.
 * @returns whether anything changed; undefined when a new job cannot be shown, because its id has been taken.
 */
export const finishJob = defineWrite(
  'finishJob',
  (
    connection,
    {
      job,
      id,
      head,
      environment,
      now,
    }: {
      job: number
      id: string
      head: ReportHead
      environment: NewEnvironment | null
      now: Microseconds
    },
  ): { changed: boolean } | undefined => {
    const state = connection.first(jobState, { job })
    if (!state) throw new NotFound()
    const notStarted = head.notStarted ?? state.not_started
    const status =
      state.status_by_client === 1
        ? state.status
        : deriveJobStatus({ ...state, not_started: notStarted }, { silent: false })
    const next = {
      description: state.description ?? head.description,
      time: (head.exactTimes ? head.time : null) ?? state.time,
      elapsed: state.elapsed === 0 ? (head.elapsed ?? 0) : state.elapsed,
      notStarted,
      environment: state.environment ?? (environment && environments.insert(connection, environment)),
      status,
    }
    connection.run(updateJob, { job, ...next, now })
    if (state.complete === 0) {
      if (!revealJob.run(connection, { job, id })) return undefined
    } else if (status !== state.status) {
      countJobs(connection, state.status, -1)
      countJobs(connection, status, 1)
    }
    const { description, time, elapsed, not_started, environment: before } = state
    return {
      changed: !Bun.deepEquals(
        { description, time, elapsed, notStarted: not_started, environment: before, status: state.status },
        next,
      ),
    }
  },
)

/** A new job at once: for small ones. @returns undefined when its id has been taken */
export const addReport = defineWrite(
  'addReport',
  (
    connection,
    {
      head,
      report,
      part,
      environment,
      now,
    }: {
      head: JobHead
      report: ReportHead
      part: ReportPart
      environment: NewEnvironment | null
      now: Microseconds
    },
  ): { job: number; merged: Merged } | undefined => {
    const { id } = head
    if (findJobById(connection, id)) return undefined
    const { job } = beginJob.run(connection, { head })
    const merged = mergePart.run(connection, { job, part, isNew: true })
    finishJob.run(connection, { job, id, head: report, environment, now })
    return { job, merged }
  },
)

const runningJobs = query<{ status: number; before: Microseconds }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where('status', '=', param('status'))
    .where('status_by_client', '=', 0)
    .where('heard_at', '<', param('before'))
    .where(sql<boolean>`complete = 1`),
)
const setStatus = query<{ job: number; status: number | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ status: param('status') })
    .where('number', '=', param('job')),
)

/** Jobs that were running, and of which nothing was heard for too long, are running no more. */
export const silenceJobs = defineWrite('silenceJobs', (connection, { now }: { now: Microseconds }) => {
  const running = deriveJobStatus(RUNNING, { silent: false })
  const silent = deriveJobStatus(RUNNING, { silent: true })
  if (running === null) return
  for (const { number: job } of connection.all(runningJobs, { status: running, before: now - SILENCE })) {
    connection.run(setStatus, { job, status: silent })
    countJobs(connection, running, -1)
    countJobs(connection, silent, 1)
  }
})

const RUNNING = { errored: 0, failed: 0, warned: 0, unfinished: 1, tests_total: 1, not_started: 0 }

function mergeTest(
  connection: Connection,
  job: number,
  report: TestReport,
  isNew: boolean,
  counters: TestCounters,
  merged: Merged,
): void {
  const stored = isNew ? undefined : findStored(connection, job, report.tag)
  if (!stored) {
    const test = storeTest(connection, job, {
      tag: report.tag,
      status: report.status,
      started: report.started,
      elapsed_time: report.elapsed,
      fail_reason: report.failReason,
    })
    counters.add(report.status?.status ?? null)
    for (const activity of report.activities) testActivities.store(connection, test, activity)
    for (const datum of report.data) testData.store(connection, test, datum)
    merged.added++
    return
  }
  const changed = [
    completeRow(connection, stored, report, counters, merged),
    mergeActivities(connection, stored.id, report),
    ...report.data.map((datum) =>
      storeDatum(() => testData.store(connection, stored.id, datum), datum, `Test ${report.tag}`, merged),
    ),
  ]
  if (changed.includes(true)) merged.changed++
  else merged.unchanged++
}

/** By its tag; or else, from a source that knows no numbers, by name and variant if they are of one test only. */
function findStored(connection: Connection, job: number, tag: string): WholeTestRow | undefined {
  const exact = findTestByTag(connection, job, tag)
  const { number, name, variant } = splitTag(tag)
  if (exact || number !== '') return exact
  const [only, another] = connection.all(testsByName, { job, name, variant })
  return only && !another ? findTest(connection, job, only.id) : undefined
}

function completeRow(
  connection: Connection,
  stored: WholeTestRow,
  report: TestReport,
  counters: TestCounters,
  merged: Merged,
): boolean {
  const status = betterStatus(stored, report)
  if (status === 'contradicts') {
    merged.warnings.push(`Test ${report.tag} has another status already: the stored one was kept.`)
  }
  const next = {
    status: typeof status === 'object' ? status.status : stored.status,
    reported: typeof status === 'object' ? status.reported : stored.reported_status,
    started: better(stored.started, report.started, report),
    elapsed: better(stored.elapsed, report.elapsed, report),
  }
  const addsReason = stored.fail_reason === null && report.failReason !== null
  const { reported_status: reported, started, elapsed } = stored
  if (!addsReason && Bun.deepEquals(next, { status: stored.status, reported, started, elapsed })) return false
  const failReason = addsReason ? failReasonId(connection, report.failReason ?? '') : null
  connection.run(completeTest, { id: stored.id, ...next, failReason })
  counters.remove(stored.status).add(next.status)
  return true
}

function better(stored: number | null, reported: number | null, { exactTimes }: TestReport): number | null {
  return (exactTimes ? reported : null) ?? stored ?? reported
}

const code = (name: string): number | undefined => testStatuses.find((status) => status.name === name)?.id

/** What xUnit and TAP say for want of a better word, and what it can mean. */
const meanings = new Map<number | undefined, (number | undefined)[]>([
  [code('PASS'), [code('WARN')]],
  [code('FAIL'), [code('ERROR')]],
])

/** The status to store in place of the one that is there. */
function betterStatus(stored: WholeTestRow, { status, precise }: TestReport) {
  if (status === null) return 'same'
  if (stored.status === null) return status
  if (stored.status === status.status) {
    return precise && stored.reported_status === null && status.reported !== null ? status : 'same'
  }
  const means = (vague: number, exact: number) => meanings.get(vague)?.includes(exact) === true
  if (precise && means(stored.status, status.status)) return status
  return !precise && means(status.status, stored.status) ? 'same' : 'contradicts'
}

/** A second STARTED, a few milliseconds off because another source saw it, is no second start. */
function mergeActivities(connection: Connection, test: number, report: TestReport): boolean {
  const known = new Map(testActivities.all(connection, test).map((row) => [row.activity, row]))
  let changed = false
  for (const activity of report.activities) {
    const stored = known.get(activity.activity)
    if (!stored) testActivities.store(connection, test, activity)
    else if (report.exactTimes && stored.time !== activity.time) {
      testActivities.change(connection, { owner: test, id: stored.id }, { time: activity.time })
    } else continue
    changed = true
  }
  return changed
}

/** @returns whether the datum is new */
function storeDatum(
  store: () => { added: boolean },
  { key }: NewDatum,
  owner: string,
  merged: Merged,
): boolean {
  try {
    return store().added
  } catch (error) {
    if (!(error instanceof NotUnique)) throw error
    merged.warnings.push(`${owner} has another value for ${key} already: the stored one was kept.`)
    return false
  }
}
