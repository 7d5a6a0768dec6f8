// The stored regressions of a test case, as the background compares and writes them.

import { type RawBuilder, sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { hashOfText } from '../../storage/interned'
import { type Connection, query, tables } from '../../storage/query'
import type { IdentifiedRegressions, StoredRegression } from './identity'
import type { FoundPlace } from './timeline'

const ofTestcase = query<{ testcase: number }>()((param) =>
  tables
    .selectFrom('regression')
    .leftJoin('template', 'template.id', 'regression.template')
    .select(['regression.id', 'state', 'own_probability as probability'])
    .select([
      'own_first_bad as first_bad',
      'own_low as low',
      'own_high as high',
      'own_last_good as last_good',
    ])
    .select([
      'own_first_bad_time as first_bad_time',
      'own_low_time as low_time',
      'own_high_time as high_time',
    ])
    .select(['fixed_in', 'last_bad', 'last_bad_time'])
    .select([
      sql<number | null>`coalesce(template.parent, regression.template)`.as('template'),
      sql<number>`NOT EXISTS (SELECT 1 FROM job WHERE number = regression.last_bad AND complete = 1)`.as(
        'gone',
      ),
    ])
    .where('regression.testcase', '=', param('testcase')),
)
const placesOf = query<{ regression: number }>()((param) =>
  tables
    .selectFrom('regression_host')
    .select([
      sql<number | null>`nullif(host, 0)`.as('host'),
      sql<number | null>`nullif(distro, 0)`.as('distro'),
      'state',
      'first_bad',
      'last_good',
      'fixed_in',
    ])
    .where('regression', '=', param('regression')),
)

export async function readRegressions(connection: Connection, testcase: number): Promise<StoredRegression[]> {
  const stored: StoredRegression[] = []
  for (const { gone, ...row } of await connection.all(ofTestcase, { testcase })) {
    const places = (await connection.all(placesOf, { regression: row.id })) as FoundPlace[]
    stored.push({ ...row, isGone: gone === 1, places })
  }
  return stored
}

interface Columns {
  testcase: number
  template: number | null
  state: string
  probability: number
  firstBad: number
  firstBadTime: Microseconds
  low: number
  lowTime: Microseconds
  high: number
  highTime: Microseconds
  lastGood: number | null
  fixedIn: number | null
  lastBad: number
  lastBadTime: Microseconds
}

const columns = (param: (name: keyof Columns) => ReturnType<typeof sql<never>>) => ({
  testcase: param('testcase'),
  template: param('template'),
  state: param('state'),
  own_probability: param('probability'),
  own_first_bad: param('firstBad'),
  own_first_bad_time: param('firstBadTime'),
  own_low: param('low'),
  own_low_time: param('lowTime'),
  own_high: param('high'),
  own_high_time: param('highTime'),
  own_last_good: param('lastGood'),
  fixed_in: param('fixedIn'),
  last_bad: param('lastBad'),
  last_bad_time: param('lastBadTime'),
})
const insert = query<Columns & { now: Microseconds }>()((param) =>
  tables.insertInto('regression').values({
    ...columns(param as never),
    probability: param('probability'),
    first_bad: param('firstBad'),
    first_bad_time: param('firstBadTime'),
    low: param('low'),
    high: param('high'),
    last_good: param('lastGood'),
    changed_at: param('now'),
  }),
)
// Where the runs of several test cases told that it began stays, until those are looked at again.
const untilTogether = (own: RawBuilder<unknown>, told: string) =>
  sql<never>`CASE WHEN tests = 1 THEN ${own} ELSE ${sql.ref(told)} END`
/** @param now  null: its state is as before */
const update = query<Columns & { id: number; now: Microseconds | null }>()((param) =>
  tables
    .updateTable('regression')
    .set({
      ...columns(param as never),
      probability: untilTogether(param('probability'), 'probability'),
      first_bad: untilTogether(param('firstBad'), 'first_bad'),
      first_bad_time: untilTogether(param('firstBadTime'), 'first_bad_time'),
      low: untilTogether(param('low'), 'low'),
      high: untilTogether(param('high'), 'high'),
      last_good: untilTogether(param('lastGood'), 'last_good'),
      changed_at: sql<number>`coalesce(${param('now')}, changed_at)`,
    })
    .where('id', '=', param('id')),
)
const withdraw = query<{ id: number; now: Microseconds }>()((param) =>
  tables
    .updateTable('regression')
    .set({ state: 'withdrawn', changed_at: param('now') })
    .where('id', '=', param('id')),
)
const deletePlaces = query<{ regression: number }>()((param) =>
  tables.deleteFrom('regression_host').where('regression', '=', param('regression')),
)
const insertPlace = query<
  { regression: number } & Omit<FoundPlace, 'first_bad' | 'last_good' | 'fixed_in'> & {
      firstBad: number | null
      lastGood: number | null
      fixedIn: number | null
    }
>()((param) =>
  tables.insertInto('regression_host').values({
    regression: param('regression'),
    host: sql<number>`coalesce(${param('host')}, 0)`,
    distro: sql<number>`coalesce(${param('distro')}, 0)`,
    state: param('state'),
    first_bad: param('firstBad'),
    last_good: param('lastGood'),
    fixed_in: param('fixedIn'),
  }),
)
const insertTemplate = query<{ hash: Uint8Array; text: string }>()((param) =>
  tables.insertInto('template').values({ hash: param('hash'), text: param('text') }),
)
const templateByHash = query<{ hash: Uint8Array }>()((param) =>
  tables.selectFrom('template').select('id').where('hash', '=', param('hash')),
)

/** The id of a template that is stored. */
export async function storedTemplateId(connection: Connection, text: string): Promise<number | undefined> {
  return (await connection.first(templateByHash, { hash: hashOfText(text) }))?.id
}

/** The id of a template; a new one gets a row. */
export async function templateId(connection: Connection, text: string): Promise<number> {
  const hash = hashOfText(text)
  return (
    (await storedTemplateId(connection, text)) ?? (await connection.insert(insertTemplate, { hash, text }))
  )
}

/** Writes what identify() found to have changed. */
export async function writeRegressions(
  connection: Connection,
  testcase: number,
  { changed, withdrawn }: IdentifiedRegressions,
  now: Microseconds,
): Promise<void> {
  for (const one of changed) {
    const row = {
      testcase,
      template: typeof one.template === 'string' ? await templateId(connection, one.template) : one.template,
      state: one.state,
      probability: one.probability,
      firstBad: one.first_bad.job,
      firstBadTime: one.first_bad.time,
      low: one.low.job,
      lowTime: one.low.time,
      high: one.high.job,
      highTime: one.high.time,
      lastGood: one.last_good,
      fixedIn: one.fixed_in,
      lastBad: one.last_bad.job,
      lastBadTime: one.last_bad.time,
    }
    let regression = one.id
    if (regression === null) regression = await connection.insert(insert, { ...row, now })
    else await connection.run(update, { ...row, id: regression, now: one.has_new_state ? now : null })
    await connection.run(deletePlaces, { regression })
    for (const { first_bad, last_good, fixed_in, ...place } of one.places) {
      await connection.run(insertPlace, {
        regression,
        ...place,
        firstBad: first_bad,
        lastGood: last_good,
        fixedIn: fixed_in,
      })
    }
  }
  for (const id of withdrawn) await connection.run(withdraw, { id, now })
}
