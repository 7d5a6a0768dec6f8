// Counters of the tests of each status in a job, and of the jobs of each status on the server. They change in the same
// transaction as the rows that they count.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { type Connection, dynamicQuery, type Query, query, tables } from '../../storage/query'
import { setEnded } from './endings'
import { markVerdictPlace } from './stale-jobs'
import { addToTotals } from './totals'

/** Column names by test status; the first is for tests without a status. */
export const counters = ['unfinished', 'passed', 'errored', 'failed', 'not_applicable', 'warned'] as const
type Counter = (typeof counters)[number]
export type Counts = Record<Counter, number>

/** The bits of `job.outcomes`. A bit is set when the job has a test with this outcome. */
export const outcomeBits = {
  passed: 1,
  errored: 2,
  failed: 4,
  not_applicable: 8,
  warned: 16,
  unfinished: 32,
  not_started: 64,
} as const

/** The same bits under their names in the API. */
export const outcomeWords = {
  PASS: outcomeBits.passed,
  ERROR: outcomeBits.errored,
  FAIL: outcomeBits.failed,
  TEST_NA: outcomeBits.not_applicable,
  WARN: outcomeBits.warned,
  unfinished: outcomeBits.unfinished,
  not_started: outcomeBits.not_started,
} as const

/** The largest value of `job.outcomes`: every bit is set. */
const ALL_OUTCOMES = 127

/** All values of `job.outcomes` with at least one of these bits. @param bits  undefined: all values */
export function combinationsWith(bits: number | undefined): number[] {
  const all = Array.from({ length: ALL_OUTCOMES + 1 }, (_, combination) => combination)
  return bits === undefined ? all : all.filter((combination) => (combination & bits) !== 0)
}

export function outcomesOf(job: Counts & { not_started: number }): number {
  let bits = 0
  for (const [name, bit] of Object.entries(outcomeBits)) {
    if (job[name as keyof typeof outcomeBits] > 0) bits |= bit
  }
  return bits
}

type Addition = Counts & { job: number; lastReportAt: Microseconds | null }
type AddToJob = Query<Addition, CountedJob>

/** A job with its counters, as an UPDATE of them returns it. */
export interface CountedJob extends Counts {
  number: number
  time: Microseconds
  complete: number
  status: number | null
  not_started: number
  outcomes: number
  ended_at: Microseconds | null
}

export const countedColumns = [
  ...['number', ...counters],
  ...['time', 'complete', 'status', 'not_started', 'outcomes', 'ended_at'],
] as (keyof CountedJob)[]

const additions = new Map<string, AddToJob>()

/** Sets only the counters that change: SQLite rewrites the index entries of every column that an UPDATE sets. */
function addToJob(changed: readonly Counter[]): AddToJob {
  const key = changed.join()
  let addition = additions.get(key)
  if (!addition) {
    addition = dynamicQuery<Addition>('addToJob')((param) =>
      tables
        .updateTable('job')
        .set({
          ...Object.fromEntries(changed.map((name) => [name, sql`${sql.ref(name)} + ${param(name)}`])),
          last_report_at: sql`coalesce(${param('lastReportAt')}, last_report_at)`,
        })
        .where('number', '=', param('job'))
        .returning(countedColumns),
    )
    additions.set(key, addition)
  }
  return addition
}

const setOutcomes = query<{ job: number; outcomes: number }>()((param) =>
  tables
    .updateTable('job')
    .set({ outcomes: param('outcomes') })
    .where('number', '=', param('job')),
)

const addToTotal = query<{ status: number; outcomes: number; jobs: number }>()((param) =>
  tables
    .insertInto('job_total')
    .values({ status: param('status'), outcomes: param('outcomes'), jobs: param('jobs') })
    .onConflict((conflict) =>
      conflict.columns(['status', 'outcomes']).doUpdateSet({ jobs: sql`job_total.jobs + excluded.jobs` }),
    ),
)

const allTotals = query()(() => tables.selectFrom('job_total').select(['status', 'outcomes', 'jobs']))

const setLastReport = query<{ job: number; now: Microseconds }>()((param) =>
  tables
    .updateTable('job')
    .set({ last_report_at: param('now') })
    .where('number', '=', param('job')),
)

/** Collects changes to one job's counters. save() writes them in one statement. */
export class TestCounters {
  readonly changes: Counts = {
    passed: 0,
    errored: 0,
    failed: 0,
    not_applicable: 0,
    warned: 0,
    unfinished: 0,
  }

  add(status: number | null): this {
    this.changes[counters[status ?? 0] as Counter]++
    return this
  }

  remove(status: number | null): this {
    this.changes[counters[status ?? 0] as Counter]--
    return this
  }

  /** @param lastReportAt  null: the change is not a report on the job. */
  async save(connection: Connection, job: number, lastReportAt: Microseconds | null = null): Promise<void> {
    const changed = counters.filter((name) => this.changes[name] !== 0)
    if (changed.length === 0) return
    const row = await connection.first(addToJob(changed), { job, lastReportAt, ...this.changes })
    if (!row) return
    await followCounters(connection, row, lastReportAt !== null)
    if (row.complete === 1) await addToTotals(connection, row.time, { jobs: 0, ...this.changes })
  }
}

/**
 * Updates what else depends on the counters of a job, but for the totals by time.
 *
 * @param row  the job with its new counters.
 */
export async function followCounters(
  connection: Connection,
  row: CountedJob,
  isReport: boolean,
): Promise<void> {
  const { number: job } = row
  const outcomes = outcomesOf(row)
  if (outcomes !== row.outcomes) await connection.run(setOutcomes, { job, outcomes })
  if (row.complete === 0) return
  if (row.ended_at !== null) {
    if (isReport) await setEnded(connection, job, null)
    else await markVerdictPlace(connection, job)
  }
  if (outcomes !== row.outcomes) {
    await adjustJobTotals(connection, row, -1)
    await adjustJobTotals(connection, { ...row, outcomes }, 1)
  }
  connection.markChanged('job', job)
}

/** Adds +1 or -1 to the number of visible jobs with this status and these outcomes. */
export async function adjustJobTotals(
  connection: Connection,
  { status, outcomes }: { status: number | null; outcomes: number },
  jobs: 1 | -1,
): Promise<void> {
  await connection.run(addToTotal, { status: status ?? 0, outcomes, jobs })
}

/** How many visible jobs there are with each status (0: without one) and each combination of outcomes. */
export function jobTotals(
  connection: Connection,
): Promise<{ status: number; outcomes: number; jobs: number }[]> {
  return connection.all(allTotals, {})
}

/** How many visible jobs there are. */
export async function countJobs(connection: Connection): Promise<number> {
  return (await jobTotals(connection)).reduce((sum, { jobs }) => sum + jobs, 0)
}

/** Stores the time of the last report on a job. A running job without reports becomes stale. */
export async function recordReport(connection: Connection, job: number, now: Microseconds): Promise<void> {
  await connection.run(setLastReport, { job, now })
}
