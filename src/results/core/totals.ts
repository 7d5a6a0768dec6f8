// Totals of visible jobs and their tests for every quarter of an hour, by the time of the jobs. They give the numbers
// of a year without reading its jobs.

import { sql } from 'kysely'
import { MINUTE, type Microseconds } from '../../lib/time'
import { type Connection, query, tables } from '../../storage/query'
import { visible } from './job-reference'

/** In microseconds. In every current time zone, a day starts at a full quarter of an hour. */
export const QUARTER = 15 * MINUTE

/** The number of jobs, and of their tests by outcome. */
export interface Totals {
  jobs: number
  passed: number
  errored: number
  failed: number
  not_applicable: number
  warned: number
  unfinished: number
}

const columns = ['passed', 'errored', 'failed', 'not_applicable', 'warned', 'unfinished'] as const
const sumOf = (column: string) => sql<number>`coalesce(sum(${sql.ref(column)}), 0)`
const sums = columns.map((column) => sumOf(column).as(column))

const add = query<Totals & { quarter: number }>()((param) =>
  tables
    .insertInto('quarter_total')
    .values({
      quarter: param('quarter'),
      jobs: param('jobs'),
      passed: param('passed'),
      errored: param('errored'),
      failed: param('failed'),
      not_applicable: param('not_applicable'),
      warned: param('warned'),
      unfinished: param('unfinished'),
    })
    .onConflict((conflict) =>
      conflict
        .column('quarter')
        .doUpdateSet(
          Object.fromEntries(
            (['jobs', ...columns] as const).map((column) => [
              column,
              sql`${sql.ref(`quarter_total.${column}`)} + ${sql.ref(`excluded.${column}`)}`,
            ]),
          ),
        ),
    ),
)

type Range = { after: number; before: number }

const sumQuarters = query<Range>()((param) =>
  tables
    .selectFrom('quarter_total')
    .select([sumOf('jobs').as('jobs'), ...sums])
    .where('quarter', '>=', param('after'))
    .where('quarter', '<', param('before')),
)

const sumJobs = query<Range>()((param) =>
  tables
    .selectFrom('job')
    .select([sql<number>`count(*)`.as('jobs'), ...sums])
    .where(visible)
    .where('time', '>=', param('after'))
    .where('time', '<', param('before')),
)

/** Adds to the totals of the quarter of an hour of `time`. Negative numbers subtract. */
export async function addToTotals(connection: Connection, time: Microseconds, totals: Totals): Promise<void> {
  await connection.run(add, { ...totals, quarter: Math.floor(time / QUARTER) })
}

/** The totals of all visible jobs with `after` <= time < `before`; exact to the microsecond. */
export async function totalsBetween(
  connection: Connection,
  after: Microseconds,
  before: Microseconds,
): Promise<Totals> {
  const first = Math.ceil(after / QUARTER)
  const end = Math.floor(before / QUARTER)
  if (first >= end) return fromJobs(connection, after, before)
  const whole = await connection.first(sumQuarters, { after: first, before: end })
  return [
    await fromJobs(connection, after, first * QUARTER),
    { ...zeroTotals, ...whole },
    await fromJobs(connection, end * QUARTER, before),
  ].reduce(plus)
}

async function fromJobs(connection: Connection, after: Microseconds, before: Microseconds): Promise<Totals> {
  return after < before
    ? { ...zeroTotals, ...(await connection.first(sumJobs, { after, before })) }
    : zeroTotals
}

const zeroTotals: Totals = {
  jobs: 0,
  passed: 0,
  errored: 0,
  failed: 0,
  not_applicable: 0,
  warned: 0,
  unfinished: 0,
}

function plus(a: Totals, b: Totals): Totals {
  return {
    jobs: a.jobs + b.jobs,
    passed: a.passed + b.passed,
    errored: a.errored + b.errored,
    failed: a.failed + b.failed,
    not_applicable: a.not_applicable + b.not_applicable,
    warned: a.warned + b.warned,
    unfinished: a.unfinished + b.unfinished,
  }
}
