// SQL queries for jobs.

import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Body } from '../../http/resource/shapes'
import { NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, greater, query, tables } from '../../storage/query'
import type { NewActivity } from '../activities/model'
import { jobActivities, testActivities } from '../activities/queries'
import { type Counts, counters, jobTotals, outcomesOf, TestCounters } from '../core/counters'
import { findJobByNumber, type JobRow, jobColumns } from '../core/job-reference'
import { leavePlace, markStaleJob } from '../core/stale-jobs'
import { indexJob, reindexJob } from '../core/visibility'
import { type NewDatum, testData } from '../data/queries'
import { environmentSources } from '../environments/of-jobs'
import { addLabels, changeLabels, replaceLabels } from '../labels/queries'
import { jobStatusName } from '../statuses/model'
import { storeNewTests } from '../tests/new-tests'
import { completeByActivity, type NewTest } from '../tests/queries'
import type { WholeReason } from '../tests/reasons'
import { findTestByTag } from '../tests/reference'
import type { JobPart } from './job-parts'
import { type changedJob, columnsOf, type newJob, type replacedJob } from './model'

type NewJob = Body<typeof newJob>
/** A test with its activities and data. */
export type WholeTest = NonNullable<NewJob['tests']>[number] & { whole?: WholeReason }

/** A job without its tests, activities and labels. */
export interface JobHead {
  id: string
  description: string | null
  time: Microseconds
  receivedAt: Microseconds
  elapsed: number
  status: number | null
  createdBy: number | null
}

/** The head of a new job, with defaults for the fields that are not given. */
export function headOf(given: Partial<JobHead> & Pick<JobHead, 'id' | 'receivedAt'>): JobHead {
  const empty = { description: null, elapsed: 0, status: null, createdBy: null }
  return { ...empty, time: given.receivedAt, ...given }
}

/** What a PUT or a PATCH changes. Labels take the place of the stored ones, or some of them are changed. */
type JobChange = Partial<Body<typeof replacedJob> | Body<typeof changedJob>>

/** What else is known of a job when it is stored. A hidden job gets this later. */
interface FirstState extends Counts {
  status: number | null
  environment: number | null
  notStarted: number
  lastReportAt: Microseconds
  wallTime: number | null
}

interface NewRow extends Omit<JobHead, 'status'>, FirstState {
  statusByClient: number
  outcomes: number
  environmentSource: number
  complete: 0 | 1
}

const insertJob = query<NewRow>()((param) =>
  tables
    .insertInto('job')
    .values({
      id: param('id'),
      description: param('description'),
      time: param('time'),
      received_at: param('receivedAt'),
      last_report_at: param('lastReportAt'),
      elapsed: param('elapsed'),
      wall_time: param('wallTime'),
      status: param('status'),
      status_by_client: param('statusByClient'),
      environment: param('environment'),
      environment_source: param('environmentSource'),
      created_by: param('createdBy'),
      not_started: param('notStarted'),
      ...Object.fromEntries(counters.map((name) => [name, param(name)])),
      outcomes: param('outcomes'),
      complete: param('complete'),
    })
    .returning(jobColumns),
)
const jobIdTaken = query<{ id: string }>()((param) =>
  tables
    .selectFrom('job')
    .select('id')
    .where(sql`lower(job.id)`, '=', sql`lower(${param('id')})`),
)
const revealHiddenJob = query<{ number: number; id: string }>()((param) =>
  tables
    .updateTable('job')
    .set({ complete: 1, id: param('id') })
    .where('number', '=', param('number'))
    .returning(jobColumns),
)
/** The columns of a job that requests and reports change. */
interface JobColumns {
  description: string | null
  time: Microseconds
  elapsed: number
  wallTime: number | null
  notStarted: number
  environment: number | null
  environmentSource: number
  status: number | null
  outcomes: number
}
/** How a change came about. */
interface ChangeSource {
  /** A client has set the status: tests no longer change it. */
  isStatusByClient?: boolean
  /** undefined: the change is not a report on the job. */
  lastReportAt?: Microseconds
}

const updateJob = query<
  JobColumns & { number: number; statusByClient: number; lastReportAt: Microseconds | null }
>()((param) =>
  tables
    .updateTable('job')
    .set({
      description: param('description'),
      time: param('time'),
      elapsed: param('elapsed'),
      wall_time: param('wallTime'),
      not_started: param('notStarted'),
      environment: param('environment'),
      environment_source: param('environmentSource'),
      status: param('status'),
      status_by_client: greater('status_by_client', param('statusByClient')),
      outcomes: param('outcomes'),
      last_report_at: sql`coalesce(${param('lastReportAt')}, last_report_at)`,
    })
    .where('number', '=', param('number')),
)

/** Changes the row of a job only. @param row  its current state: what `changed` does not name stays */
export async function setJobColumns(
  connection: Connection,
  row: JobRow,
  changed: Partial<JobColumns>,
  { isStatusByClient = false, lastReportAt }: ChangeSource,
): Promise<void> {
  const { number, description, time, elapsed, environment, status, outcomes } = row
  await connection.run(updateJob, {
    ...{ number, description, time, elapsed, environment, status, outcomes },
    wallTime: row.wall_time,
    notStarted: row.not_started,
    environmentSource: row.environment_source,
    ...changed,
    statusByClient: Number(isStatusByClient),
    lastReportAt: lastReportAt ?? null,
  })
}

/** The job that has this id; case does not matter. */
export function findJobById(connection: Connection, id: string): Promise<{ id: string } | undefined> {
  return connection.first(jobIdTaken, { id })
}

export const findJobByIdQuery = defineQuery('findJobById', findJobById)

/** Counts all jobs by outcome; `failed` is FAIL and ERROR. */
export const summarizeJobs = defineQuery('summarizeJobs', async (connection) => {
  const summary = { passed: 0, failed: 0, other: 0 }
  for (const { status, jobs } of await jobTotals(connection)) {
    const name = jobStatusName(status)
    if (name === 'PASS') summary.passed += jobs
    else if (name === 'FAIL' || name === 'ERROR') summary.failed += jobs
    else summary.other += jobs
  }
  return summary
})

/** Writes the row of a new job. */
async function storeJob(
  connection: Connection,
  head: JobHead,
  state: Partial<FirstState>,
  complete: 0 | 1,
): Promise<JobRow> {
  const first = {
    ...new TestCounters().changes,
    ...{ status: head.status, environment: null, notStarted: 0, wallTime: null },
    lastReportAt: head.receivedAt,
    ...state,
  }
  const { none, job } = environmentSources
  return (await connection.first(insertJob, {
    ...head,
    ...first,
    statusByClient: head.status === null ? 0 : 1,
    outcomes: outcomesOf({ ...first, not_started: first.notStarted }),
    environmentSource: first.environment === null ? none : job,
    complete,
  })) as JobRow
}

/**
 * Stores a job that is hidden until revealJob(). Until then its id starts with `#`, which no client's id does, so that a
 * client can send an unfinished job again.
 */
export const addHiddenJob = defineWrite('addHiddenJob', async (connection, { head }: { head: JobHead }) => {
  const { number } = await storeJob(connection, { ...head, id: `#${randomUUID()}` }, {}, 0)
  return { job: number }
})

/** Stores another part of a hidden job. The job must not have tests with the same tags yet. @throws NotFound */
export const addToHiddenJob = defineWrite(
  'addToHiddenJob',
  async (connection, { job, part }: { job: number; part: JobPart<WholeTest> }) => {
    const counters = await storePart(connection, job, part)
    await counters.save(connection, job)
    await continueTests(connection, job, part)
  },
)

/**
 * Gives a complete job its id and makes it visible.
 *
 * @returns false when the id is taken.
 * @throws NotFound when the job is deleted.
 */
export const revealJob = defineWrite(
  'revealJob',
  async (connection, { job, id }: { job: number; id: string }): Promise<boolean> => {
    if (await findJobById(connection, id)) return false
    const shown = await connection.first(revealHiddenJob, { number: job, id })
    if (!shown) throw new NotFound()
    await indexJob(connection, shown)
    await markStaleJob(connection, job)
    connection.markChanged('job', job)
    return true
  },
)

/**
 * Stores a job that is visible at once. Its id must be free. The row gets the counters of the tests that the caller
 * adds in the same transaction, so that it is written once.
 *
 * @returns the job's number.
 */
export async function addWholeJob(
  connection: Connection,
  head: JobHead,
  state: Partial<FirstState> & Counts,
): Promise<number> {
  const job = await storeJob(connection, head, state, 1)
  await indexJob(connection, job)
  await markStaleJob(connection, job.number)
  connection.markChanged('job', job.number)
  return job.number
}

/** Stores a small job in one transaction. @returns undefined when the id is taken. */
export const addJob = defineWrite(
  'addJob',
  async (connection, { head, part }: { head: JobHead; part: JobPart<WholeTest> }) => {
    if (await findJobById(connection, head.id)) return undefined
    const counters = new TestCounters()
    for (const test of part.tests) counters.add(statusOf(test)?.status ?? null)
    const job = await addWholeJob(connection, head, counters.changes)
    await storePart(connection, job, part)
    return { job }
  },
)

/** @throws NotFound */
export const changeJob = defineWrite(
  'changeJob',
  async (connection, { job, value }: { job: number; value: JobChange }) => {
    const row = await findJobByNumber(connection, String(job))
    if (!row) throw new NotFound()
    const changed = columnsOf(value)
    if (changed.time !== undefined && changed.time !== row.time) await leavePlace(connection, job)
    await setJobColumns(connection, row, changed, { isStatusByClient: value.status !== undefined })
    connection.markChanged('job', job)
    await reindexJob(connection, row, { ...row, ...changed })
    const { labels } = value
    if (Array.isArray(labels)) await replaceLabels(connection, job, labels)
    else if (labels) await changeLabels(connection, job, labels)
  },
)

/** The status that a new test gets from its client, or from its activities. */
function statusOf({ status, activities = [] }: WholeTest): NewTest['status'] {
  return status ?? activities.find(({ status }) => status)?.status
}

/** Stores a part of a new job, without what continues an earlier part. @returns the counters of its tests */
async function storePart(
  connection: Connection,
  job: number,
  { activities, labels, tests }: JobPart<WholeTest>,
): Promise<TestCounters> {
  await addLabels(connection, job, labels)
  for (const activity of activities) await jobActivities.store(connection, job, activity, { isCounted: true })
  const counters = new TestCounters()
  const rows = tests.map(({ activities, data: _, ...value }) => {
    const status = statusOf({ ...value, activities }) ?? null
    counters.add(status?.status ?? null)
    return { value: { ...value, status }, completedByActivity: !value.status && status !== null }
  })
  const ids = await storeNewTests(connection, job, rows, null)
  for (const [index, { activities, data }] of tests.entries())
    await storeBelow(connection, ids[index] as number, activities, data)
  return counters
}

/** Stores what continues tests of an earlier part. @throws NotFound */
async function continueTests(
  connection: Connection,
  job: number,
  { continued }: JobPart<WholeTest>,
): Promise<void> {
  for (const { tag, activities, data } of continued) {
    const test = await findTestByTag(connection, job, tag)
    if (!test) throw new NotFound()
    await storeBelow(connection, test.id, activities, data)
    const completion = activities.find(({ status }) => status)?.status
    if (completion) await completeByActivity(connection, { job, test: test.id }, completion)
  }
}

async function storeBelow(
  connection: Connection,
  test: number,
  activities: NewActivity[],
  data: NewDatum[],
): Promise<void> {
  for (const activity of activities)
    await testActivities.store(connection, test, activity, { isCounted: true })
  for (const datum of data) await testData.store(connection, test, datum)
}
