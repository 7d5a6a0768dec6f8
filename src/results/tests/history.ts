// The history of a test: the runs of its testcase in all jobs. They are ordered by the time of the run, because jobs
// may arrive late and out of order.

import { Type as t } from '@sinclair/typebox'
import { type RawBuilder, sql } from 'kysely'
import type { Direction } from '../../http/resource/ordering'
import { fromNearerEnd, type Slice } from '../../http/resource/pagination'
import { formatTime, type Microseconds } from '../../lib/time'
import {
  type Connection,
  dynamicQuery,
  inTime,
  notIndexed,
  type ParameterOf,
  query,
  tables,
} from '../../storage/query'
import { visible } from '../core/job-reference'
import { toRanAt } from '../core/ran-at'
import { type ResolvedScope, runCondition } from '../scope/queries'
import { brief, type TestRow, toTest } from './model'

export interface Run extends TestRow {
  suite: string
  variant: string | null
  jobId: string
  jobNumber: number
  jobDescription: string | null
  host: string | null
  branch: string | null
  time: Microseconds
  elapsed: number | null
}

export const runItem = t.Object({
  id: brief.id,
  job: brief.job,
  job_number: t.Integer({ description: "The server's own count" }),
  job_description: t.Union([t.String(), t.Null()]),
  host: t.Optional(t.String({ description: 'Where its job ran, if that is known' })),
  branch: t.Optional(t.String({ description: 'The branch of its job, if it has one' })),
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
    ...(run.host !== null && { host: run.host }),
    ...(run.branch !== null && { branch: run.branch }),
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
  .leftJoin('host', 'host.id', 'job.host')
  .leftJoin('branch', 'branch.id', 'job.branch')
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
    'host.name as host',
    'branch.name as branch',
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
function pageOf(param: ParameterOf<Testcase & Slice>, direction: Direction, condition?: RawBuilder<boolean>) {
  let ids = tables
    .selectFrom('test')
    .select('id')
    .where('testcase', '=', param('testcase'))
    .where(sql<boolean>`id NOT IN ${hiddenRuns(param('testcase'))}`)
  if (condition) ids = ids.where(inTime).where(condition)
  return byTime(direction).where(
    'test.id',
    'in',
    ids.orderBy('ran_at', direction).orderBy('id', direction).limit(param('limit')).offset(param('offset')),
  )
}
const newest = query<Testcase & Slice>()((param) => pageOf(param, 'desc'))
const oldest = query<Testcase & Slice>()((param) => pageOf(param, 'asc'))

// Without the `+`, SQLite would scan all tests that failed.
const lastFailure = query<Testcase>()((param) =>
  byTime('desc')
    .where('test.testcase', '=', param('testcase'))
    .where(sql<boolean>`${notIndexed('test.status')} IN (2, 3)`)
    .limit(1),
)

type Testcase = { testcase: number }
type Range = Testcase & { after: Microseconds; before: Microseconds }

// Counts all runs and subtracts those in hidden jobs, instead of looking up the job of each run.
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
    .selectFrom('test')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(sql<boolean>`test.id IN ${hiddenRuns(param('testcase'))}`)
    .where(
      sql<boolean>`${notIndexed('test.ran_at')} >= ${param('after')} AND ${notIndexed('test.ran_at')} < ${param('before')}`,
    ),
)

/** The id of a test's testcase. @returns undefined when the test is deleted. */
export async function findTestcaseOf(connection: Connection, test: number): Promise<number | undefined> {
  return (await connection.first(testcaseOf, { test }))?.testcase
}

/** @param scope  which of the runs. */
export function listRuns(
  connection: Connection,
  testcase: number,
  slice: Slice,
  scope?: ResolvedScope | undefined,
): Promise<Run[]> {
  return fromNearerEnd(slice, (slice, reversed) => {
    const page = scope
      ? dynamicQuery<Testcase & Slice>('listRuns')((param) =>
          pageOf(param, reversed ? 'asc' : 'desc', runCondition(scope)),
        )
      : reversed
        ? oldest
        : newest
    return connection.all(page, { testcase, ...slice })
  })
}

/** The newest run that ended with FAIL or ERROR. */
export function findLastFailure(connection: Connection, testcase: number): Promise<Run | undefined> {
  return connection.first(lastFailure, { testcase })
}

/** How often a testcase ran in visible jobs, with `after` <= time < `before`, within a scope if there is one. */
export async function countRuns(
  connection: Connection,
  testcase: number,
  {
    after = 0,
    before = Number.MAX_SAFE_INTEGER,
    scope,
  }: { after?: number; before?: number; scope?: ResolvedScope | undefined } = {},
): Promise<number> {
  const range = { testcase, after: toRanAt(after), before: toRanAt(before) }
  if (scope) {
    const counted = dynamicQuery<Range>('countRuns')((param) =>
      tables
        .selectFrom('test')
        .select((column) => column.fn.countAll<number>().as('count'))
        .where('testcase', '=', param('testcase'))
        .where('ran_at', '>=', param('after'))
        .where('ran_at', '<', param('before'))
        .where(sql<boolean>`id NOT IN ${hiddenRuns(param('testcase'))}`)
        .where(inTime)
        .where(runCondition(scope)),
    )
    return (await connection.first(counted, range))?.count ?? 0
  }
  const all = (await connection.first(countAll, range))?.count ?? 0
  return all - ((await connection.first(countHidden, range))?.count ?? 0)
}
