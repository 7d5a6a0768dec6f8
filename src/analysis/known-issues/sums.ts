// The query and the write of the background that sum up the incidents of a known issue over its test cases.

import { sql } from 'kysely'
import { defineQuery, defineWrite } from '../../storage/database'
import { lastChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { type Span, uniteSpans } from './life'

const nextUnsummed = query()(() =>
  tables.selectFrom('known_issue').select('id').where(sql<boolean>`unsummed > 0`).orderBy('id').limit(1),
)
const casesOf = query<{ issue: number }>()((param) =>
  tables
    .selectFrom('known_issue_case')
    .select(['incidents', 'first_time as first', 'last_time as last', 'spans'])
    .where('issue', '=', param('issue')),
)

/** The numbers of a known issue. */
export interface Sum {
  issue: number
  change: number
  incidents: number
  testcases: number
  first: number | null
  last: number | null
  endsAt: number | null
  reopenedAt: number | null
}

/** Sums up the next known issue whose incidents changed. @returns null: there is none */
export const sumIncidents = defineQuery(
  'sumIncidents',
  async (connection, _: Record<never, never>): Promise<Sum | null> => {
    const next = await connection.first(nextUnsummed, {})
    if (!next) return null
    return { issue: next.id, change: await lastChange(connection), ...(await sumOf(connection, next.id)) }
  },
)

async function sumOf(connection: Connection, issue: number): Promise<Omit<Sum, 'issue' | 'change'>> {
  const cases = await connection.all(casesOf, { issue })
  const united = uniteSpans(cases.flatMap(({ spans }) => JSON.parse(spans) as Span[]))
  const least = (times: number[]) =>
    times.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY)
  const most = (times: number[]) => times.reduce((one, other) => Math.max(one, other), 0)
  return {
    incidents: cases.reduce((sum, { incidents }) => sum + incidents, 0),
    testcases: cases.length,
    first: cases.length === 0 ? null : least(cases.map(({ first }) => first)),
    last: cases.length === 0 ? null : most(cases.map(({ last }) => last)),
    endsAt: united.at(-1)?.[1] ?? null,
    reopenedAt: united[1]?.[0] ?? null,
  }
}

const setSum = query<Sum>()((param) =>
  tables
    .updateTable('known_issue')
    .set({
      incidents: param('incidents'),
      testcases: param('testcases'),
      first_time: param('first') as never,
      last_time: param('last') as never,
      ends_at: param('endsAt') as never,
      reopened_at: param('reopenedAt') as never,
      unsummed: sql`CASE WHEN unsummed <= ${param('change')} THEN 0 ELSE unsummed END`,
    })
    .where('id', '=', param('issue')),
)

export const storeSum = defineWrite('storeSum', async (connection, sum: Sum): Promise<void> => {
  await connection.run(setSum, sum)
  connection.markChanged('analysis', 'any')
})
