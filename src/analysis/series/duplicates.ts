// Finds jobs that are another report of a job: one tool writes results.json, another the xUnit of the same run. Their runs
// count once.

import { sql } from 'kysely'
import { mapInTurn } from '../../lib/cooperative'
import type { Microseconds } from '../../lib/time'
import { markStaleJob } from '../../results/core/stale-jobs'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { findCandidates, LEAST_SECONDS, LEAST_TESTS } from './duplicate-candidates'

/**
 * Where two reports of one run both tell a start, it is the same, in microseconds. Tests that sleep take the same time every
 * night. See duplicate-candidates.ts, too.
 */
const SAME_START: Microseconds = 1_000_000
const LEAST_SHARE = 0.9
const MAX_TESTS = 20_000

const jobByNumber = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'id', 'host', 'time', 'environment', 'duplicate_of'])
    .select(
      sql<number>`EXISTS (SELECT 1 FROM test WHERE test.job = job.number AND test.has_started = 1)`.as(
        'hasStarts',
      ),
    )
    .where('number', '=', param('job'))
    .where(sql<boolean>`complete = 1`),
)
const timedTests = query<{ job: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .select([
      'testcase.text',
      'started',
      sql<number>`CAST(round(elapsed * 1000) AS INTEGER)`.as('milliseconds'),
    ])
    .where('job', '=', param('job'))
    .where('elapsed', '>=', sql.lit(LEAST_SECONDS))
    .limit(param('limit')),
)

const reportsOf = query<{ job: number }>()((param) =>
  tables.selectFrom('job').select('number').where('duplicate_of', '=', param('job')),
)

type Job = NonNullable<Awaited<ReturnType<typeof findJob>>>

/** A job that is another report of a job, or of none any more. Numbers. */
export interface Duplicate {
  job: number
  of: number | null
}

/**
 * Looks for other reports of these jobs. What of a job is found depends on the jobs as they are, not on which came first.
 *
 * @returns what differs from what is stored.
 */
export const findDuplicates = defineQuery(
  'findDuplicates',
  async (connection, { jobs }: { jobs: number[] }): Promise<Duplicate[]> => {
    const found = new Map<number, number | null>()
    for (const job of jobs) {
      for (const { job: left, of } of await duplicatesAround(connection, job)) found.set(left, of)
    }
    return [...found].map(([job, of]) => ({ job, of }))
  },
)

/** The job itself, those that are like it now, and those that were. */
async function duplicatesAround(connection: Connection, number: number): Promise<Duplicate[]> {
  const job = await findJob(connection, number)
  if (!job) return []
  const alike = await reportsLike(connection, job)
  const before = await connection.all(reportsOf, { job: number })
  const others = new Set([...alike, ...before].map((other) => other.number))
  const differing = differenceOf(job, alike)
  for (const other of await mapInTurn([...others], (one) => findJob(connection, one))) {
    if (other) differing.push(...differenceOf(other, await reportsLike(connection, other)))
  }
  return differing
}

/** @param alike  other reports of the same run. */
function differenceOf(job: Job, alike: readonly Job[]): Duplicate[] {
  const best = alike.reduce((one, other) => (isBetter(other, one) ? other : one), job)
  const of = best === job ? null : best.number
  return of === job.duplicate_of ? [] : [{ job: job.number, of }]
}

/** The jobs that report the same run as a job. */
async function reportsLike(connection: Connection, job: Job): Promise<Job[]> {
  const candidates = await findCandidates(connection, job)
  if (candidates.length === 0) return []
  const own = await testsOf(connection, job.number)
  const found: Job[] = []
  for (const number of candidates) {
    const other = await findJob(connection, number)
    if (other && isSameRun(own, await testsOf(connection, number))) found.push(other)
  }
  return found
}

function findJob(connection: Connection, job: number) {
  return connection.first(jobByNumber, { job })
}

interface TimedTests {
  /** The start of each test by its elapsed time and test case; null: nobody told it. */
  starts: Map<string, Microseconds | null>
  count: number
}

async function testsOf(connection: Connection, job: number): Promise<TimedTests> {
  const rows = await connection.all(timedTests, { job, limit: MAX_TESTS })
  return {
    starts: new Map(rows.map(({ text, milliseconds, started }) => [`${milliseconds} ${text}`, started])),
    count: rows.length,
  }
}

function isSameRun(one: TimedTests, other: TimedTests): boolean {
  let common = 0
  for (const [key, start] of one.starts) {
    const same = other.starts.get(key)
    if (same === undefined) continue
    if (start === null || same === null || Math.abs(start - same) <= SAME_START) common++
  }
  return common >= LEAST_TESTS && common >= LEAST_SHARE * Math.min(one.count, other.count)
}

/** The one that tells more: with environment, then with the starts of tests, then the lower id. */
function isBetter(one: Job, other: Job): boolean {
  const knows = Number(one.environment !== null) - Number(other.environment !== null)
  const tells = one.hasStarts - other.hasStarts
  return (knows || tells || (one.id < other.id ? 1 : -1)) > 0
}

const setDuplicate = query<Duplicate>()((param) =>
  tables
    .updateTable('job')
    .set({ duplicate_of: sql<number>`${param('of')}` })
    .where('number', '=', param('job')),
)

/** Notes which jobs are other reports. */
export const storeDuplicates = defineWrite(
  'storeDuplicates',
  async (connection, { duplicates }: { duplicates: Duplicate[] }): Promise<void> => {
    for (const { job, of } of duplicates) {
      await connection.run(setDuplicate, { job, of })
      await markStaleJob(connection, job)
      connection.markChanged('job', job)
    }
  },
)
