// Writes reports to the database. A report adds to what is stored and never removes anything.

import { sql } from 'kysely'
import { NotFound } from '../lib/errors'
import type { Microseconds } from '../lib/time'
import { jobActivities } from '../results/activities/queries'
import { outcomesOf, TestCounters } from '../results/core/counters'
import { setEnded } from '../results/core/endings'
import { jobColumns } from '../results/core/job-reference'
import { deriveJobStatus, hasEnded, isStale } from '../results/core/job-status'
import { leavePlace, markStaleJob, markVerdictPlace } from '../results/core/stale-jobs'
import { describeAnew, reindexJob } from '../results/core/visibility'
import { storeJobDatum } from '../results/data/queries'
import { environmentSources } from '../results/environments/of-jobs'
import { environmentExists } from '../results/environments/queries'
import type { JobPart } from '../results/jobs/job-parts'
import { addWholeJob, findJobById, type JobHead, revealJob, setJobColumns } from '../results/jobs/queries'
import { reportHost } from '../results/labels/place'
import { addLabels } from '../results/labels/queries'
import { defineWrite } from '../storage/database'
import { type Connection, greater, query, tables } from '../storage/query'
import { describeJob } from './job-description'
import { addReportedTests, continueTest, mergeTest } from './merge'
import { storeActivities, storeDatum } from './merge-children'
import type { JobReport, MergeResult, TestProgress, TestReport } from './model'

/** A part of a report that is small enough for one transaction. */
export type ReportPart = JobPart<TestReport>

/** The fields of a report that describe the job itself. */
export type ReportHead = Pick<
  JobReport,
  | 'description'
  | 'descriptionSource'
  | 'host'
  | 'time'
  | 'elapsed'
  | 'wallTime'
  | 'notStarted'
  | 'ended'
  | 'lastReportAt'
> & {
  /** From results.json: more accurate than a journal's times or the time of receipt. */
  exactTimes: boolean
}

const jobState = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job')
    .select([...jobColumns, 'status_by_client', 'complete', 'last_report_at'])
    .where('number', '=', param('job')),
)
const lowerNotStarted = query<{ job: number; added: number }>()((param) =>
  tables
    .updateTable('job')
    .set({ not_started: greater(sql`0`, sql`not_started - ${param('added')}`) })
    .where('number', '=', param('job')),
)

async function storeData(
  connection: Connection,
  job: number,
  { data }: ReportPart,
  merged: MergeResult,
): Promise<void> {
  for (const datum of data)
    await storeDatum(() => storeJobDatum(connection, job, datum), datum, 'The job', merged)
}

async function storeJobActivities(
  connection: Connection,
  job: number,
  part: ReportPart,
  merged: MergeResult,
): Promise<void> {
  await storeActivities(
    (activity) => jobActivities.store(connection, job, activity),
    part.activities,
    'The job',
    merged,
  )
}

/**
 * The job that a report is added to. An existing job that is hidden is being deleted; it must not reappear with parts
 * missing.
 *
 * @throws NotFound when the job was deleted or is being deleted
 */
async function getJobState(connection: Connection, job: number, isNew: boolean) {
  const state = await connection.first(jobState, { job })
  if (!state || (!isNew && state.complete === 0)) throw new NotFound()
  return state
}

interface PartOfJob {
  job: number
  part: ReportPart
  isNew: boolean
  /** The last test of the previous part. */
  lastTest: TestProgress | undefined
  now: Microseconds
}

/** Adds a part of a report to a job, hidden or visible. It is idempotent. @throws NotFound when the job was deleted. */
export const mergePart = defineWrite(
  'mergePart',
  async (connection, { job, part, isNew, lastTest, now }: PartOfJob): Promise<MergeResult> => {
    const { not_started } = await getJobState(connection, job, isNew)
    const merged: MergeResult = { added: 0, changed: 0, unchanged: 0, warnings: [] }
    await storeJobActivities(connection, job, part, merged)
    await storeData(connection, job, part, merged)
    merged.warnings.push(...(await addLabels(connection, job, part.labels)))
    const counters = new TestCounters()
    for (const test of part.continued)
      if (lastTest) merged.lastTest = await continueTest(connection, job, test, lastTest, merged)
    for (const test of part.tests)
      merged.lastTest = await mergeTest(connection, job, test, { isNew, now }, counters, merged)
    await counters.save(connection, job)
    // New tests are some of those that had not started when `not_started` was counted.
    if (not_started > 0 && merged.added > 0)
      await connection.run(lowerNotStarted, { job, added: merged.added })
    return merged
  },
)

/** Checks that the environment, stored a moment ago, was not deleted since. @throws NotFound */
async function requireEnvironment(
  connection: Connection,
  environment: number | null,
): Promise<number | null> {
  if (environment !== null && !(await environmentExists(connection, environment))) throw new NotFound()
  return environment
}

interface JobCompletion {
  job: number
  isNew: boolean
  /** The id of a new job. */
  id: string
  head: ReportHead
  environment: number | null
  now: Microseconds
}

/**
 * Stores the fields of the job itself, derives its status, and makes a new job visible.
 *
 * @returns false when a new job must stay hidden because its id was taken meanwhile.
 * @throws NotFound when the job was deleted.
 */
export const finishJob = defineWrite(
  'finishJob',
  async (connection, { job, isNew, id, head, environment, now }: JobCompletion): Promise<boolean> => {
    if (head.host) await reportHost(connection, job, head.host)
    const state = await getJobState(connection, job, isNew)
    const notStarted = head.notStarted ?? state.not_started
    const lastReportAt = Math.max(Math.min(head.lastReportAt ?? now, now), isNew ? 0 : state.last_report_at)
    const ending = { stale: isStale(lastReportAt, now), ended: hasEnded(state.status, head.ended) }
    const status =
      state.status_by_client === 1
        ? state.status
        : deriveJobStatus({ ...state, not_started: notStarted }, ending)
    const changed = {
      description: await describeJob(connection, job, state, head),
      time: (head.exactTimes ? head.time : null) ?? state.time,
      elapsed: state.elapsed === 0 ? (head.elapsed ?? 0) : state.elapsed,
      status,
      outcomes: outcomesOf({ ...state, not_started: notStarted }),
    }
    const isReported = environment !== null && state.environment_source !== environmentSources.job
    if (changed.time !== state.time) await leavePlace(connection, job)
    const columns = {
      ...changed,
      wallTime: longerOf(head.wallTime ?? null, state.wall_time),
      notStarted,
      ...(isReported && {
        environment: await requireEnvironment(connection, environment),
        environmentSource: environmentSources.job,
      }),
    }
    await setJobColumns(connection, state, columns, { lastReportAt })
    await setEnded(connection, job, head.ended === true ? now : null)
    await markVerdictPlace(connection, job)
    if (isNew) return revealJob.run(connection, { job, id })
    if (isReported && environment !== state.environment) await markStaleJob(connection, job)
    connection.markChanged('job', job)
    await reindexJob(connection, state, { ...state, ...changed })
    return true
  },
)

/** Generates the description of a new job, after its tests are stored. */
async function describeNewJob(connection: Connection, job: number, head: ReportHead): Promise<void> {
  const row = await connection.first(jobState, { job })
  const description = row && (await describeJob(connection, job, row, head))
  if (!row || description === undefined || description === row.description) return
  await describeAnew(connection, row, description)
}

function longerOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}

/**
 * Adds a part of a report and the fields of the job to a visible job. The status then agrees with the stored tests for
 * every reader, even after a crash before the next part. It is idempotent.
 *
 * @throws NotFound when the job was deleted.
 */
export const completeJob = defineWrite(
  'completeJob',
  async (
    connection,
    { part, lastTest, ...finish }: JobCompletion & Pick<PartOfJob, 'part' | 'lastTest'>,
  ): Promise<MergeResult> => {
    const merged = await mergePart.run(connection, {
      job: finish.job,
      part,
      isNew: false,
      lastTest,
      now: finish.now,
    })
    await finishJob.run(connection, finish)
    return merged
  },
)

/** Stores a small new job in one transaction. @returns undefined when its id was taken meanwhile */
export const addReport = defineWrite(
  'addReport',
  async (
    connection,
    {
      head,
      report,
      part,
      environment,
    }: { head: JobHead; report: ReportHead; part: ReportPart; environment: number | null },
  ): Promise<{ job: number; merged: MergeResult } | undefined> => {
    if (await findJobById(connection, head.id)) return undefined
    const counters = new TestCounters()
    for (const { status } of part.tests) counters.add(status?.status ?? null)
    const notStarted = report.notStarted ?? 0
    const lastReportAt = Math.min(report.lastReportAt ?? head.receivedAt, head.receivedAt)
    const ending = { stale: isStale(lastReportAt, head.receivedAt), ended: report.ended }
    const outcomes = { ...counters.changes, tests_total: part.tests.length, not_started: notStarted }
    const job = await addWholeJob(connection, head, {
      ...counters.changes,
      status: head.status ?? deriveJobStatus(outcomes, ending),
      environment: await requireEnvironment(connection, environment),
      notStarted,
      lastReportAt,
      wallTime: report.wallTime ?? null,
    })
    const merged: MergeResult = { added: part.tests.length, changed: 0, unchanged: 0, warnings: [] }
    await storeJobActivities(connection, job, part, merged)
    await storeData(connection, job, part, merged)
    merged.warnings.push(...(await addLabels(connection, job, part.labels)))
    if (report.host) await reportHost(connection, job, report.host)
    await addReportedTests(connection, job, part.tests, merged, head.receivedAt)
    if (report.ended === true) await setEnded(connection, job, head.receivedAt)
    if (report.descriptionSource) await describeNewJob(connection, job, report)
    return { job, merged }
  },
)
