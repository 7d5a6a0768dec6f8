// Finds the test that a URL names by its id or its tag.

import { sql } from 'kysely'
import { NotFound } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { maskText } from '../../secrets/mask'
import { defineQuery } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { getJob, getJobToChange, type JobRef, jobRefOf, requireJob } from '../core/job-reference'
import { prefixesOf, type WholeTestRow } from './model'

/** What the resources below a test need to know about it: plain values, which can be sent to the writer. */
export interface TestOwner extends JobRef {
  test: number
}

const highestId = query()(() => tables.selectFrom('test').select((column) => column.fn.max('id').as('id')))

/** An upper bound for the number of tests. */
export async function maxTestCount(connection: Connection): Promise<number> {
  return (await connection.first(highestId, {}))?.id ?? 0
}

/** Tests with their testcases. */
export const testsWithTestcase = tables
  .selectFrom('test')
  .innerJoin('testcase', 'testcase.id', 'test.testcase')
export const briefColumns = [
  'test.id',
  'test.prefix',
  'testcase.text as testcase',
  'test.status',
  'test.reported_status',
] as const

/** All columns for GET /jobs/:job/tests/:test/. */
export const wholeTests = testsWithTestcase
  .innerJoin('job', 'job.number', 'test.job')
  .leftJoin('fail_reason', 'fail_reason.id', 'test.fail_reason')
  .select(briefColumns)
  .select((column) => [
    'test.testcase as testcaseId',
    'testcase.suite',
    'testcase.variant',
    'test.completed_by_activity',
    'test.started',
    'test.elapsed',
    'fail_reason.text as fail_reason',
    'test.environment as own_environment',
    column.fn.coalesce('test.environment', 'job.environment').as('environment'),
  ])

const testById = query<{ job: number; id: number }>()((param) =>
  wholeTests.where('test.id', '=', param('id')).where('test.job', '=', param('job')),
)
// A text has one testcase per suite. Without the CROSS JOIN, SQLite would scan all tests of the job.
const testByTag = query<{ job: number; prefix: string; testcase: string }>()((param) =>
  wholeTests.where(
    'test.id',
    '=',
    sql<number>`(SELECT found.id FROM testcase AS named CROSS JOIN test AS found WHERE named.text = ${param('testcase')} AND found.job = ${param('job')} AND found.testcase = named.id AND found.prefix = ${param('prefix')})`,
  ),
)

/**
 * The test that a URL names: by its id, if this job has it, or else by its tag.
 *
 * @throws NotFound
 */
export async function getTest(
  connection: Connection,
  job: number,
  reference: string | undefined,
): Promise<WholeTestRow> {
  const test =
    (/^[1-9]\d{0,14}$/.test(reference ?? '')
      ? await findTest(connection, job, Number(reference))
      : undefined) ?? (await findTestByTag(connection, job, reference ?? ''))
  if (!test) throw new NotFound()
  return test
}

export function findTest(connection: Connection, job: number, id: number): Promise<WholeTestRow | undefined> {
  return connection.first(testById, { job, id })
}

/** Finds a test however its tag was split: tags are unique in a job. @param tag  as a client sends it, not masked */
export async function findTestByTag(
  connection: Connection,
  job: number,
  tag: string,
): Promise<WholeTestRow | undefined> {
  const stored = maskText(tag)
  for (const prefix of prefixesOf(stored)) {
    const test = await connection.first(testByTag, { job, prefix, testcase: stored.slice(prefix.length) })
    if (test) return test
  }
  return undefined
}

export const hasTest = defineQuery(
  'hasTest',
  async (connection, { job, test }: { job: number; test: number }) =>
    (await findTest(connection, job, test)) !== undefined,
)

export const findTestByTagQuery = defineQuery(
  'findTestByTag',
  (connection, { job, tag }: { job: number; tag: string }) => findTestByTag(connection, job, tag),
)

/** @throws NotFound when the test or its job is deleted. */
export async function requireTest(
  connection: Connection,
  { job, test }: { job: number; test: number },
): Promise<void> {
  await requireJob(connection, job)
  if (!(await findTest(connection, job, test))) throw new NotFound()
}

/** The owner of a test's activities and data. @throws NotFound, Conflict, BadRequest */
export async function getTestOwner(
  connection: Connection,
  params: { job?: string; test?: string },
  options: { deleting: boolean },
): Promise<TestOwner> {
  const owner = jobRefOf(await getJob(connection, params.job, options))
  return { ...owner, test: (await getTest(connection, owner.job, params.test)).id }
}

/** The same for a user who adds to the test or changes it. @throws also Forbidden, when another user created the job */
export async function getTestOwnerToChange(
  connection: Connection,
  params: { job?: string; test?: string },
  user: Identity | undefined,
): Promise<TestOwner> {
  const owner = jobRefOf(await getJobToChange(connection, params.job, user))
  return { ...owner, test: (await getTest(connection, owner.job, params.test)).id }
}

export const testOwnerToChange = defineQuery(
  'testOwnerToChange',
  (connection, { params, user }: { params: { job?: string; test?: string }; user: Identity | undefined }) =>
    getTestOwnerToChange(connection, params, user),
)

export const testOwnerToDelete = defineQuery(
  'testOwnerToDelete',
  (connection, params: { job?: string; test?: string }) =>
    getTestOwner(connection, params, { deleting: true }),
)
