// Deletes jobs. A job is hidden at once. Its rows are deleted in small steps, so that other writes run in between.

import { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import { NotFound } from '../../lib/errors'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { testActivities } from '../activities/queries'
import { TestCounters } from '../core/counters'
import { releaseFile, testFiles } from '../core/files'
import { findJobByNumber, type JobRef } from '../core/job-reference'
import { leavePlace, markStaleJob } from '../core/stale-jobs'
import { unindexJob } from '../core/visibility'
import { bytesOfTestData, testData } from '../data/queries'
import { moveTestEnvironment, recordTestDeletion } from '../tests/queries'
import { findTest } from '../tests/reference'
import { addHiddenJob, headOf } from './queries'

const hideJobByNumber = query<{ number: number }>()((param) =>
  tables
    .updateTable('job')
    .set({ complete: 0, id: sql`'#' || number` })
    .where('number', '=', param('number')),
)
type Deletion = { job: number; limit: number }

/** Delete the references from a job and its tests to files. */
const pathDeletions = [
  query<Deletion>()((param) =>
    tables
      .deleteFrom('test_file')
      .where(({ refTuple, selectFrom, eb }) =>
        eb(
          refTuple('test', 'path'),
          'in',
          selectFrom('test')
            .innerJoin('test_file as named', 'named.test', 'test.id')
            .select(['named.test', 'named.path'])
            .where('test.job', '=', param('job'))
            .limit(param('limit'))
            .$asTuple('test', 'path'),
        ),
      )
      .returning('file'),
  ),
  query<Deletion>()((param) =>
    tables
      .deleteFrom('job_file')
      .where('job', '=', param('job'))
      .where('path', 'in', (where) =>
        where.selectFrom('job_file').select('path').where('job', '=', param('job')).limit(param('limit')),
      )
      .returning('file'),
  ),
]

/** Delete activities. Tests come after them: no step may delete more rows than its limit by a cascade. */
const rowDeletions = [
  query<Deletion>()((param) =>
    tables
      .deleteFrom('test_activity')
      .where(({ refTuple, selectFrom, eb }) =>
        eb(
          refTuple('test', 'sequence'),
          'in',
          selectFrom('test')
            .innerJoin('test_activity as activity', 'activity.test', 'test.id')
            .select(['activity.test', 'activity.sequence'])
            .where('test.job', '=', param('job'))
            .limit(param('limit'))
            .$asTuple('test', 'sequence'),
        ),
      ),
  ),
  query<Deletion>()((param) =>
    tables
      .deleteFrom('job_activity')
      .where('job', '=', param('job'))
      .where('sequence', 'in', (where) =>
        where
          .selectFrom('job_activity')
          .select('sequence')
          .where('job', '=', param('job'))
          .limit(param('limit')),
      ),
  ),
]
const testDeletion = query<Deletion>()((param) =>
  tables
    .deleteFrom('test')
    .where('id', 'in', (where) =>
      where.selectFrom('test').select('id').where('job', '=', param('job')).limit(param('limit')),
    )
    .returning('testcase'),
)
/** At most so many bytes of values in one step: SQLite visits every page of a value that it deletes. */
const MAX_BYTES_PER_STEP = 4 * 1024 ** 2

const bytes = sql<number>`coalesce(octet_length(value), 0)`

/** Find and delete the data of a job and of its tests. The size of each value limits a step. */
const dataDeletions = [
  {
    find: query<Deletion>()((param) =>
      tables
        .selectFrom('test')
        .innerJoin('test_data as datum', 'datum.test', 'test.id')
        .select(['datum.id', bytes.as('bytes')])
        .where('test.job', '=', param('job'))
        .limit(param('limit')),
    ),
    remove: deleteByIds('test_data'),
  },
  {
    find: query<Deletion>()((param) =>
      tables
        .selectFrom('job_data')
        .select(['id', bytes.as('bytes')])
        .where('job', '=', param('job'))
        .limit(param('limit')),
    ),
    remove: deleteByIds('job_data'),
  },
]

function deleteByIds(table: 'test_data' | 'job_data') {
  return query<{ ids: NumberList }>()((param) => tables.deleteFrom(table).where(inList('id', param('ids'))))
}

/** The first ids whose values have at most MAX_BYTES together; at least one. */
function firstWithinLimit(data: { id: number; bytes: number }[]): number[] {
  const ids: number[] = []
  let sum = 0
  for (const { id, bytes } of data) {
    sum += bytes
    if (ids.length > 0 && sum > MAX_BYTES_PER_STEP) break
    ids.push(id)
  }
  return ids
}

const deleteHiddenJob = query<{ job: number }>()((param) =>
  tables.deleteFrom('job').where('number', '=', param('job')).where(sql<boolean>`complete = 0`),
)
const allHidden = query()(() => tables.selectFrom('job').select('number').where(sql<boolean>`complete = 0`))

/** Hides a job and frees its id. deleteHiddenJobRows() then deletes its rows. @throws NotFound */
export const hideJob = defineWrite(
  'hideJob',
  async (connection, { job, actor }: { job: number; actor: Actor }) => {
    const row = await findJobByNumber(connection, String(job))
    if (!row) throw new NotFound()
    await unindexJob(connection, row)
    await leavePlace(connection, job)
    await countReportsAgain(connection, job)
    await connection.run(hideJobByNumber, { number: job })
    connection.markChanged('job', job)
    connection.markChanged('deleted-job', job)
    await record(connection, actor, 'deleted', `job ${row.id}`, `number ${job}, ${row.tests_total} tests`)
  },
)

const otherReports = query<{ job: number }>()((param) =>
  tables
    .updateTable('job')
    .set({ duplicate_of: null, ended_at: null })
    .where('duplicate_of', '=', param('job'))
    .returning('number'),
)

/** Other reports of a run count when the one is deleted that counted. The background compares them with each other again. */
async function countReportsAgain(connection: Connection, job: number): Promise<void> {
  for (const { number } of await connection.all(otherReports, { job })) await markStaleJob(connection, number)
}

const moveTest = query<{ test: number; job: number }>()((param) =>
  tables
    .updateTable('test')
    .set({ job: param('job') })
    .where('id', '=', param('test')),
)

/**
 * Moves a test with many rows below it into a new hidden job, which the caller deletes.
 *
 * @returns the number of the hidden job.
 * @throws NotFound
 */
export const hideTest = defineWrite(
  'hideTest',
  async (
    connection,
    { owner, id, actor }: { owner: JobRef; id: number; actor: Actor },
  ): Promise<{ job: number }> => {
    const test = await findTest(connection, owner.job, id)
    if (!test) throw new NotFound()
    const head = headOf({ id: '', receivedAt: actor.at })
    const { job } = await addHiddenJob.run(connection, { head })
    await connection.run(moveTest, { test: id, job })
    connection.markStale(test.testcaseId)
    await moveTestEnvironment(connection, owner.job, test.own_environment, null)
    await new TestCounters().remove(test.status).save(connection, owner.job)
    connection.markChanged('job', owner.job)
    await recordTestDeletion(connection, actor, owner.jobId, test)
    return { job }
  },
)

/** Deletes up to `rows` rows below a hidden job; when none are left, the job itself. */
export const deleteHiddenJobRows = defineWrite(
  'deleteHiddenJobRows',
  async (connection, { job, rows }: { job: number; rows: number }) => {
    for (const release of pathDeletions) {
      const files = await connection.all(release, { job, limit: rows })
      for (const { file } of files) await releaseFile(connection, file)
      if (files.length > 0) return { done: false }
    }
    for (const { find, remove } of dataDeletions) {
      const data = await connection.all(find, { job, limit: rows })
      if (data.length === 0) continue
      await connection.run(remove, { ids: toNumberList(firstWithinLimit(data)) })
      return { done: false }
    }
    for (const deletion of rowDeletions) {
      if ((await connection.run(deletion, { job, limit: rows })).changes > 0) return { done: false }
    }
    const tests = await connection.all(testDeletion, { job, limit: rows })
    for (const { testcase } of tests) connection.markStale(testcase)
    if (tests.length > 0) return { done: false }
    await connection.run(deleteHiddenJob, { job })
    return { done: true }
  },
)

/** The numbers of hidden jobs: jobs that are being written or deleted, and those that a crash left. */
export const hiddenJobs = defineQuery('hiddenJobs', async (connection) =>
  (await connection.all(allHidden, {})).map(({ number }) => number),
)

/** Deleting so many bytes of values takes as long as deleting one row. */
const BYTES_PER_ROW = 4096

/**
 * How many rows are below a test, about.
 *
 * @param limit  beyond it, the size of the values is not asked for.
 */
export const rowsBelowTest = defineQuery(
  'rowsBelowTest',
  async (connection, { test, limit }: { test: number; limit: number }): Promise<number> => {
    const rows =
      (await testActivities.maxCount(connection, test)) +
      (await testData.countSome(connection, test)) +
      (await testFiles.countSome(connection, test))
    return rows > limit ? rows : rows + (await bytesOfTestData(connection, test)) / BYTES_PER_ROW
  },
)
