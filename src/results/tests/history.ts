// The history of a test: the runs of its testcase in all jobs. They are ordered by the time of the run, because jobs
// may arrive late and out of order.

import { Type as t } from '@sinclair/typebox'
import { type RawBuilder, sql } from 'kysely'
import type { Direction } from '../../http/resource/ordering'
import { fromNearerEnd, type Slice } from '../../http/resource/pagination'
import { formatTime, type Microseconds } from '../../lib/time'
import { type Connection, query, tables } from '../../storage/query'
import { visible } from '../core/job-reference'
import { toRanAt } from '../core/ran-at'
import { brief, type TestRow, toTest } from './model'

export interface Run extends TestRow {
  suite: string
  variant: string | null
  jobId: string
  jobNumber: number
  jobDescription: string | null
  time: Microseconds
  elapsed: number | null
}

export const runItem = t.Object({
  id: brief.id,
  job: brief.job,
  job_number: t.Integer({ description: "The server's own count" }),
  job_description: t.Union([t.String(), t.Null()]),
  tag: brief.tag,
  status: brief.status,
  reported_status: brief.reported_status,
  time: t.String({ format: 'date-time', description: 'When it started; where nobody told that, its job' }),
  elapsed_time: t.Union([t.Number(), t.Null()], { description: 'Seconds' }),
})

export function toRun(run: Run) {
  const { id, job, tag, ...statuses } = toTest(run, run.jobId)
  return {
    id,
    job,
    job_number: run.jobNumber,
    job_description: run.jobDescription,
    tag,
    ...statuses,
    time: formatTime(run.time),
    elapsed_time: run.elapsed,
  }
}

const testcaseOf = query<{ test: number }>()((param) =>
  tables.selectFrom('test').select('testcase').where('id', '=', param('test')),
)

const runs = tables
  .selectFrom('test')
  .innerJoin('job', 'job.number', 'test.job')
  .innerJoin('testcase', 'testcase.id', 'test.testcase')
  .select([
    'test.id',
    'test.prefix',
    'testcase.text as testcase',
    'testcase.suite',
    'testcase.variant',
    'test.status',
    'test.reported_status',
    'job.id as jobId',
    'job.number as jobNumber',
    'job.description as jobDescription',
    'test.time',
    'test.elapsed',
  ])
  .where(visible)

const byTime = (direction: Direction) => runs.orderBy('test.ran_at', direction).orderBy('test.id', direction)

/** Few tests are in hidden jobs. To start from those jobs is faster than to look up the job of each of many runs. */
const hiddenRuns = (testcase: RawBuilder<number>) => sql`(
  SELECT hidden.id FROM job CROSS JOIN test AS hidden
  WHERE job.complete = 0 AND hidden.job = job.number AND hidden.testcase = ${testcase})`

// Finds the ids of the page in a covering index, then reads only their rows.
const pageOf = (direction: Direction) =>
  query<Testcase & Slice>()((param) =>
    byTime(direction).where(
      'test.id',
      'in',
      tables
        .selectFrom('test')
        .select('id')
        .where('testcase', '=', param('testcase'))
        .where(sql<boolean>`id NOT IN ${hiddenRuns(param('testcase'))}`)
        .orderBy('ran_at', direction)
        .orderBy('id', direction)
        .limit(param('limit'))
        .offset(param('offset')),
    ),
  )
const newest = pageOf('desc')
const oldest = pageOf('asc')

// Without the `+`, SQLite would scan all tests that failed.
const lastFailure = query<Testcase>()((param) =>
  byTime('desc')
    .where('test.testcase', '=', param('testcase'))
    .where(sql<boolean>`+test.status IN (2, 3)`)
    .limit(1),
)

type Testcase = { testcase: number }
type Range = Testcase & { after: Microseconds; before: Microseconds }

// Counts all runs and subtracts those in hidden jobs, instead of looking up the job of each run. The cross join makes
// SQLite start with the hidden jobs, which are rare, and the `+` makes it find their tests by tag.
const countAll = query<Range>()((param) =>
  tables
    .selectFrom('test')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('testcase', '=', param('testcase'))
    .where('ran_at', '>=', param('after'))
    .where('ran_at', '<', param('before')),
)
const countHidden = query<Range>()((param) =>
  tables
    .selectFrom('job')
    .crossJoin('test')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(sql<boolean>`job.complete = 0`)
    .whereRef('test.job', '=', 'job.number')
    .where('test.testcase', '=', param('testcase'))
    .where(sql<boolean>`+test.ran_at >= ${param('after')} AND +test.ran_at < ${param('before')}`),
)

/** The id of a test's testcase. @returns undefined when the test is deleted. */
export function findTestcaseOf(connection: Connection, test: number): number | undefined {
  return connection.first(testcaseOf, { test })?.testcase
}

export function listRuns(connection: Connection, testcase: number, slice: Slice): Run[] {
  return fromNearerEnd(slice, (slice, reversed) =>
    connection.all(reversed ? oldest : newest, { testcase, ...slice }),
  )
}

/** The newest run that ended with FAIL or ERROR. */
export function findLastFailure(connection: Connection, testcase: number): Run | undefined {
  return connection.first(lastFailure, { testcase })
}

/** How often a testcase ran in visible jobs, with `after` <= time < `before`. */
export function countRuns(
  connection: Connection,
  testcase: number,
  { after = 0, before = Number.MAX_SAFE_INTEGER } = {},
): number {
  const range = { testcase, after: toRanAt(after), before: toRanAt(before) }
  const all = connection.first(countAll, range)?.count ?? 0
  return all - (connection.first(countHidden, range)?.count ?? 0)
}
