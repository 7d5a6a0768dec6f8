// The query and the write of the background that find the incidents of marked test cases. The reading runs in the
// reader's worker; the writer only stores what differs.

import { defineQuery, defineWrite } from '../../storage/database'
import { excluded } from '../../storage/excluded'
import { lastChange, nextChange } from '../../storage/last-change'
import { query, tables } from '../../storage/query'
import { RunContext } from '../runs/context'
import { type IncidentDifference, incidentDifferenceOf, isSameAsStored } from './derive'
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
  tables.updateTable('known_issue').set({ unsummed: nextChange }).where('id', '=', param('issue')),
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
