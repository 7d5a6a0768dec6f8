// Compares the stored incidents with those that the runs and the rules give, for the command check, and finds all anew
// for --repair.

import { sql } from 'kysely'
import type { Inconsistency } from '../../results/jobs/derived-data'
import { type Database, defineQuery, defineWrite } from '../../storage/database'
import { nextChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { RunContext } from '../runs/context'
import { sampleOf } from '../sample'
import { incidentDifferenceOf, isSameAsStored } from './derive'
import { knownIssuesWait } from './marks'
import { RuleSet } from './rules'
import { KnownIssueSteps } from './steps'

/** How many test cases are checked. Of more, a sample that is spread over all of them. */
const MAX_CHECKED = 1000
const MAX_EXAMPLES = 3

const nextTestcase = query<{ after: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(['id', 'text'])
    .where('id', '>', param('after'))
    .orderBy('id')
    .limit(1),
)
const lastTestcase = query()(() =>
  tables.selectFrom('testcase').select((column) => column.fn.max('id').as('highest')),
)

/** Finds nothing while the background has work to do: what is stored may be outdated then. */
export async function findWrongIncidents(connection: Connection): Promise<Inconsistency[]> {
  const rules = await RuleSet.read(connection)
  if (rules.isEmpty || (await knownIssuesWait(connection))) return []
  const last = (await connection.first(lastTestcase, {}))?.highest ?? 0
  const next = (after: number) => connection.first(nextTestcase, { after })
  const wrong: string[] = []
  for await (const { id, text } of sampleOf({ last, most: MAX_CHECKED }, next)) {
    const difference = await incidentDifferenceOf(connection, new RunContext(connection), rules, id)
    if (!isSameAsStored(difference)) wrong.push(text)
  }
  if (wrong.length === 0) return []
  const what = 'tests whose failures are not those that known issues match'
  return [{ what, count: wrong.length, examples: wrong.slice(0, MAX_EXAMPLES) }]
}

export const findWrongIncidentsQuery = defineQuery('findWrongIncidents', (connection, _: unknown) =>
  findWrongIncidents(connection),
)

const markFailing = query()(() =>
  tables
    .insertInto('stale_incident')
    .columns(['testcase', 'change'])
    .expression(
      sql`SELECT testcase, ${nextChange} FROM (
        SELECT testcase FROM series WHERE failures > 0 UNION SELECT testcase FROM known_issue_case) AS failing WHERE true`,
    )
    .onConflict((conflict) => conflict.doNothing()),
)
const matchAllAnew = query()(() =>
  tables.updateTable('known_issue').set({
    unmatch: sql`CASE WHEN pattern IS NULL THEN 0 ELSE 1 END`,
    unmarked: nextChange,
    unsummed: nextChange,
  }),
)

/** Makes the background match and find everything anew. */
export const findAllIncidentsAnew = defineWrite(
  'findAllIncidentsAnew',
  async (connection, _: Record<never, never>): Promise<void> => {
    await connection.run(markFailing, {})
    await connection.run(matchAllAnew, {})
  },
)

/** Finds all incidents anew, if some are wrong, and waits for it. @returns what was wrong */
export async function repairIncidents(database: Database): Promise<Inconsistency[]> {
  const found = await database.read(findWrongIncidentsQuery)
  if (found.length === 0) return found
  await database.write(findAllIncidentsAnew, {})
  const steps = new KnownIssueSteps(database, 'check')
  while (await steps.take());
  return found
}
