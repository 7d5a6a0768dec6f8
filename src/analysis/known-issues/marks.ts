// The marks of test cases whose incidents have to be found anew, and which work waits for the background.

import { sql } from 'kysely'
import { defineQuery } from '../../storage/database'
import { nextChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'

const mark = query<{ testcase: number }>()((param) =>
  tables
    .insertInto('stale_incident')
    .values({ testcase: param('testcase'), change: nextChange })
    .onConflict((conflict) => conflict.column('testcase').doUpdateSet({ change: nextChange })),
)

/** Marks a test case. For a write. */
export async function markIncidents(connection: Connection, testcase: number): Promise<void> {
  await connection.run(mark, { testcase })
}

const waiting = query()(() =>
  tables.selectNoFrom([
    sql<number>`EXISTS (SELECT 1 FROM known_issue WHERE deleted = 1 OR unmatch = 1)`.as('sweep'),
    sql<number>`CASE WHEN (SELECT min(matched_to) FROM known_issue WHERE pattern IS NOT NULL)
      < (SELECT max(id) FROM fail_reason) THEN 1 ELSE 0 END`.as('match'),
    sql<number>`EXISTS (SELECT 1 FROM known_issue WHERE unmarked > 0)`.as('mark'),
    sql<number>`EXISTS (SELECT 1 FROM stale_incident)`.as('testcases'),
    sql<number>`EXISTS (SELECT 1 FROM known_issue WHERE unsummed > 0)`.as('sum'),
  ]),
)

/** Which work on known issues waits for the background, in the order in which it is done. */
export async function waitingKnownIssues(connection: Connection) {
  const found = (await connection.first(waiting, {})) ?? { sweep: 0, match: 0, mark: 0, testcases: 0, sum: 0 }
  return {
    sweep: found.sweep === 1,
    match: found.match === 1,
    mark: found.mark === 1,
    testcases: found.testcases === 1,
    sum: found.sum === 1,
  }
}

export const waitingKnownIssuesQuery = defineQuery('waitingKnownIssues', (connection, _: unknown) =>
  waitingKnownIssues(connection),
)

/** Whether an answer with known issues misses something. */
export async function knownIssuesWait(connection: Connection): Promise<boolean> {
  return Object.values(await waitingKnownIssues(connection)).some((waits) => waits)
}
