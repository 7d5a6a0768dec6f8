// The flaky tests of another window, or of the runs that conditions on jobs let through: computed of the runs, so that
// only so many can be looked at.

import { sql } from 'kysely'
import type { ResolvedScope } from '../../results/scope/queries'
import {
  type Connection,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { findStreaks } from '../flakiness/streaks'
import { flakinessOf } from '../flakiness/two-state'
import { inScope } from '../history/read'
import { bySeries } from '../history/show'
import { RunContext } from '../runs/context'
import { type Run, readRuns } from '../runs/read'
import { MAX_RUNS, type TimeRange, toRanAtRange } from '../runs/window'
import { hasId, type IdBits } from '../search/ids'
import { startOfStreak } from '../series/derive'
import { collectFlakes } from '../series/flakes'
import { costOf } from '../series/stored'
import type { FlakyRow, Places } from './rows'

/** How many runs, and how many failures, one answer looks at. */
export const MAX_LOOKED_AT = 200_000
/** The runs of so many test cases are read between two looks at the time. */
const AT_ONCE = 20

const failing = query<{ from: number; to: number; limit: number }>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom('test')
        .select('testcase')
        .where(sql<boolean>`status IN (2, 3)`)
        .where('ran_at', '>=', param('from'))
        .where('ran_at', '<=', param('to'))
        .where(inTime)
        .orderBy('ran_at', 'desc')
        .limit(param('limit'))
        .as('failure'),
    )
    .select(['testcase as id', sql<number>`count(*)`.as('failures')])
    .groupBy('testcase'),
)
const names = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(['id', 'text as testcase', 'suite', 'variant'])
    .where(inList('id', param('ids')))
    .where(inTime),
)

interface Question {
  range: TimeRange
  scope: ResolvedScope | undefined
  /** undefined: all. */
  testcases: IdBits | undefined
  all: boolean
}

/** The rows of a question, in no order. */
export async function computeRows(
  connection: Connection,
  { range, scope, testcases, all }: Question,
): Promise<{ rows: FlakyRow[]; isTruncated: boolean }> {
  const found = await connection.all(failing, { ...toRanAtRange(range), limit: MAX_LOOKED_AT + 1 })
  const seen = found.reduce((sum, { failures }) => sum + failures, 0)
  const candidates = found.filter(({ id }) => hasId(testcases, id))
  candidates.sort((one, other) => other.failures - one.failures || one.id - other.id)
  const context = new RunContext(connection)
  const rows: FlakyRow[] = []
  let looked = 0
  let at = 0
  while (at < candidates.length && looked < MAX_LOOKED_AT) {
    const some = candidates.slice(at, at + AT_ONCE)
    at += some.length
    for (const name of await connection.all(names, { ids: toNumberList(some.map(({ id }) => id)) })) {
      const read = await readRuns(connection, context, name.id, range, { limit: MAX_RUNS })
      looked += read.runs.length
      const runs = read.runs.filter(({ of }) => !of.isRecovered)
      const row = await rowOf(connection, name, await inScope(connection, scope, runs))
      if (row && (row.flaky || (all && row.events > 0))) rows.push(row)
    }
  }
  return { rows, isTruncated: at < candidates.length || seen > MAX_LOOKED_AT }
}

type Name = Pick<FlakyRow, 'id' | 'testcase' | 'suite' | 'variant'>

async function rowOf(
  connection: Connection,
  name: Name,
  runs: readonly Run[],
): Promise<FlakyRow | undefined> {
  if (runs.length === 0) return undefined
  const series = bySeries(runs)
  const { rate, low, high, flaky } = flakinessOf(series)
  const { tests, last = null, ...flakes } = collectFlakes(series)
  const cost = await costOf(connection, tests)
  return { ...name, ...{ rate, low, high, flaky }, ...flakes, last, cost, places: placesOf(series) }
}

function placesOf(series: readonly (readonly Run[])[]): Places {
  const hosts = new Set<number | null>()
  let streak = 0
  for (const runs of series) {
    const last = runs.at(-1)
    if (!last) continue
    if (findStreaks(runs).some(({ kind }) => kind === 'flake')) hosts.add(last.of.host)
    if (last.failed) streak = Math.max(streak, runs.length - startOfStreak(runs))
  }
  return { hosts: [...hosts], streak }
}
