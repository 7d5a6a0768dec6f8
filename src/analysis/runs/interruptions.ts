// What the jobs of tests that were interrupted by a time-out tell about them: whose time was up.

import { sql } from 'kysely'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import type { Interruption } from './outcome'

/** The label of a job that says that it has a time-out. */
const LABEL = 'job_timeout'
/** The option of Avocado, in the command line that an import stores among the data of the job. */
const OPTION = '%--job-timeout%'

const hasTimeout = sql<number>`(
  EXISTS (SELECT 1 FROM job_label WHERE job_label.job = test.job AND key = ${sql.lit(LABEL)})
  OR EXISTS (SELECT 1 FROM job_data WHERE job_data.job = test.job AND category = 'avocado' AND key = 'command line'
    AND value LIKE ${sql.lit(OPTION)}))`
/** Starts are in microseconds, durations in seconds. */
const wentOn = sql<number>`EXISTS (SELECT 1 FROM test AS later
  WHERE later.job = test.job AND later.has_started = 1 AND later.id <> test.id
    AND later.ran_at >= test.ran_at + 1000000 * ifnull(test.elapsed, 0))`
const byTests = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', hasTimeout.as('hasTimeout')])
    .select(sql<number>`CASE WHEN ${hasTimeout} THEN ${wentOn} ELSE 1 END`.as('wentOn'))
    .where(inList('id', param('tests'))),
)

/** @param tests  ids of tests that were interrupted by a time-out. @returns what is known of each, by its id */
export async function readInterruptions(
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
