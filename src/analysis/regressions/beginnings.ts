// The queries and writes of the background that look at the regressions with one reason together. A template is marked
// when the runs of a test case that fails with it were analysed.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { lastChange, nextChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { RunContext } from '../runs/context'
import { type Run, readWindow } from '../runs/read'
import { MAX_RUNS } from '../runs/window'
import { type Beginning, locateTogether, type OwnRegression, tellersOf } from './together'

/** The regressions with one reason that are looked at, the newest. */
const MAX_REGRESSIONS = 1000
/** Runs of all tellers together. Those that come first in the order of tellers are read whole. */
const MAX_TOGETHER = 8 * MAX_RUNS

const isTold = sql<boolean>`regression.state IN ('open', 'fixing', 'fixed')`

const markTemplates = query<{ testcase: number }>()((param) =>
  tables
    .insertInto('stale_template')
    .columns(['template', 'change'])
    .expression(
      tables
        .selectFrom('regression')
        .innerJoin('template', 'template.id', 'regression.template')
        .select([sql<number>`coalesce(template.parent, template.id)`.as('template'), nextChange.as('change')])
        .where('regression.testcase', '=', param('testcase'))
        .where(isTold),
    )
    .onConflict((conflict) => conflict.column('template').doUpdateSet({ change: sql`excluded.change` })),
)

/** Marks the reasons of the regressions of a test case, as they are stored now. */
export async function markReasons(connection: Connection, testcase: number): Promise<void> {
  await connection.run(markTemplates, { testcase })
}

const nextMarked = query<{ after: number }>()((param) =>
  tables
    .selectFrom('stale_template')
    .select('template')
    .where('template', '>', param('after'))
    .orderBy('template')
    .limit(1),
)
const withReason = query<{ template: number; limit: number }>()((param) =>
  tables
    .selectFrom('regression')
    .innerJoin('testcase', 'testcase.id', 'regression.testcase')
    .select([
      'regression.id',
      'testcase',
      'own_probability as probability',
      'own_first_bad_time as first_bad_time',
    ])
    .select(['own_low as low', 'own_high as high'])
    .select(['own_low_time as low_time', 'own_high_time as high_time', 'last_bad_time'])
    .select(sql<string>`testcase.suite || ' ' || testcase.text`.as('text'))
    .where(
      sql<boolean>`regression.template IN (
        SELECT ${param('template')} UNION ALL SELECT id FROM template WHERE parent = ${param('template')})`,
    )
    .where(isTold)
    .orderBy('last_bad_time', 'desc')
    .limit(param('limit')),
)

/** What a query has found, for the write that stores it. Plain values. */
export interface Located {
  /** The number of the last commit that it saw. */
  change: number
  template: number
  /** null: its own test case alone tells where it began. */
  beginnings: [regression: number, beginning: Beginning | null][]
}

/** Looks at the next template that is marked. @param after  the one of the time before @returns null: none is */
export const locateMarked = defineQuery(
  'locateMarked',
  async (connection, { now, after }: { now: Microseconds; after: number }): Promise<Located | null> => {
    const next =
      (await connection.first(nextMarked, { after })) ?? (await connection.first(nextMarked, { after: 0 }))
    if (!next) return null
    const { template } = next
    const regressions: OwnRegression[] = await connection.all(withReason, {
      template,
      limit: MAX_REGRESSIONS,
    })
    const beginnings = locateTogether(regressions, template, await readTellers(connection, regressions, now))
    const change = await lastChange(connection)
    return { change, template, beginnings: [...beginnings] }
  },
)

async function readTellers(
  connection: Connection,
  regressions: readonly OwnRegression[],
  now: Microseconds,
): Promise<Map<number, Run[]>> {
  const runsOf = new Map<number, Run[]>()
  const tellers = tellersOf(regressions)
  if (tellers.length < 2) return runsOf
  const context = new RunContext(connection)
  let room = MAX_TOGETHER
  for (const { testcase } of tellers) {
    const { runs } = await readWindow(connection, context, testcase, now)
    room -= runs.length
    if (room < 0) break
    runsOf.set(
      testcase,
      runs.filter(({ of }) => !of.isInfrastructure),
    )
  }
  return runsOf
}

type Told = { id: number; tests: number; probability: number; firstBad: number; firstBadTime: number } & {
  low: number
  high: number
  lastGood: number | null
}
const setTogether = query<Told>()((param) =>
  tables
    .updateTable('regression')
    .set({
      tests: param('tests'),
      probability: param('probability'),
      first_bad: param('firstBad'),
      first_bad_time: param('firstBadTime'),
      low: param('low'),
      high: param('high'),
      last_good: param('lastGood'),
    })
    .where('id', '=', param('id'))
    .where(
      sql<boolean>`(tests, probability, first_bad, first_bad_time, low, high, last_good) IS DISTINCT FROM (${param('tests')},
        ${param('probability')}, ${param('firstBad')}, ${param('firstBadTime')}, ${param('low')}, ${param('high')},
        ${param('lastGood')})`,
    ),
)
const setAlone = query<{ id: number }>()((param) =>
  tables
    .updateTable('regression')
    .set({
      tests: 1,
      probability: sql`own_probability`,
      first_bad: sql`own_first_bad`,
      first_bad_time: sql`own_first_bad_time`,
      low: sql`own_low`,
      high: sql`own_high`,
      last_good: sql`own_last_good`,
    })
    .where('id', '=', param('id'))
    .where('tests', '>', 1),
)
const unmark = query<{ template: number; change: number }>()((param) =>
  tables
    .deleteFrom('stale_template')
    .where('template', '=', param('template'))
    .where('change', '<=', param('change')),
)

/** Stores where the regressions began, and removes the mark. */
export const storeBeginnings = defineWrite(
  'storeBeginnings',
  async (connection, { change, template, beginnings }: Located): Promise<void> => {
    for (const [id, beginning] of beginnings) {
      if (!beginning) await connection.run(setAlone, { id })
      else await connection.run(setTogether, { id, ...toColumns(beginning) })
    }
    await connection.run(unmark, { template, change })
    connection.markChanged('analysis', 'any')
  },
)

function toColumns({ tests, probability, first_bad, low, high, last_good }: Beginning): Omit<Told, 'id'> {
  return {
    tests,
    probability,
    firstBad: first_bad.job,
    firstBadTime: first_bad.time,
    low: low.job,
    high: high.job,
    lastGood: last_good,
  }
}
