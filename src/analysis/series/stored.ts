// What is stored of a test case, and how it differs from what was derived of its runs: only that is written.

import { type Connection, query, tables } from '../../storage/query'
import { type IdentifiedRegressions, identify } from '../regressions/identity'
import { readRegressions } from '../regressions/stored'
import type { Derived, Series } from './derive'

type Flakiness = NonNullable<Derived['flakiness']>
export type StoredFlakiness = Omit<Flakiness, 'flaky' | 'events'> & { flaky: number; due: number | null }

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
    .select(['rate', 'low', 'high', 'flaky', 'flakes', 'runs', 'due'])
    .where('testcase', '=', param('testcase')),
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
  const flakiness = derived.flakiness ? toStored(derived.flakiness, due) : null
  const before = (await connection.first(flakinessOf, { testcase })) ?? null
  return {
    testcase,
    removed: [...stored.values()].map(({ id }) => id),
    series,
    ...(!Bun.deepEquals(flakiness, before) && { flakiness }),
    regressions: identify(await readRegressions(connection, testcase), derived.regressions, from),
  }
}

function toStored({ events: _, flaky, ...numbers }: Flakiness, due: number | null): StoredFlakiness {
  return { ...numbers, flaky: Number(flaky), due }
}

/** Whether all that is derived is stored already. */
export function isEmpty({ removed, series, flakiness, regressions }: Difference): boolean {
  return (
    removed.length + series.length === 0 &&
    flakiness === undefined &&
    regressions.changed.length + regressions.withdrawn.length === 0
  )
}
