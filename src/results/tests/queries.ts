// SQL queries for tests.

import { type RawBuilder, sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import { doesNotExist } from '../../http/resource/fields'
import type { Body } from '../../http/resource/shapes'
import { Invalid, NotFound, NotUnique } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { failReasonId } from '../../storage/interned'
import {
  type Connection,
  greater,
  inList,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { TestCounters } from '../core/counters'
import { releaseFilesOf } from '../core/files'
import type { JobRef } from '../core/job-reference'
import { EPOCH, isWrongTime, rightTimeOf } from '../core/ran-at'
import { markVerdictPlace } from '../core/stale-jobs'
import { addTestEnvironment, removeTestEnvironment } from '../environments/of-jobs'
import { environmentExists } from '../environments/queries'
import { type newTest, splitTag, type TagParts, type TestRow, type WholeTestRow } from './model'
import { setReasonFile, type WholeReason } from './reasons'
import { briefColumns, findTest, findTestByTag, testsWithTestcase } from './reference'
import { mayHaveOtherSplit, testcaseId } from './testcases'

/** `whole`: the whole fail reason, where `fail_reason` has only the beginning. */
export type NewTest = Body<typeof newTest> & { whole?: WholeReason | undefined }

/**
 * The ids of a job's tests, for `id IN (...)`, which gives the tests in the order of their creation. The index of a
 * job's tests has another order. SQLite sorts the ids of the IN before it reads any row.
 */
export function idsOf(job: RawBuilder<number>) {
  return tables.selectFrom('test').select('id').where('job', '=', job)
}

const allOfJobs = query<{ jobs: NumberList }>()((param) =>
  testsWithTestcase
    .select(briefColumns)
    .select('test.job')
    .where(
      'test.id',
      'in',
      tables
        .selectFrom('test')
        .select('id')
        .where(inList('test.job', param('jobs'))),
    )
    .orderBy('test.id'),
)

interface Columns {
  prefix: string
  testcase: number
  status: number | null
  reported: number | null
  started: number | null
  elapsed: number | null
  failReason: number | null
  environment: number | null
}

/**
 * The columns of a test that say when it started.
 *
 * @param started  null: nobody has told, so it lies at the time of its job.
 * @param now  when this was received; null: when the job was reported on last.
 * @param ofJob  makes what reads a value of the test's job.
 */
export function timesOf(
  started: RawBuilder<number>,
  now: RawBuilder<number>,
  ofJob: (value: RawBuilder<number>) => RawBuilder<number>,
) {
  const received = sql<number>`coalesce(${now}, ${ofJob(greater('job.received_at', 'job.last_report_at'))})`
  const isUnknown = sql`CAST(${started} AS BIGINT) IS NULL` // the cast gives a parameter its type
  const timeOfJob = ofJob(rightTimeOf(sql`job.time`, sql`job.received_at`))
  return {
    has_started: sql<number>`CASE WHEN ${isUnknown} THEN 0 ELSE 1 END`,
    reported_start: sql<number>`CASE WHEN ${isWrongTime(started, received)} THEN CAST(${started} AS BIGINT) END`,
    ran_at: sql<number>`CASE WHEN ${isUnknown} THEN ${timeOfJob} ELSE ${rightTimeOf(started, received)} END - ${sql.lit(EPOCH)}`,
  }
}

/** Reads a value of one job. */
function ofJob(job: RawBuilder<number>) {
  return (value: RawBuilder<number>) => sql<number>`(SELECT ${value} FROM job WHERE job.number = ${job})`
}

/** The same for a test that is stored: one that keeps its start keeps its place. */
export function changedTimesOf(started: RawBuilder<number>, now: RawBuilder<number>) {
  const { has_started, reported_start, ran_at } = timesOf(started, now, ofJob(sql.ref('test.job')))
  const unless = (column: string, changed: RawBuilder<number>) =>
    sql<number>`CASE WHEN ${started} IS NOT DISTINCT FROM test.started THEN ${sql.ref(column)} ELSE ${changed} END`
  return {
    has_started,
    reported_start: unless('reported_start', reported_start),
    ran_at: unless('ran_at', ran_at),
  }
}

const insertTest = query<Columns & { job: number; completedByActivity: number; now: number | null }>()(
  (param) =>
    tables
      .insertInto('test')
      .values({
        job: param('job'),
        prefix: param('prefix'),
        testcase: param('testcase'),
        status: param('status'),
        reported_status: param('reported'),
        completed_by_activity: param('completedByActivity'),
        ...timesOf(param('started'), param('now'), ofJob(param('job'))),
        elapsed: param('elapsed'),
        fail_reason: param('failReason'),
        environment: param('environment'),
      })
      .onConflict((conflict) => conflict.columns(['job', 'testcase', 'prefix']).doNothing()),
)
const updateTest = query<Columns & { id: number; completedByActivity: number; now: number }>()((param) =>
  tables
    .updateTable('test')
    .set({
      prefix: param('prefix'),
      testcase: param('testcase'),
      status: param('status'),
      reported_status: param('reported'),
      completed_by_activity: param('completedByActivity'),
      ...changedTimesOf(param('started'), param('now')),
      elapsed: param('elapsed'),
      fail_reason: param('failReason'),
      environment: param('environment'),
    })
    .where('id', '=', param('id')),
)
const completeTest = query<{ id: number; status: number; reported: number | null }>()((param) =>
  tables
    .updateTable('test')
    .set({ status: param('status'), reported_status: param('reported'), completed_by_activity: 1 })
    .where('id', '=', param('id')),
)
const deleteTestById = query<{ id: number }>()((param) =>
  tables.deleteFrom('test').where('id', '=', param('id')),
)

interface StoreOptions {
  /** The status comes from one of the test's activities, not from the test. */
  completedByActivity?: boolean
  /** When the test was received; by default, when its job was last reported on. */
  now?: Microseconds
  /** The job is new. The write that shows it marks all of its tests as stale. */
  isJobNew?: boolean
}

/** All tests of some jobs, by job, in the order of their creation. */
export async function testsOfJobs(
  connection: Connection,
  jobs: readonly number[],
): Promise<ReadonlyMap<number, TestRow[]>> {
  const rows = await connection.allOfAnswer(allOfJobs, { jobs: toNumberList(jobs) })
  return Map.groupBy(rows, ({ job }) => job)
}

/**
 * Writes the row of a test. The caller updates the counters.
 *
 * @param parts  the tag, split as the source splits it; by default, as Avocado does.
 * @returns the id of the test.
 * @throws NotUnique when the job has a test with this tag.
 */
export async function storeTest(
  connection: Connection,
  job: number,
  value: NewTest,
  { parts = splitTag(value.tag), ...options }: StoreOptions & { parts?: TagParts } = {},
): Promise<number> {
  const id = await insertIfAbsent(connection, job, value, parts, options)
  if (id === undefined) throw new NotUnique('job', 'tag')
  return id
}

/** As storeTest(). @returns undefined when the job has a test with this tag; then it writes nothing. */
export async function insertIfAbsent(
  connection: Connection,
  job: number,
  value: NewTest,
  parts: TagParts,
  { completedByActivity = false, now, isJobNew = false }: StoreOptions = {},
): Promise<number | undefined> {
  const row = {
    job,
    ...(await columnsOf(connection, value, parts)),
    completedByActivity: Number(completedByActivity),
    now: now ?? null,
  }
  if (
    (await mayHaveOtherSplit(connection, value.tag, parts)) &&
    (await findTestByTag(connection, job, value.tag))
  )
    return undefined
  const id = await connection.insert(insertTest, row)
  if (id === 0) return undefined
  if (row.environment !== null) await addTestEnvironment(connection, job, row.environment)
  if (!isJobNew) connection.markStale(row.testcase)
  if (value.whole) await setReasonFile(connection, id, value.whole)
  return id
}

/** @throws NotFound; NotUnique when another test of the job has the new tag. */
export const changeTest = defineWrite(
  'changeTest',
  async (
    connection,
    { job, id, value, now }: { job: number; id: number; value: Partial<NewTest>; now: Microseconds },
  ) => {
    const test = await findTest(connection, job, id)
    if (!test) throw new NotFound()
    const tag = value.tag ?? test.prefix + test.testcase
    if (value.tag !== undefined && ((await findTestByTag(connection, job, tag))?.id ?? id) !== id) {
      throw new NotUnique('job', 'tag')
    }
    const parts = tag === test.prefix + test.testcase ? test : splitTag(tag)
    const changed = await columnsOf(connection, { ...fieldsOf(test), ...value, tag }, parts)
    const completedByActivity = value.status === undefined ? test.completed_by_activity : 0
    await connection.run(updateTest, { id, ...changed, completedByActivity, now })
    await moveTestEnvironment(connection, job, test.own_environment, changed.environment)
    connection.markStale(test.testcaseId)
    connection.markStale(changed.testcase)
    if (value.fail_reason !== undefined) await setReasonFile(connection, id, value.whole)
    await new TestCounters().remove(test.status).add(changed.status).save(connection, job)
    await markVerdictPlace(connection, job)
    connection.markChanged('job', job)
  },
)

/** @throws NotFound */
export const deleteTest = defineWrite(
  'deleteTest',
  async (connection, { job, jobId, id, actor }: JobRef & { id: number; actor: Actor }) => {
    const test = await findTest(connection, job, id)
    if (!test) throw new NotFound()
    await releaseFilesOf(connection, id)
    await connection.run(deleteTestById, { id })
    await moveTestEnvironment(connection, job, test.own_environment, null)
    connection.markStale(test.testcaseId)
    await new TestCounters().remove(test.status).save(connection, job)
    await recordTestDeletion(connection, actor, jobId, test)
  },
)

/** Notes that a test names another environment than before, or none; null: none. */
export async function moveTestEnvironment(
  connection: Connection,
  job: number,
  before: number | null,
  after: number | null,
): Promise<void> {
  if (before === after) return
  if (before !== null) await removeTestEnvironment(connection, job, before)
  if (after !== null) await addTestEnvironment(connection, job, after)
}

export async function recordTestDeletion(
  connection: Connection,
  actor: Actor,
  jobId: string,
  { id, prefix, testcase }: Pick<TestRow, 'id' | 'prefix' | 'testcase'>,
): Promise<void> {
  await record(connection, actor, 'deleted', `test ${prefix}${testcase} of job ${jobId}`, `id ${id}`)
}

/** Gives a test without a status the status of one of its activities. */
export async function completeByActivity(
  connection: Connection,
  { job, test }: { job: number; test: number },
  status: NonNullable<NewTest['status']>,
): Promise<void> {
  const row = await findTest(connection, job, test)
  if (!row || row.status !== null) return
  await connection.run(completeTest, { id: test, ...status })
  connection.markStale(row.testcaseId)
  await new TestCounters().remove(null).add(status.status).save(connection, job)
}

function fieldsOf(test: WholeTestRow): Omit<NewTest, 'tag'> {
  return {
    status: test.status === null ? null : { status: test.status, reported: test.reported_status },
    started: test.started,
    elapsed_time: test.elapsed,
    fail_reason: test.fail_reason,
    environment: test.own_environment,
  }
}

async function columnsOf(connection: Connection, value: NewTest, parts: TagParts): Promise<Columns> {
  const environment = value.environment ?? null
  if (environment !== null && !(await environmentExists(connection, environment))) {
    throw new Invalid({ environment: doesNotExist(environment, 'id') })
  }
  const reason = value.fail_reason ?? null
  return {
    prefix: parts.prefix,
    testcase: await testcaseId(connection, parts),
    status: value.status?.status ?? null,
    reported: value.status?.reported ?? null,
    started: value.started ?? null,
    elapsed: value.elapsed_time ?? null,
    failReason: reason === null ? null : await failReasonId(connection, reason),
    environment,
  }
}
