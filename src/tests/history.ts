// The same test in all jobs: same name and variant, whatever its number. The newest first by when it ran, not by when
// it arrived: jobs come late and out of order.

import { Type as t } from '@sinclair/typebox'
import { sql } from 'kysely'
import type { Slice } from '../http/pagination'
import { visible } from '../jobs/reference'
import { type Connection, query, tables } from '../storage/query'
import { formatTime, type Microseconds } from '../time'
import { brief, type TestRow, toTest } from './model'

/** Which test it is, in all jobs: the numbers of its name and its variant. */
export interface TestIdentity {
  name: number
  variant: number
}

export interface Run extends TestRow {
  jobId: string
  jobNumber: number
  time: Microseconds
  elapsed: number | null
}

export const runItem = t.Object({
  id: brief.id,
  job: brief.job,
  job_number: t.Integer({ description: "The server's own count" }),
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
    tag,
    ...statuses,
    time: formatTime(run.time),
    elapsed_time: run.elapsed,
  }
}

const identity = query<{ test: number }>()((param) =>
  tables.selectFrom('test').select(['name', 'variant']).where('id', '=', param('test')),
)

const newestFirst = tables
  .selectFrom('test')
  .innerJoin('job', 'job.number', 'test.job')
  .innerJoin('test_name', 'test_name.id', 'test.name')
  .innerJoin('test_variant', 'test_variant.id', 'test.variant')
  .select([
    'test.id',
    'test.number',
    'test_name.text as name',
    'test_variant.text as variant',
    'test.status',
    'test.reported_status',
    'job.id as jobId',
    'job.number as jobNumber',
    'test.time',
    'test.elapsed',
  ])
  .where(visible)
  .orderBy('test.time', 'desc')
  .orderBy('test.id', 'desc')

const page = query<TestIdentity & Slice>()((param) =>
  newestFirst
    .where('test.name', '=', param('name'))
    .where('test.variant', '=', param('variant'))
    .limit(param('limit'))
    .offset(param('offset')),
)

// A `+`, or SQLite would begin with all tests that failed.
const lastFailure = query<TestIdentity>()((param) =>
  newestFirst
    .where('test.name', '=', param('name'))
    .where('test.variant', '=', param('variant'))
    .where(sql<boolean>`+test.status IN (2, 3)`)
    .limit(1),
)

type Range = TestIdentity & { after: Microseconds; before: Microseconds }

// The hidden ones are few, and so are taken off: to ask each run's job would be a look at thousands of jobs. The cross
// join lets SQLite begin with the hidden jobs, of which there are hardly ever any, and the `+` find their tests by tag.
const countAll = query<Range>()((param) =>
  tables
    .selectFrom('test')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('name', '=', param('name'))
    .where('variant', '=', param('variant'))
    .where('time', '>=', param('after'))
    .where('time', '<', param('before')),
)
const countHidden = query<Range>()((param) =>
  tables
    .selectFrom('job')
    .crossJoin('test')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(sql<boolean>`job.complete = 0`)
    .whereRef('test.job', '=', 'job.number')
    .where('test.name', '=', param('name'))
    .where('test.variant', '=', param('variant'))
    .where(sql<boolean>`+test.time >= ${param('after')} AND +test.time < ${param('before')}`),
)

/** @returns undefined when the test has gone. */
export function findIdentity(connection: Connection, test: number): TestIdentity | undefined {
  return connection.first(identity, { test })
}

export function listRuns(connection: Connection, test: TestIdentity, slice: Slice): Run[] {
  return connection.all(page, { ...test, ...slice })
}

/** The newest run that ended with FAIL or ERROR. */
export function findLastFailure(connection: Connection, test: TestIdentity): Run | undefined {
  return connection.first(lastFailure, test)
}

/** How often the test ran, `after` <= time < `before`, in visible jobs. */
export function countRuns(
  connection: Connection,
  test: TestIdentity,
  { after = 0, before = Number.MAX_SAFE_INTEGER } = {},
): number {
  const range = { name: test.name, variant: test.variant, after, before }
  const all = connection.first(countAll, range)?.count ?? 0
  return all - (connection.first(countHidden, range)?.count ?? 0)
}
