// Test cases of a page of the list: the numbers of their runs in the window, the newest run and the newest failure.

import { sql } from 'kysely'
import { mapInTurn } from '../../lib/cooperative'
import { isCounted, ofShownJob, visible } from '../../results/core/job-reference'
import { toRanAt } from '../../results/core/ran-at'
import { environmentOfRun, type ResolvedScope, runsInScope } from '../../results/scope/queries'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { testStatuses } from '../../storage/seed-data'
import { toTestcase } from '../model'
import { readOutcomes } from '../runs/interruptions'
import type { Times } from './filters'
import { type FoundRun, type FoundTestcaseItem, toReason, toRunRef } from './model'
import { atNewestMoment, firstShown, MAX_SHOWN_AT_ONCE, showRuns } from './runs'

/** The runs of a test case that are counted. */
const MAX_RUNS = 1000

/** Which runs count. */
export interface Counted {
  scope: ResolvedScope | undefined
  window: Times
}

const ERROR = testStatuses.find(({ name }) => name === 'ERROR')?.id

const windowRuns = query<{ testcase: number; from: number; to: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('job', 'job.number', 'test.job')
    .select([
      'test.id',
      'test.ran_at as ranAt',
      'test.status',
      // Only tests that failed are asked for more than the index has.
      sql<number | null>`CASE WHEN test.status = ${sql.lit(ERROR)} THEN test.reported_status END`.as(
        'reported_status',
      ),
      'test.job',
      environmentOfRun.as('environment'),
    ])
    .where('testcase', '=', param('testcase'))
    .where('ran_at', '>=', param('from'))
    .where('ran_at', '<', param('to'))
    .where(visible)
    .where(isCounted)
    .orderBy('ran_at', 'desc')
    .limit(param('limit')),
)
const lastRuns = query<{ testcase: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select(['test.id', 'test.ran_at as ranAt'])
    .where('testcase', '=', param('testcase'))
    .where(ofShownJob)
    .orderBy('ran_at', 'desc')
    .limit(param('limit')),
)
const testcasesById = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(['id', 'text as testcase', 'suite', 'variant'])
    .where(inList('id', param('ids'))),
)

/** The runs of a test case that count, the newest first. */
export async function runsInWindow(connection: Connection, testcase: number, { scope, window }: Counted) {
  const range = { from: toRanAt(window.since), to: toRanAt(window.until), limit: MAX_RUNS }
  const runs = await connection.all(windowRuns, { testcase, ...range })
  return runs.filter(await runsInScope(connection, scope, runs))
}

/** A page of test cases. */
export async function showTestcases(
  connection: Connection,
  ids: readonly number[],
  counted: Counted,
): Promise<FoundTestcaseItem[]> {
  const texts = await connection.all(testcasesById, { ids: toNumberList(ids) })
  const textOf = new Map(texts.map((row) => [row.id, row]))
  const rows = await mapInTurn(
    ids.flatMap((id) => textOf.get(id) ?? []),
    async (text) => {
      const runs = await runsInWindow(connection, text.id, counted)
      const outcomeOf = await readOutcomes(connection, runs)
      const failed = runs.filter((run) => outcomeOf(run) === 'failed')
      // The newest run may be older than the window.
      const isOlder = runs.length === 0 && !counted.scope
      const newest = isOlder
        ? await connection.all(lastRuns, { testcase: text.id, limit: MAX_SHOWN_AT_ONCE })
        : runs
      return {
        text,
        runs: runs.length,
        failures: failed.length,
        last: atNewestMoment<{ id: number; ranAt: number }>(newest),
        lastFailure: atNewestMoment(failed),
      }
    },
  )
  const shown = rows.flatMap(({ last, lastFailure }) => [...last, ...lastFailure])
  const runOf = new Map((await showRuns(connection, shown)).map((run) => [run.id, run]))
  const find = (runs: readonly { id: number }[]): FoundRun | undefined =>
    firstShown(runs.flatMap(({ id }) => runOf.get(id) ?? []))
  return rows.map(({ text, runs, failures, last, lastFailure }) => {
    const lastRun = find(last)
    const failure = find(lastFailure)
    return {
      ...toTestcase(text),
      runs,
      failures,
      last_run: lastRun ? toRunRef(lastRun) : null,
      last_failure: failure ? { ...toRunRef(failure), ...toReason(failure) } : null,
    }
  })
}
