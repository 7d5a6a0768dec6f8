// The numbers that are kept so that nobody has to count: tests of each status in a job, jobs of each status on the
// server. They change in the transaction of the rows they count.

import { sql } from 'kysely'
import { type Connection, query, tables } from '../storage/query'

type Counter = 'passed' | 'errored' | 'failed' | 'not_applicable' | 'warned' | 'unfinished'
type Counts = Record<Counter, number>

/** By test status; the first is for tests without one. */
const counters: readonly Counter[] = ['unfinished', 'passed', 'errored', 'failed', 'not_applicable', 'warned']

const addToJob = query<Counts & { job: number }>()((param) =>
  tables
    .updateTable('job')
    .set({
      passed: sql`passed + ${param('passed')}`,
      errored: sql`errored + ${param('errored')}`,
      failed: sql`failed + ${param('failed')}`,
      not_applicable: sql`not_applicable + ${param('not_applicable')}`,
      warned: sql`warned + ${param('warned')}`,
      unfinished: sql`unfinished + ${param('unfinished')}`,
    })
    .where('number', '=', param('job'))
    .returning('complete'),
)

const addToTotal = query<{ status: number; jobs: number }>()((param) =>
  tables
    .updateTable('job_total')
    .set({ jobs: sql`jobs + ${param('jobs')}` })
    .where('status', '=', param('status')),
)

const allTotals = query()(() => tables.selectFrom('job_total').select(['status', 'jobs']))

/** A tally of changes to one job's counters, written at once. */
export class TestCounters {
  private readonly changes: Counts = {
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

  save(connection: Connection, job: number): void {
    if (connection.first(addToJob, { job, ...this.changes })?.complete === 1) connection.touch(job)
  }
}

/** Counts visible jobs: +1 when one appears with this status, -1 when one goes. */
export function countJobs(connection: Connection, status: number | null, jobs: 1 | -1): void {
  connection.run(addToTotal, { status: status ?? 0, jobs })
}

/** How many visible jobs there are, by job status; 0: none. */
export function jobTotals(connection: Connection): Map<number, number> {
  return new Map(connection.all(allTotals, {}).map(({ status, jobs }) => [status, jobs]))
}
