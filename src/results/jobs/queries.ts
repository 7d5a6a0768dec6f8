// Jobs in SQL.

import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Body } from '../../http/resource/shapes'
import { NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import type { NewActivity } from '../activities/model'
import { jobActivities, testActivities } from '../activities/queries'
import { type Counts, counters, jobTotals, outcomesOf, TestCounters } from '../core/counters'
import { findJobByNumber, type JobRow, jobColumns } from '../core/job-reference'
import { indexJob, reindexJob } from '../core/visibility'
import { type NewDatum, testData } from '../data/queries'
import { addLabels, type Label, replaceLabels } from '../labels/labels'
import { jobStatusName } from '../statuses/model'
import { completeByActivity, storeTest } from '../tests/queries'
import type { WholeReason } from '../tests/reasons'
import { findTestByTag } from '../tests/reference'
import { type changedJob, columnsOf, type newJob } from './model'

type NewJob = Body<typeof newJob>
/** A test with all that happened in it. */
export type WholeTest = NonNullable<NewJob['tests']>[number] & { whole?: WholeReason }

/** A job without what belongs to it. */
export interface JobHead {
  id: string
  description: string | null
  time: Microseconds
  receivedAt: Microseconds
  elapsed: number
  status: number | null
  createdBy: number | null
}

/** The head of a new job: what is not given is empty. */
export function headOf(given: Partial<JobHead> & Pick<JobHead, 'id' | 'receivedAt'>): JobHead {
  const empty = { description: null, elapsed: 0, status: null, createdBy: null }
  return { ...empty, time: given.receivedAt, ...given }
}

type LabelledHead = JobHead & { labels?: Label[] }

/** Things of a job, few enough to be written in one go. */
export interface JobPart {
  activities: NewActivity[]
  tests: WholeTest[]
  /** What did not fit into the part that has the test itself. */
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
/** What is known of a job whose tests are known before it is stored. */
export type WholeJobHead = JobHead &
  Counts & {
    statusByClient: 0 | 1
    environment: number | null
    notStarted: number
    lastReportAt: Microseconds
    wallTime: number | null
  }

const insertWholeJob = query<WholeJobHead & { outcomes: number }>()((param) =>
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
const showJob = query<{ number: number; id: string }>()((param) =>
  tables
    .updateTable('job')
    .set({ complete: 1, id: param('id') })
    .where('number', '=', param('number'))
    .returning(jobColumns),
)
// The id is free again at once.
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
      status_by_client: sql`max(status_by_client, ${param('statusByClient')})`,
    })
    .where('number', '=', param('number')),
)
const updateDescription = query<{ job: number; description: string | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ description: param('description') })
    .where('number', '=', param('job')),
)

/** In the row alone: the words of a visible job are the caller's business. */
export function setDescription(connection: Connection, job: number, description: string | null): void {
  connection.run(updateDescription, { job, description })
}

/** The job that has this id; case does not matter. */
export function findJobById(connection: Connection, id: string): { id: string } | undefined {
  return connection.first(jobIdTaken, { id })
}

/** All jobs by outcome; failed is FAIL and ERROR. */
export function summarizeJobs(connection: Connection) {
  const summary = { passed: 0, failed: 0, other: 0 }
  for (const { status, jobs } of jobTotals(connection)) {
    const name = jobStatusName(status)
    if (name === 'PASS') summary.passed += jobs
    else if (name === 'FAIL' || name === 'ERROR') summary.failed += jobs
    else summary.other += jobs
  }
  return summary
}

/**
 * Stores a job with the first part of what belongs to it, hidden until revealJob. It has no id of a client's until
 * then (`#` is in none), so that one that is never finished keeps nobody from sending it again.
 */
export const addHiddenJob = defineWrite(
  'addHiddenJob',
  (connection, { head: { labels = [], ...head }, part }: { head: LabelledHead; part: JobPart }) => {
    const hidden = { ...head, id: `#${randomUUID()}`, statusByClient: head.status === null ? 0 : 1 }
    const job = connection.run(insertJob, hidden).lastInsertRowid
    addLabels(connection, job, labels)
    storePart(connection, job, part)
    return { job }
  },
)

/** Stores a further part of a hidden job. Its tags must not be in it yet. @throws NotFound */
export const addToHiddenJob = defineWrite(
  'addToHiddenJob',
  (connection, { job, part }: { job: number; part: JobPart }) => storePart(connection, job, part),
)

/**
 * Gives a job that is whole its id, and lets everybody see it.
 *
 * @returns false when the id is taken.
 * @throws NotFound when the job has gone.
 */
export const revealJob = defineWrite(
  'revealJob',
  (connection, { job, id }: { job: number; id: string }): boolean => {
    if (findJobById(connection, id)) return false
    const shown = connection.first(showJob, { number: job, id })
    if (!shown) throw new NotFound()
    indexJob(connection, shown)
    connection.markChanged('job', job)
    return true
  },
)

/**
 * Stores a job that is to be seen at once, under an id that is free. Written once, with the numbers of the tests that the
 * caller adds in the same change.
 *
 * @returns the job's number.
 */
export function addWholeJob(connection: Connection, head: WholeJobHead): number {
  const outcomes = outcomesOf({ ...head, not_started: head.notStarted })
  const job = connection.first(insertWholeJob, { ...head, outcomes }) as JobRow
  indexJob(connection, job)
  connection.markChanged('job', job.number)
  return job.number
}

/** A whole job at once: for small ones. @returns undefined when the id is taken. */
export const addJob = defineWrite('addJob', (connection, argument: { head: LabelledHead; part: JobPart }) => {
  const { id } = argument.head
  if (findJobById(connection, id)) return undefined
  const added = addHiddenJob.run(connection, argument)
  revealJob.run(connection, { ...added, id })
  return added
})

/** @throws NotFound */
export const changeJob = defineWrite(
  'changeJob',
  (connection, { job, value }: { job: number; value: Partial<Body<typeof changedJob>> }) => {
    const row = findJobByNumber(connection, String(job))
    if (!row) throw new NotFound()
    const { description, time, elapsed, status } = row
    const changed = { description, time, elapsed, status, ...columnsOf(value) }
    connection.run(updateJob, {
      number: job,
      ...changed,
      statusByClient: value.status === undefined ? 0 : 1,
    })
    if (value.labels) replaceLabels(connection, job, value.labels)
    connection.markChanged('job', job)
    reindexJob(connection, row, { ...row, ...changed })
  },
)

function storePart(connection: Connection, job: number, { activities, tests, continued }: JobPart): void {
  for (const activity of activities) jobActivities.store(connection, job, activity, { isCounted: true })
  const counters = new TestCounters()
  for (const { activities = [], data = [], ...value } of tests) {
    const completion = value.status ? undefined : activities.find(({ status }) => status)?.status
    const status = value.status ?? completion ?? null
    const test = storeTest(
      connection,
      job,
      { ...value, status },
      { completedByActivity: completion !== undefined },
    )
    counters.add(status?.status ?? null)
    storeBelow(connection, test, activities, data)
  }
  counters.save(connection, job)
  for (const { tag, activities, data } of continued) {
    const test = findTestByTag(connection, job, tag)
    if (!test) throw new NotFound()
    storeBelow(connection, test.id, activities, data)
    const completion = activities.find(({ status }) => status)?.status
    if (completion) completeByActivity(connection, { job, test: test.id }, completion)
  }
}

function storeBelow(connection: Connection, test: number, activities: NewActivity[], data: NewDatum[]): void {
  for (const activity of activities) testActivities.store(connection, test, activity, { isCounted: true })
  for (const datum of data) testData.store(connection, test, datum)
}
