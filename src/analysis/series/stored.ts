// What is stored of a test case, and how it differs from what was derived of its runs: only that is written.

import type { Microseconds } from '../../lib/time'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { type IdentifiedRegressions, identify } from '../regressions/identity'
import { readRegressions } from '../regressions/stored'
import type { Derived, Series } from './derive'
import { type FailureDifference, failuresDifference } from './failures'

type Flakiness = NonNullable<Derived['flakiness']>
export interface StoredFlakiness extends Omit<Flakiness, 'flaky' | 'events' | 'by_streaks'> {
  flaky: number
  due: number | null
  events: number
  streak_flakes: number
  streak_runs: number
  last_flake: number | null
  last_flake_time: Microseconds | null
  /** In seconds. */
  cost: number
  /** Ids; the texts of those that are not stored yet. */
  templates: (number | string)[]
}

/** What has to be written of one test case. Plain values. */
export interface Difference {
  testcase: number
  /** The ids of series without runs. */
  removed: number[]
  /** New series have no id. */
  series: (Series & { id: number | null })[]
  /** null: there are no runs; undefined: it is stored already. */
  flakiness?: StoredFlakiness | null
  regressions: IdentifiedRegressions
  failures: FailureDifference
}

const seriesOf = query<{ testcase: number }>()((param) =>
  tables
    .selectFrom('series')
    .select(['id', 'host', 'branch', 'distro', 'last_time', 'last_job', 'state', 'since_job', 'streak'])
    .select(['runs', 'failures', 'flakes', 'events'])
    .where('testcase', '=', param('testcase')),
)
const flakinessOf = query<{ testcase: number }>()((param) =>
  tables
    .selectFrom('testcase_flakiness')
    .select([
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
    ])
    .select(['last_flake', 'last_flake_time', 'cost', 'templates'])
    .where('testcase', '=', param('testcase')),
)
const elapsedOf = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', 'elapsed'])
    .where(inList('id', param('tests'))),
)

const keyOf = ({ host, branch, distro }: Pick<Series, 'host' | 'branch' | 'distro'>) =>
  `${host} ${branch} ${distro}`

/**
 * @param derived  of the runs of the test case that there are now.
 * @param from  the beginning of the window: regressions that ended before it stay as they are.
 * @param due  when the oldest run leaves the window; null: never.
 */
export async function differenceOf(
  connection: Connection,
  testcase: number,
  derived: Derived,
  { from, due }: { from: number; due: number | null },
): Promise<Difference> {
  const stored = new Map((await connection.all(seriesOf, { testcase })).map((row) => [keyOf(row), row]))
  const series: Difference['series'] = []
  for (const one of derived.series) {
    const before = stored.get(keyOf(one))
    stored.delete(keyOf(one))
    if (!before || !Bun.deepEquals({ ...one, id: before.id }, before)) {
      series.push({ ...one, id: before?.id ?? null })
    }
  }
  const flakiness = derived.flakiness ? await toStored(connection, derived.flakiness, due) : null
  const row = await connection.first(flakinessOf, { testcase })
  const before = row ? { ...row, templates: JSON.parse(row.templates) as number[] } : null
  return {
    testcase,
    removed: [...stored.values()].map(({ id }) => id),
    series,
    ...(!Bun.deepEquals(flakiness, before) && { flakiness }),
    regressions: identify(await readRegressions(connection, testcase), derived.regressions, from),
    failures: await failuresDifference(connection, testcase, derived.failures),
  }
}

async function toStored(
  connection: Connection,
  { events: _, flaky, by_streaks: { last, tests, templates, ...streaks }, ...numbers }: Flakiness,
  due: number | null,
): Promise<StoredFlakiness> {
  return {
    ...numbers,
    flaky: Number(flaky),
    due,
    events: streaks.events,
    streak_flakes: streaks.flakes,
    streak_runs: streaks.runs,
    last_flake: last?.test ?? null,
    last_flake_time: last?.time ?? null,
    cost: await costOf(connection, tests),
    templates,
  }
}

/** How long some tests took together, in seconds. */
export async function costOf(connection: Connection, tests: readonly number[]): Promise<number> {
  if (tests.length === 0) return 0
  const rows = await connection.all(elapsedOf, { tests: toNumberList(tests) })
  const elapsed = new Map(rows.map((row) => [row.id, row.elapsed ?? 0]))
  // A sum of floating-point numbers depends on their order, which must not be that of the ids.
  return tests.reduce((sum, test) => sum + (elapsed.get(test) ?? 0), 0)
}

/** Whether all that is derived is stored already. */
export function isEmpty({ removed, series, flakiness, regressions, failures }: Difference): boolean {
  return (
    removed.length + series.length === 0 &&
    flakiness === undefined &&
    regressions.changed.length + regressions.withdrawn.length === 0 &&
    failures.removed.length + failures.added.length === 0
  )
}
