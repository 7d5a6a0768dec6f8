// The outcomes of runs. Those of interrupted tests depend on the fail reason, and on their jobs: whose time was up?

import { sql } from 'kysely'
import {
  AVOCADO_CATEGORY,
  COMMAND_LINE,
  CONFIGURED_TIMEOUT,
  TIMEOUT_LABEL,
  TIMEOUT_OPTION,
} from '../../results/core/job-timeout'
import {
  type Connection,
  contains,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { MAX_LENGTH } from '../reasons/mask'
import { INTERRUPTED, type Interruption, isInterruptedByTimeout, type Outcome, outcomeOf } from './outcome'

const hasTimeout = sql<number>`(
  EXISTS (SELECT 1 FROM job_label WHERE job_label.job = test.job AND key = ${sql.lit(TIMEOUT_LABEL)})
  OR EXISTS (SELECT 1 FROM job_data WHERE job_data.job = test.job AND category = ${sql.lit(AVOCADO_CATEGORY)}
    AND ((key = ${sql.lit(COMMAND_LINE)} AND ${contains('value', sql.lit(TIMEOUT_OPTION))}) OR key = ${sql.lit(CONFIGURED_TIMEOUT)})))`
/** Starts are in microseconds, durations in seconds. */
const wentOn = sql<number>`EXISTS (SELECT 1 FROM test AS later
  WHERE later.job = test.job AND later.has_started = 1 AND later.id <> test.id
    AND later.ran_at >= test.ran_at + 1000000 * coalesce(test.elapsed, 0))`
const byTests = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', hasTimeout.as('hasTimeout')])
    .select(sql<number>`CASE WHEN ${hasTimeout} AND NOT ${wentOn} THEN 0 ELSE 1 END`.as('wentOn'))
    .where(inList('id', param('tests'))),
)

const interruptedIn = query<{ jobs: NumberList; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select('testcase')
    .distinct()
    .where(inList('test.job', param('jobs')))
    .where('test.reported_status', '=', sql.lit(INTERRUPTED))
    .where(sql<boolean>`${hasTimeout}`)
    .where(inTime)
    .limit(param('limit')),
)

/** Test cases of jobs with a time-out that were interrupted: their outcomes depend on the tests that came after them. */
export async function testcasesInterrupted(
  connection: Connection,
  jobs: readonly number[],
  limit: number,
): Promise<number[]> {
  const rows = await connection.all(interruptedIn, { jobs: toNumberList(jobs), limit })
  return rows.map(({ testcase }) => testcase)
}

const reasonsOf = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('fail_reason', 'fail_reason.id', 'test.fail_reason')
    .select(['test.id', sql<string>`substr(fail_reason.text, 1, ${sql.lit(MAX_LENGTH)})`.as('reason')])
    .where(inList('test.id', param('tests'))),
)

interface Ended {
  /** The id of the test. */
  id: number
  status: number | null
  reported_status: number | null
}

/** Reads what the outcomes of some tests depend on. @returns a function that gives the outcome of one of these tests */
export async function readOutcomes(
  connection: Connection,
  tests: readonly Ended[],
): Promise<(test: Ended) => Outcome> {
  const interrupted = tests.filter(({ reported_status }) => reported_status === INTERRUPTED)
  const alone = ({ status, reported_status }: Ended) => outcomeOf({ status, reported_status, reason: null })
  if (interrupted.length === 0) return alone
  const ids = toNumberList(interrupted.map(({ id }) => id))
  const reasons = new Map(
    (await connection.all(reasonsOf, { tests: ids })).map(({ id, reason }) => [id, reason]),
  )
  const columnsOf = (test: Ended) => ({ ...test, reason: reasons.get(test.id) ?? null })
  const timedOut = interrupted.filter((test) => isInterruptedByTimeout(columnsOf(test)))
  const interruptions = await readInterruptions(
    connection,
    timedOut.map(({ id }) => id),
  )
  return (test) =>
    test.reported_status === INTERRUPTED
      ? outcomeOf(columnsOf(test), interruptions.get(test.id))
      : alone(test)
}

/** @param tests  ids of tests that were interrupted by a time-out. @returns what is known of each, by its id */
async function readInterruptions(
  connection: Connection,
  tests: readonly number[],
): Promise<Map<number, Interruption>> {
  if (tests.length === 0) return new Map()
  const rows = await connection.all(byTests, { tests: toNumberList(tests) })
  return new Map(
    rows.map(({ id, hasTimeout, wentOn }) => [
      id,
      { jobHasTimeout: hasTimeout === 1, jobWentOn: wentOn === 1 },
    ]),
  )
}
