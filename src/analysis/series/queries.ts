// The queries and writes of the background: they analyse test cases whose runs changed and store the differences.
//
// The reading runs in the reader's worker, because it takes milliseconds a test case; the writer only stores what
// differs. Runs may change in between. So a mark is removed only if it is not newer than what was read.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { excluded } from '../../storage/excluded'
import { lastChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { endTask, findTask, putTask } from '../../storage/tasks'
import { markIncidents } from '../known-issues/marks'
import { RuleSet } from '../known-issues/rules'
import { markClusters } from '../reasons/clusters'
import { markReasons } from '../regressions/beginnings'
import { templateId, writeRegressions } from '../regressions/stored'
import { RunContext } from '../runs/context'
import { type Run, readWindow } from '../runs/read'
import { leavesWindowAt } from '../runs/window'
import { derive } from './derive'
import { writeFailures } from './failures'
import { type Difference, differenceOf, isEmpty, type StoredFlakiness } from './stored'

/** The name of the task that analyses all test cases of an upgraded database. The migration adds it. */
export const FILLING = 'analyse all test cases'

/** How far the filling is: the last test case that was analysed, and the last one that there was. */
export interface Filling {
  testcase: number
  of: number
}

/** How long one query analyses, and one write stores, in milliseconds. */
const MAX_READ_MS = 8
const MAX_TESTCASES = 100

const marked = query<{ after: number; limit: number }>()((param) =>
  tables
    .selectFrom('stale_testcase')
    .select('testcase')
    .where('testcase', '>', param('after'))
    .orderBy('testcase')
    .limit(param('limit')),
)
const unfilled = query<{ after: number; of: number; limit: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .select('id as testcase')
    .where('id', '>', param('after'))
    .where('id', '<=', param('of'))
    .orderBy('id')
    .limit(param('limit')),
)

/** What a query has found, for the write that stores it. Plain values. */
export interface Analysis {
  /** The number of the last commit that it saw. */
  change: number
  /** The test cases that it looked at, in the order of their ids. */
  testcases: number[]
  differences: Difference[]
  /** The ids of fail reasons, with the templates that they have. */
  templates: [number, string][]
  /** Those of the test cases that known issues may match, or matched. */
  incidents: number[]
}

/** Analyses the next test cases that are marked. @param after  the last one of the time before */
export const analyseMarked = defineQuery(
  'analyseMarked',
  async (connection, { now, after }: { now: Microseconds; after: number }): Promise<Analysis> => {
    const rows = await connection.all(marked, { after, limit: MAX_TESTCASES })
    return analyse(connection, rows, now)
  },
)

/** Analyses the next test cases of the filling. */
export const analyseUnfilled = defineQuery(
  'analyseUnfilled',
  async (connection, { now, filling }: { now: Microseconds; filling: Filling }): Promise<Analysis> => {
    const { testcase: after, of } = filling
    return analyse(connection, await connection.all(unfilled, { after, of, limit: MAX_TESTCASES }), now)
  },
)

async function analyse(
  connection: Connection,
  rows: readonly { testcase: number }[],
  now: Microseconds,
): Promise<Analysis> {
  const end = performance.now() + MAX_READ_MS
  const context = new RunContext(connection)
  const rules = await RuleSet.read(connection)
  const testcases: number[] = []
  const differences: Difference[] = []
  const incidents: number[] = []
  for (const { testcase } of rows) {
    const { difference, runs } = await analyseTestcase(connection, context, testcase, now)
    testcases.push(testcase)
    if (!isEmpty(difference)) differences.push(difference)
    if (await rules.concern(testcase, runs)) incidents.push(testcase)
    if (performance.now() > end) break
  }
  const change = await lastChange(connection)
  return { change, testcases, differences, templates: [...context.newTemplates], incidents }
}

/** How what is stored of a test case differs from what its runs tell now, and these runs. */
export async function analyseTestcase(
  connection: Connection,
  context: RunContext,
  testcase: number,
  now: Microseconds,
): Promise<{ difference: Difference; runs: readonly Run[] }> {
  const { runs, isTruncated, window } = await readWindow(connection, context, testcase, now)
  const [oldest] = runs
  // A window that is cut by the number of runs begins later anyway, and one of the past stays.
  const leaves = oldest && !isTruncated ? leavesWindowAt(oldest.time) : null
  const due = leaves !== null && leaves > now ? leaves : null
  const range = { from: oldest?.time ?? window.from, due }
  return { difference: await differenceOf(connection, testcase, derive(runs), range), runs }
}

const deleteMark = query<{ testcase: number; change: number }>()((param) =>
  tables
    .deleteFrom('stale_testcase')
    .where('testcase', '=', param('testcase'))
    .where('change', '<=', param('change')),
)
const deleteSeries = query<{ id: number }>()((param) =>
  tables.deleteFrom('series').where('id', '=', param('id')),
)
type SeriesRow = Omit<Difference['series'][number], 'id'> & { testcase: number }
const seriesColumns = (param: (name: keyof SeriesRow) => ReturnType<typeof sql<never>>) => ({
  testcase: param('testcase'),
  host: param('host'),
  branch: param('branch'),
  distro: param('distro'),
  last_time: param('last_time'),
  last_job: param('last_job'),
  state: param('state'),
  since_job: param('since_job'),
  streak: param('streak'),
  runs: param('runs'),
  failures: param('failures'),
  flakes: param('flakes'),
  events: param('events'),
})
const insertSeries = query<SeriesRow>()((param) =>
  tables.insertInto('series').values(seriesColumns(param as never)),
)
const updateSeries = query<SeriesRow & { id: number }>()((param) =>
  tables
    .updateTable('series')
    .set(seriesColumns(param as never))
    .where('id', '=', param('id')),
)
const deleteFlakiness = query<{ testcase: number }>()((param) =>
  tables.deleteFrom('testcase_flakiness').where('testcase', '=', param('testcase')),
)
const putFlakiness = query<Omit<StoredFlakiness, 'templates'> & { testcase: number; templates: string }>()(
  (param) =>
    tables
      .insertInto('testcase_flakiness')
      .values({
        testcase: param('testcase'),
        rate: param('rate'),
        low: param('low'),
        high: param('high'),
        flaky: param('flaky'),
        flakes: param('flakes'),
        runs: param('runs'),
        due: sql`${param('due')}`,
        events: param('events'),
        streak_flakes: param('streak_flakes'),
        streak_runs: param('streak_runs'),
        last_flake: sql`${param('last_flake')}`,
        last_flake_time: sql`${param('last_flake_time')}`,
        cost: param('cost'),
        templates: param('templates'),
      })
      .onConflict((conflict) =>
        conflict
          .column('testcase')
          .doUpdateSet(
            excluded(
              'rate',
              'low',
              'high',
              'flaky',
              'flakes',
              'runs',
              'due',
              'events',
              'streak_flakes',
              'streak_runs',
              'last_flake',
              'last_flake_time',
              'cost',
              'templates',
            ),
          ),
      ),
)
const setTemplate = query<{ reason: number; template: number }>()((param) =>
  tables
    .updateTable('fail_reason')
    .set({ template: param('template') })
    .where('id', '=', param('reason')),
)

/**
 * Stores what was found, and removes the marks of the test cases.
 *
 * @param filling  what is known of the filling from now on; null: it is done; undefined: this is no part of it.
 */
export const storeAnalysis = defineWrite(
  'storeAnalysis',
  async (
    connection,
    {
      analysis: { change, testcases, differences, templates, incidents },
      filling,
      now,
    }: { analysis: Analysis; filling?: Filling | null; now: Microseconds },
  ): Promise<void> => {
    for (const [reason, text] of templates) {
      await connection.run(setTemplate, { reason, template: await templateId(connection, text) })
    }
    if (templates.length > 0) {
      await markClusters(
        connection,
        templates.map(([, text]) => text),
      )
    }
    // A regression may be gone afterwards, and others with its reason looked at its runs.
    for (const { testcase } of differences) await markReasons(connection, testcase)
    for (const difference of differences) await store(connection, difference, now)
    for (const testcase of incidents) await markIncidents(connection, testcase)
    for (const testcase of testcases) {
      await markReasons(connection, testcase)
      await connection.run(deleteMark, { testcase, change })
    }
    if (filling) await putTask(connection, FILLING, filling)
    else if (filling === null) await endTask(connection, FILLING)
    connection.markChanged('analysis', 'any')
  },
)

async function store(connection: Connection, difference: Difference, now: Microseconds): Promise<void> {
  const { testcase, removed, series, flakiness, regressions, failures } = difference
  for (const id of removed) await connection.run(deleteSeries, { id })
  for (const { id, ...row } of series) {
    if (id === null) await connection.run(insertSeries, { testcase, ...row })
    else await connection.run(updateSeries, { testcase, ...row, id })
  }
  if (flakiness) await storeFlakiness(connection, testcase, flakiness)
  else if (flakiness === null) await connection.run(deleteFlakiness, { testcase })
  await writeRegressions(connection, testcase, regressions, now)
  await writeFailures(connection, testcase, failures)
}

async function storeFlakiness(
  connection: Connection,
  testcase: number,
  { templates, ...numbers }: StoredFlakiness,
): Promise<void> {
  const ids: number[] = []
  for (const one of templates) ids.push(typeof one === 'string' ? await templateId(connection, one) : one)
  await connection.run(putFlakiness, { testcase, ...numbers, templates: JSON.stringify(ids) })
}

/** The state of the filling; undefined: it is done. */
export function fillingOf(connection: Connection): Promise<Filling | undefined> {
  return findTask<Filling>(connection, FILLING)
}

export const findFilling = defineQuery('findFilling', fillingOf)
