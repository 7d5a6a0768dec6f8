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

/** After this time no further job is looked at, in milliseconds: queries of clients wait for it. */
const LONGEST_LOOK_MS = 20

/**
 * Looks for other reports of these jobs, of the first of them at least. What of a job is found depends on the jobs as they
 * are, not on which came first.
 *
 * @returns what differs from what is stored, and how many of the jobs were looked at.
 */
export const findDuplicates = defineQuery(
  'findDuplicates',
  async (
    connection,
    { jobs }: { jobs: number[] },
  ): Promise<{ duplicates: Duplicate[]; lookedAt: number }> => {
    const look = new Look(connection)
    const end = performance.now() + LONGEST_LOOK_MS
    let lookedAt = 0
    for (const job of jobs) {
      if (lookedAt > 0 && performance.now() > end) break
      await look.around(job)
      lookedAt++
    }
    return { duplicates: [...look.found].map(([job, of]) => ({ job, of })), lookedAt }
  },
)

class Look {
  /** What is to be stored, by the number of the job. */
  readonly found = new Map<number, number | null>()

  constructor(private readonly connection: Connection) {}

  /** Finds what a job is a report of, and what the jobs are that are like it now, or were. */
  async around(number: number): Promise<void> {
    const job = await this.jobAt(number)
    if (!job) return
    const alike = await this.reportsLike(job)
    this.note(job, alike)
    // What was a report of this job may be one of another now.
    const before = await this.connection.all(reportsOf, { job: number })
    for (const other of await mapInTurn(before, (one) => this.jobAt(one.number))) {
      if (other) this.note(other, await this.reportsLike(other))
    }
    // The others stay what they are, unless this job tells more.
    for (const other of await mapInTurn(alike, (one) => this.jobAt(one.number))) {
      if (!other || other.duplicate_of === number) continue
      const best = other.duplicate_of === null ? other : await this.jobAt(other.duplicate_of)
      if (!best) this.note(other, await this.reportsLike(other))
      else if (isBetter(job, best)) this.found.set(other.number, number)
    }
  }

  /** @param alike  other reports of the same run. */
  private note(job: Job, alike: readonly Job[]): void {
    const best = alike.reduce((one, other) => (isBetter(other, one) ? other : one), job)
    const of = best === job ? null : best.number
    if (of !== job.duplicate_of) this.found.set(job.number, of)
  }

  /** The jobs that report the same run as a job. */
  private async reportsLike(job: Job): Promise<Job[]> {
    const candidates = await findCandidates(this.connection, job)
    if (candidates.length === 0) return []
    const own = await testsOf(this.connection, job.number)
    const alike: Job[] = []
    for (const number of candidates) {
      const other = await this.jobAt(number)
      if (other && isSameRun(own, await testsOf(this.connection, number))) alike.push(other)
    }
    return alike
  }

  /** A job as it is once what was found so far is stored. */
  private async jobAt(number: number): Promise<Job | undefined> {
    const job = await findJob(this.connection, number)
    const of = this.found.get(number)
    return job && of !== undefined ? { ...job, duplicate_of: of } : job
  }
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
