// The queries and writes of the background that find the incidents of marked test cases and sum them up for each known
// issue. The reading runs in the reader's worker; the writer only stores what differs.

import { sql } from 'kysely'
import { defineQuery, defineWrite } from '../../storage/database'
import { excluded } from '../../storage/excluded'
import { lastChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { RunContext } from '../runs/context'
import { type IncidentDifference, incidentDifferenceOf, isSameAsStored } from './derive'
import { type Span, uniteSpans } from './life'
import { markIncidents } from './marks'
import { RuleSet } from './rules'

/** How long one query looks at test cases, in milliseconds. */
const MAX_READ_MS = 8
const MAX_TESTCASES = 100
/** Rows that one write changes. They take the writer a few milliseconds. */
const MAX_ROWS = 500

const marked = query<{ after: number; limit: number }>()((param) =>
  tables
    .selectFrom('stale_incident')
    .select('testcase')
    .where('testcase', '>', param('after'))
    .orderBy('testcase')
    .limit(param('limit')),
)

/** What a query has found, for the writes that store it. Plain values. */
export interface FoundIncidents {
  /** The number of the last commit that it saw. */
  change: number
  /** The test cases that it looked at. */
  testcases: number[]
  differences: IncidentDifference[]
}

/** Finds the incidents of the next test cases that are marked. @param after  the last one of the time before */
export const findIncidents = defineQuery(
  'findIncidents',
  async (connection, { after }: { after: number }): Promise<FoundIncidents> => {
    const rows = await connection.all(marked, { after, limit: MAX_TESTCASES })
    const end = performance.now() + MAX_READ_MS
    const context = new RunContext(connection)
    const rules = await RuleSet.read(connection)
    const found: FoundIncidents = { change: await lastChange(connection), testcases: [], differences: [] }
    for (const { testcase } of rows) {
      const difference = await incidentDifferenceOf(connection, context, rules, testcase)
      found.testcases.push(testcase)
      if (!isSameAsStored(difference)) found.differences.push(difference)
      if (performance.now() > end) break
    }
    return found
  },
)

type IncidentRow = { issue: number; time: number; test: number; testcase: number }
const insertIncident = query<IncidentRow>()((param) =>
  tables
    .insertInto('known_issue_incident')
    .values({
      issue: param('issue'),
      time: param('time'),
      test: param('test'),
      testcase: param('testcase'),
    })
    .onConflict((conflict) => conflict.doNothing()),
)
const deleteIncident = query<Omit<IncidentRow, 'testcase'>>()((param) =>
  tables
    .deleteFrom('known_issue_incident')
    .where('issue', '=', param('issue'))
    .where('time', '=', param('time'))
    .where('test', '=', param('test')),
)
type CaseRow = {
  issue: number
  testcase: number
  incidents: number
  first: number
  last: number
  spans: string
}
const putCase = query<CaseRow>()((param) =>
  tables
    .insertInto('known_issue_case')
    .values({
      issue: param('issue'),
      testcase: param('testcase'),
      incidents: param('incidents'),
      first_time: param('first'),
      last_time: param('last'),
      spans: param('spans'),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['issue', 'testcase'])
        .doUpdateSet(excluded('incidents', 'first_time', 'last_time', 'spans')),
    ),
)
const deleteCase = query<{ issue: number; testcase: number }>()((param) =>
  tables
    .deleteFrom('known_issue_case')
    .where('issue', '=', param('issue'))
    .where('testcase', '=', param('testcase')),
)
const setUnsummed = query<{ issue: number }>()((param) =>
  tables
    .updateTable('known_issue')
    .set({ unsummed: sql`(SELECT number + 1 FROM change)` })
    .where('id', '=', param('issue')),
)
const unmark = query<{ testcase: number; change: number }>()((param) =>
  tables
    .deleteFrom('stale_incident')
    .where('testcase', '=', param('testcase'))
    .where('change', '<=', param('change')),
)

/** Stores a part of what was found. The marks of test cases go with the last one. */
export const storeIncidents = defineWrite(
  'storeIncidents',
  async (connection, { change, testcases, differences }: FoundIncidents): Promise<void> => {
    for (const { testcase, added, removed, cases } of differences) {
      for (const row of removed) await connection.run(deleteIncident, row)
      for (const row of added) await connection.run(insertIncident, { ...row, testcase })
      for (const row of cases) {
        if (row.incidents === 0) await connection.run(deleteCase, { issue: row.issue, testcase })
        else await connection.run(putCase, { ...row, testcase })
        await connection.run(setUnsummed, row)
      }
    }
    for (const testcase of testcases) await connection.run(unmark, { testcase, change })
    connection.markChanged('analysis', 'any')
  },
)

/** The parts of what was found, each for one write. */
export function* partsOfIncidents({
  change,
  testcases,
  differences,
}: FoundIncidents): Generator<FoundIncidents> {
  for (const { testcase, added, removed, cases } of differences) {
    const rows = { removed, added, cases }
    for (const kind of ['removed', 'added', 'cases'] as const) {
      for (let at = 0; at < rows[kind].length; at += MAX_ROWS) {
        const none = { testcase, added: [], removed: [], cases: [] }
        yield {
          change,
          testcases: [],
          differences: [{ ...none, [kind]: rows[kind].slice(at, at + MAX_ROWS) }],
        }
      }
    }
  }
  yield { change, testcases, differences: [] }
}

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

export async function sumOf(connection: Connection, issue: number): Promise<Omit<Sum, 'issue' | 'change'>> {
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

const swept = query()(() =>
  tables
    .selectFrom('known_issue')
    .select(['id', 'deleted'])
    .where(sql<boolean>`deleted = 1 OR unmatch = 1`)
    .orderBy('id')
    .limit(1),
)
type Sweep = { issue: number; limit: number }
const sweepMatches = query<Sweep>()((param) =>
  tables
    .deleteFrom('known_issue_match')
    .where('issue', '=', param('issue'))
    .where('reason', 'in', (where) =>
      where
        .selectFrom('known_issue_match')
        .select('reason')
        .where('issue', '=', param('issue'))
        .limit(param('limit')),
    ),
)
const sweepIncidents = query<Sweep>()((param) =>
  tables
    .deleteFrom('known_issue_incident')
    .where(({ refTuple, selectFrom, eb }) =>
      eb(
        refTuple('issue', 'time', 'test'),
        'in',
        selectFrom('known_issue_incident as some')
          .select(['some.issue', 'some.time', 'some.test'])
          .where('some.issue', '=', param('issue'))
          .limit(param('limit'))
          .$asTuple('issue', 'time', 'test'),
      ),
    ),
)
const sweepCases = query<Sweep>()((param) =>
  tables
    .deleteFrom('known_issue_case')
    .where('issue', '=', param('issue'))
    .where('testcase', 'in', (where) =>
      where
        .selectFrom('known_issue_case')
        .select('testcase')
        .where('issue', '=', param('issue'))
        .limit(param('limit')),
    )
    .returning('testcase'),
)
const deleteIssue = query<{ issue: number }>()((param) =>
  tables.deleteFrom('known_issue').where('id', '=', param('issue')),
)
const matchAnew = query<{ issue: number }>()((param) =>
  tables
    .updateTable('known_issue')
    .set({ unmatch: 0, matched_to: 0, unmarked: sql`(SELECT number + 1 FROM change)` })
    .where('id', '=', param('issue')),
)

/** Deletes some rows of a known issue that was deleted, or matches of a former pattern. */
export const sweepKnownIssues = defineWrite(
  'sweepKnownIssues',
  async (connection, _: Record<never, never>): Promise<void> => {
    const next = await connection.first(swept, {})
    if (!next) return
    const sweep = { issue: next.id, limit: MAX_ROWS }
    let { changes } = await connection.run(sweepMatches, sweep)
    if (next.deleted === 1) {
      changes += (await connection.run(sweepIncidents, sweep)).changes
      // Another known issue may be one of the few that count for its failures now.
      for (const { testcase } of await connection.all(sweepCases, sweep)) {
        await markIncidents(connection, testcase)
        changes++
      }
    }
    if (changes > 0) return
    await connection.run(next.deleted === 1 ? deleteIssue : matchAnew, sweep)
    connection.markChanged('analysis', 'any')
  },
)
