// The flaky tests of the usual window, as the background has stored them.

import { sql } from 'kysely'
import {
  type Connection,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import type { FlakyRow, Places } from './rows'

const rowsOf = tables
  .selectFrom('testcase_flakiness as known')
  .innerJoin('testcase', 'testcase.id', 'known.testcase')
  .select(['testcase.id', 'testcase.text as testcase', 'testcase.suite', 'testcase.variant'])
  .select(['known.rate', 'known.low', 'known.high', 'known.flaky', 'known.events', 'known.cost'])
  .select(['known.streak_flakes as flakes', 'known.streak_runs as runs', 'known.templates'])
  .select(['known.last_flake', 'known.last_flake_time'])
  .where(inTime)
// Each condition is that of an index, which has no other rows.
const withFlakes = query()(() => rowsOf.where(sql<boolean>`(known.events > 0 OR known.flaky = 1)`))
const labelled = query()(() => rowsOf.where(sql<boolean>`known.flaky = 1`))

/** @param all  also tests with flakes that are not called flaky. */
export async function readStored(connection: Connection, all: boolean): Promise<FlakyRow[]> {
  const rows = await connection.all(all ? withFlakes : labelled, {})
  return rows.map(({ flaky, last_flake: test, last_flake_time: time, templates, ...row }) => ({
    ...row,
    flaky: flaky === 1,
    last: test === null || time === null ? null : { test, time },
    templates: JSON.parse(templates) as number[],
    places: undefined,
  }))
}

const seriesOf = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('series')
    .select(['testcase', 'host', 'events', 'streak'])
    .select(sql<number>`state = 'failing'`.as('isFailing'))
    .where(inList('testcase', param('ids'))),
)

/** What the series of some test cases tell, by their ids. */
export async function readPlaces(
  connection: Connection,
  testcases: readonly number[],
): Promise<Map<number, Places>> {
  const rows = await connection.all(seriesOf, { ids: toNumberList(testcases) })
  return new Map(
    [...Map.groupBy(rows, ({ testcase }) => testcase)].map(([testcase, series]) => [
      testcase,
      {
        hosts: [...new Set(series.flatMap(({ host, events }) => (events > 0 ? [host] : [])))],
        streak: Math.max(0, ...series.map(({ isFailing, streak }) => (isFailing === 1 ? streak : 0))),
      },
    ]),
  )
}
