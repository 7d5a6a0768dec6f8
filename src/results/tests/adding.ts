// Adds a test to a job: the write that machines make most. Those that wait at the same time are added together.

import { sql } from 'kysely'
import { NotUnique } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { given, RowsQuery } from '../../storage/rows-query'
import { TestCounters } from '../core/counters'
import { requireJob, visible } from '../core/job-reference'
import { ManyCounters } from '../core/many-counters'
import { splitTag, type WholeTestRow } from './model'
import { insertIfAbsent, type NewTest, timesOf } from './queries'
import { hasReason } from './reasons'
import { findTestByTag } from './reference'
import { mayHaveOtherSplit, testcaseId } from './testcases'

interface Addition {
  job: number
  value: NewTest
  /** When the test was received. */
  now: Microseconds
}

interface NewRow {
  job: number
  prefix: string
  testcase: number
  status: number | null
  reported: number | null
  started: Microseconds | null
  elapsed: number | null
  now: Microseconds
}

const visibleAmong = query<{ jobs: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where(inList('number', param('jobs')))
    .where(visible),
)

const columns = ['job', 'prefix', 'testcase', 'status', 'reported', 'started', 'elapsed', 'now'] as const
const times = timesOf(given('started'), given('now'), (value) => value)

const insertTests = new RowsQuery<NewRow, Pick<NewRow, 'job' | 'prefix' | 'testcase'> & { id: number }>(
  'insertTests',
  columns,
  (rows) =>
    rows
      .insertInto('test')
      .columns([
        ...(['job', 'prefix', 'testcase', 'status', 'reported_status', 'completed_by_activity'] as const),
        ...(['has_started', 'reported_start', 'ran_at', 'elapsed'] as const),
      ])
      .expression((from) =>
        from
          .selectFrom('given')
          .innerJoin('job', 'job.number', 'given.job')
          .select([
            given('job').as('job'),
            given('prefix').as('prefix'),
            given('testcase').as('testcase'),
            given('status').as('status'),
            given('reported').as('reported'),
            sql.lit(0).as('completed_by_activity'),
            times.has_started.as('has_started'),
            times.reported_start.as('reported_start'),
            times.ran_at.as('ran_at'),
            given('elapsed').as('elapsed'),
          ])
          .where(sql<boolean>`true`) // SQLite would read ON CONFLICT as a part of the join
          .$castTo<never>(),
      )
      .onConflict((conflict) => conflict.columns(['job', 'testcase', 'prefix']).doNothing())
      .returning(['id', 'job', 'prefix', 'testcase']),
)

/**
 * Adds a test, or finds an equal one that is already stored.
 *
 * @throws NotFound when the job is deleted; NotUnique when the job has a different test with this tag.
 */
export const addTest = defineWrite('addTest', addOne, { many: addMany })

async function addOne(connection: Connection, { job, value, now }: Addition): Promise<{ id: number }> {
  await requireJob(connection, job)
  // insertIfAbsent() inserts a row for the reason. Refused tests with reasons would make their commits run twice.
  const taken = value.fail_reason != null ? await findTestByTag(connection, job, value.tag) : undefined
  const id = taken ? undefined : await insertIfAbsent(connection, job, value, splitTag(value.tag), { now })
  if (id === undefined) {
    const existing = taken ?? (await findTestByTag(connection, job, value.tag))
    const isSame = existing && isSameTest(existing, value)
    if (!isSame || (value.whole && !(await hasReason(connection, existing.id, value.whole))))
      throw new NotUnique('job', 'tag')
    return { id: existing.id }
  }
  await new TestCounters().add(value.status?.status ?? null).save(connection, job, now)
  return { id }
}

/** Adds those tests that are new and consist of nothing but their own row. */
async function addMany(
  connection: Connection,
  additions: readonly Addition[],
): Promise<({ id: number } | undefined)[]> {
  const jobs = toNumberList([...new Set(additions.map(({ job }) => job))])
  const shown = new Set((await connection.all(visibleAmong, { jobs })).map(({ number }) => number))
  const rows = new Map<string, NewRow>()
  const keys: (string | undefined)[] = []
  for (const addition of additions) {
    const row = shown.has(addition.job) ? await rowOf(connection, addition) : undefined
    const key = row && keyOf(row)
    const isFirst = key !== undefined && !rows.has(key)
    if (isFirst) rows.set(key, row as NewRow)
    keys.push(isFirst ? key : undefined)
  }
  const counters = new ManyCounters()
  const ids = new Map<string, number>()
  for (const { id, ...stored } of await insertTests.all(connection, [...rows.values()])) {
    const key = keyOf(stored)
    const { job, testcase, status, now } = rows.get(key) as NewRow
    ids.set(key, id)
    counters.add(job, status, now)
    connection.markStale(testcase)
  }
  await counters.save(connection)
  return keys.map((key) => {
    const id = key === undefined ? undefined : ids.get(key)
    return id === undefined ? undefined : { id }
  })
}

/** @returns undefined for a test with a reason or an environment, and where its tag may be split in two ways */
async function rowOf(connection: Connection, { job, value, now }: Addition): Promise<NewRow | undefined> {
  if (value.fail_reason != null || value.environment != null) return undefined
  const parts = splitTag(value.tag)
  const testcase = await testcaseId(connection, parts)
  if (await mayHaveOtherSplit(connection, value.tag, parts)) return undefined
  return {
    job,
    prefix: parts.prefix,
    testcase,
    status: value.status?.status ?? null,
    reported: value.status?.reported ?? null,
    started: value.started ?? null,
    elapsed: value.elapsed_time ?? null,
    now,
  }
}

function keyOf({ job, testcase, prefix }: Pick<NewRow, 'job' | 'testcase' | 'prefix'>): string {
  return `${job} ${testcase} ${prefix}`
}

/** A field that is missing in `value` counts as equal. So does a missing status that an activity has set since. */
function isSameTest(test: WholeTestRow, value: NewTest): boolean {
  const status = value.status ?? null
  const sameStatus =
    (status?.status ?? null) === test.status && (status?.reported ?? null) === test.reported_status
  return (
    (sameStatus || (status === null && test.completed_by_activity === 1)) &&
    isUnchanged(value.started, test.started) &&
    isUnchanged(value.elapsed_time, test.elapsed) &&
    isUnchanged(value.fail_reason, test.fail_reason) &&
    isUnchanged(value.environment, test.environment)
  )
}

function isUnchanged<T>(given: T | undefined, stored: T): boolean {
  return given === undefined || given === stored
}
