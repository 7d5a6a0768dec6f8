// Names of jobs, hosts and test cases for an answer, each looked up once.

import { sql } from 'kysely'
import { compareTexts } from '../../lib/texts'
import type { Microseconds } from '../../lib/time'
import { toRanAt } from '../../results/core/ran-at'
import { type Connection, dynamicQuery, members, notIndexed, query, tables } from '../../storage/query'
import { toJobItem } from '../names'

export interface JobName {
  number: number
  id: string
  time: Microseconds
  host: string | null
  tests: number
}

export interface TestcaseName {
  id: number
  testcase: string
  suite: string
  variant: string | null
}

/** Deleted and hidden jobs are left out. */
export async function jobNames(
  connection: Connection,
  numbers: Iterable<number | null>,
): Promise<Map<number, JobName>> {
  const wanted = [...new Set(numbers)].filter((number) => number !== null)
  if (wanted.length === 0) return new Map()
  const listed = dynamicQuery('jobNames')(() =>
    tables
      .selectFrom('job')
      .leftJoin('host', 'host.id', 'job.host')
      .select(['job.number', 'job.id', 'job.time', 'host.name as host', 'job.tests_total as tests'])
      .where(sql<boolean>`job.number IN ${members(wanted)}`)
      .where(sql<boolean>`${notIndexed('job.complete')} = 1`),
  )
  return new Map((await connection.all(listed, {})).map((job) => [job.number, job] as const))
}

export async function testcaseNames(
  connection: Connection,
  ids: Iterable<number>,
): Promise<Map<number, TestcaseName>> {
  const listed = dynamicQuery('testcaseNames')(() =>
    tables
      .selectFrom('testcase')
      .select(['id', 'text as testcase', 'suite', 'variant'])
      .where(sql<boolean>`id IN ${members([...new Set(ids)])}`),
  )
  return new Map((await connection.all(listed, {})).map((testcase) => [testcase.id, testcase] as const))
}

/** In the order of time. */
export function compareJobs(one: JobName, other: JobName): number {
  return one.time - other.time || compareTexts(one.id, other.id)
}

export function toPlacedJob(job: JobName) {
  return { ...toJobItem(job), host: job.host }
}

/** A longer reason is on the page of its test. */
const REASON_LENGTH = 1000

const sampleTest = tables
  .selectFrom('test')
  .innerJoin('testcase', 'testcase.id', 'test.testcase')
  .leftJoin('fail_reason', 'fail_reason.id', 'test.fail_reason')
  .select([
    'test.id',
    'test.job',
    'test.prefix',
    'testcase.text as testcase',
    'test.status',
    'test.reported_status',
    'test.time',
    sql<string | null>`substr(fail_reason.text, 1, ${sql.lit(REASON_LENGTH)})`.as('reason'),
  ])
const testById = query<{ test: number }>()((param) => sampleTest.where('test.id', '=', param('test')))
const failureIn = query<{ job: number; testcase: number }>()((param) =>
  sampleTest
    .where('test.job', '=', param('job'))
    .where('test.testcase', '=', param('testcase'))
    .where(sql<boolean>`${notIndexed('test.status')} IN (2, 3)`)
    .orderBy('test.ran_at', 'desc')
    .orderBy('test.prefix', 'desc')
    .limit(1),
)

export type SampleTest = NonNullable<Awaited<ReturnType<typeof findTest>>>

export function findTest(connection: Connection, test: number) {
  return connection.first(testById, { test })
}

/** A failure of a test case in a job. */
export function findFailureIn(connection: Connection, job: number, testcase: number) {
  return connection.first(failureIn, { job, testcase })
}

/** How many earlier runs are looked at to find one that passed. */
const MAX_EARLIER = 500

const lastPass = query<{ testcase: number; before: number; host: number; limit: number }>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom('test')
        .select(['job', 'ran_at'])
        .where('testcase', '=', param('testcase'))
        .where('ran_at', '<', param('before'))
        .where(sql<boolean>`status IN (1, 5)`)
        .orderBy('ran_at', 'desc')
        .limit(param('limit'))
        .as('earlier'),
    )
    .crossJoin('job')
    .select('job.number')
    .whereRef('job.number', '=', 'earlier.job')
    .where(sql<boolean>`${notIndexed('job.complete')} = 1`)
    .where(sql<boolean>`coalesce(job.host, 0) = ${param('host')}`)
    .orderBy('earlier.ran_at', 'desc')
    .orderBy('job.id', 'desc')
    .limit(1),
)

/** The last job in which a test case passed on a host before a time. */
export async function findLastPass(
  connection: Connection,
  { testcase, host, before }: { testcase: number; host: number; before: Microseconds },
): Promise<number | null> {
  const asked = { testcase, host, before: toRanAt(before), limit: MAX_EARLIER }
  return (await connection.first(lastPass, asked))?.number ?? null
}
