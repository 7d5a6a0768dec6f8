// Stores the rows of several new tests with one statement.

import { sql } from 'kysely'
import { NotUnique } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import type { Connection } from '../../storage/query'
import { given, MAX_ROWS, RowsQuery } from '../../storage/rows-query'
import { splitTag, type TagParts } from './model'
import { type NewTest, storeTest, timesOf } from './queries'
import { mayHaveOtherSplit, testcaseId } from './testcases'

/** A test that consists of nothing but its own row. */
export interface NewRow {
  job: number
  prefix: string
  testcase: number
  status: number | null
  reported: number | null
  started: Microseconds | null
  elapsed: number | null
  /** When the test was received; null: when its job was last reported on. */
  now: Microseconds | null
}

type Key = Pick<NewRow, 'job' | 'prefix' | 'testcase'>

const columns = ['job', 'prefix', 'testcase', 'status', 'reported', 'started', 'elapsed', 'now'] as const
const times = timesOf(given('started'), given('now'), (value) => value)

const insertTests = new RowsQuery<NewRow, Key & { id: number }>('insertTests', columns, (rows) =>
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
 * Inserts up to MAX_ROWS tests, with rising ids. The caller updates the counters.
 *
 * @returns the ids by keyOf() of those that their jobs did not have.
 */
export async function insertRows(
  connection: Connection,
  rows: readonly NewRow[],
): Promise<Map<string, number>> {
  const inserted = await insertTests.all(connection, rows)
  return new Map(inserted.map((row) => [keyOf(row), row.id]))
}

/** What identifies a test, unless its tag may be split in several ways. */
export function keyOf({ job, testcase, prefix }: Key): string {
  return `${job} ${testcase} ${prefix}`
}

/** @returns undefined for a test with a reason or an environment, and where its tag may be split in two ways */
export async function rowOf(
  connection: Connection,
  job: number,
  value: NewTest,
  { parts = splitTag(value.tag), now = null }: { parts?: TagParts; now?: Microseconds | null } = {},
): Promise<NewRow | undefined> {
  if (value.fail_reason != null || value.environment != null) return undefined
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

/** A test of a new job. */
interface TestOfNewJob {
  value: NewTest
  parts?: TagParts
  /** Its status comes from one of its activities. */
  completedByActivity?: boolean
}

/** Of fewer, a statement for each is as fast. */
const MIN_TOGETHER = 8

/**
 * Stores tests of a new job, which the write that shows the job marks as stale. The caller updates the counters.
 *
 * @returns their ids, which rise in the given order.
 * @throws NotUnique when two of them have the same tag.
 */
export async function storeNewTests(
  connection: Connection,
  job: number,
  tests: readonly TestOfNewJob[],
  now: Microseconds | null,
): Promise<number[]> {
  const ids: number[] = []
  let waiting: { test: TestOfNewJob; row: NewRow }[] = []
  const storeOne = async ({ value, ...options }: TestOfNewJob) => {
    ids.push(await storeTest(connection, job, value, { ...options, ...(now && { now }), isJobNew: true }))
  }
  const storeWaiting = async () => {
    const together = waiting
    waiting = []
    if (together.length < MIN_TOGETHER) for (const { test } of together) await storeOne(test)
    else {
      const stored = await insertRows(
        connection,
        together.map(({ row }) => row),
      )
      if (stored.size < together.length) throw new NotUnique('job', 'tag')
      for (const { row } of together) ids.push(stored.get(keyOf(row)) as number)
    }
  }
  for (const test of tests) {
    const row = test.completedByActivity
      ? undefined
      : await rowOf(connection, job, test.value, { ...(test.parts && { parts: test.parts }), now })
    if (row) waiting.push({ test, row })
    if (!row || waiting.length === MAX_ROWS) await storeWaiting()
    if (!row) await storeOne(test)
  }
  await storeWaiting()
  return ids
}
