// The write of the background that deletes, a part at a time, what a deleted known issue or a former pattern has left.

import { sql } from 'kysely'
import { defineWrite } from '../../storage/database'
import { nextChange } from '../../storage/last-change'
import { query, tables } from '../../storage/query'
import { markIncidents } from './marks'

/** Rows of a table that one write deletes. They take the writer a few milliseconds. */
const MAX_ROWS = 500

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
    .set({ unmatch: 0, matched_to: 0, unmarked: nextChange })
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
