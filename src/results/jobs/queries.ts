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
import type { Label } from '../labels/model'
import { addLabels, changeLabels, replaceLabels } from '../labels/queries'
import { jobStatusName } from '../statuses/model'
import { completeByActivity, storeTest } from '../tests/queries'
import type { WholeReason } from '../tests/reasons'
import { findTestByTag } from '../tests/reference'
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

type LabelledHead = JobHead & { labels?: Label[] }

/** Tests and activities of a job, few enough for one write. */
export interface JobPart {
  activities: NewActivity[]
  tests: WholeTest[]
  /** Activities and data of tests from earlier parts. */
  continued: { tag: string; activities: NewActivity[]; data: NewDatum[] }[]
}

const insertJob = query<JobHead & { statusByClient: number }>()((param) =>
  tables.insertInto('job').values({
    id: param('id'),
    description: param('description'),
    time: param('time'),
    received_at: param('receivedAt'),
    last_report_at: param('receivedAt'),
    elapsed: param('elapsed'),
    status: param('status'),
    status_by_client: param('statusByClient'),
    created_by: param('createdBy'),
    complete: 0,
  }),
)
/** A job whose tests are all known before it is stored. */
export type WholeJobHead = JobHead &
  Counts & {
    statusByClient: 0 | 1
    environment: number | null
    notStarted: number
    lastReportAt: Microseconds
    wallTime: number | null
  }

const insertCompleteJob = query<WholeJobHead & { outcomes: number; environmentSource: number }>()((param) =>
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
      complete: 1,
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
const updateJob = query<
  Pick<JobHead, 'description' | 'time' | 'elapsed' | 'status'> & { number: number; statusByClient: number }
>()((param) =>
  tables
    .updateTable('job')
    .set({
      description: param('description'),
      time: param('time'),
      elapsed: param('elapsed'),
      status: param('status'),
      status_by_client: greater('status_by_client', param('statusByClient')),
    })
    .where('number', '=', param('number')),
)

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

/**
 * Stores a job with its first part, hidden until revealJob(). Until then its id starts with `#`, which no client's id
 * does, so that a client can send an unfinished job again.
 */
export const addHiddenJob = defineWrite(
  'addHiddenJob',
  async (connection, { head: { labels = [], ...head }, part }: { head: LabelledHead; part: JobPart }) => {
    const hidden = { ...head, id: `#${randomUUID()}`, statusByClient: head.status === null ? 0 : 1 }
    const job = await connection.insert(insertJob, hidden)
    await addLabels(connection, job, labels)
    await storePart(connection, job, part)
    return { job }
  },
)

/** Stores another part of a hidden job. The job must not have tests with the same tags yet. @throws NotFound */
export const addToHiddenJob = defineWrite(
  'addToHiddenJob',
  (connection, { job, part }: { job: number; part: JobPart }) => storePart(connection, job, part),
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
export async function addWholeJob(connection: Connection, head: WholeJobHead): Promise<number> {
  const outcomes = outcomesOf({ ...head, not_started: head.notStarted })
  const { none, job: ofJob } = environmentSources
  const environmentSource = head.environment === null ? none : ofJob
  const job = (await connection.first(insertCompleteJob, { ...head, outcomes, environmentSource })) as JobRow
  await indexJob(connection, job)
  connection.markChanged('job', job.number)
  return job.number
}

/** Stores a small job in one transaction. @returns undefined when the id is taken. */
export const addJob = defineWrite(
  'addJob',
  async (connection, argument: { head: LabelledHead; part: JobPart }) => {
    const { id } = argument.head
    if (await findJobById(connection, id)) return undefined
    const added = await addHiddenJob.run(connection, argument)
    await revealJob.run(connection, { ...added, id })
    return added
  },
)

/** @throws NotFound */
export const changeJob = defineWrite(
  'changeJob',
  async (connection, { job, value }: { job: number; value: JobChange }) => {
    const row = await findJobByNumber(connection, String(job))
    if (!row) throw new NotFound()
    const { description, time, elapsed, status } = row
    const changed = { description, time, elapsed, status, ...columnsOf(value) }
    if (changed.time !== time) await leavePlace(connection, job)
    await connection.run(updateJob, {
      number: job,
      ...changed,
      statusByClient: value.status === undefined ? 0 : 1,
    })
    connection.markChanged('job', job)
    await reindexJob(connection, row, { ...row, ...changed })
    const { labels } = value
    if (Array.isArray(labels)) await replaceLabels(connection, job, labels)
    else if (labels) await changeLabels(connection, job, labels)
  },
)

/** Stores a part of a hidden job. */
async function storePart(
  connection: Connection,
  job: number,
  { activities, tests, continued }: JobPart,
): Promise<void> {
  for (const activity of activities) await jobActivities.store(connection, job, activity, { isCounted: true })
  const counters = new TestCounters()
  for (const { activities = [], data = [], ...value } of tests) {
    const completion = value.status ? undefined : activities.find(({ status }) => status)?.status
    const status = value.status ?? completion ?? null
    const test = await storeTest(
      connection,
      job,
      { ...value, status },
      { completedByActivity: completion !== undefined, isJobNew: true },
    )
    counters.add(status?.status ?? null)
    await storeBelow(connection, test, activities, data)
  }
  await counters.save(connection, job)
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
