// Checks and repairs data that is derived from other rows: counters, totals, the search indexes and the times of tests.

import { type RawBuilder, sql } from 'kysely'
import { formatTime } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { fieldOf, tables } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'
import {
  createExpectedIndex,
  dropExpectedIndex,
  entriesOf,
  type IndexedRows,
  rebuildIndex,
  wordsOf,
} from '../../storage/sqlite/full-text-check'
import { type SqliteConnection, sqliteOf } from '../../storage/sqlite/sqlite-connection'
import { MAX_SEARCHED } from '../../storage/test-search'
import { counters, outcomeBits } from '../core/counters'
import { EPOCH, rightTimeOf } from '../core/ran-at'
import { QUARTER } from '../core/totals'
import { type Derivation, describeJob, keysThatDiffer } from './derivation'
import { placeDerivations } from './derived-places'

/** Derived data that does not match the rows it is derived from. */
export interface Inconsistency {
  /** Words for a sentence: "3 jobs whose ...". */
  what: string
  count: number
  /** The first few of them. */
  examples: string[]
}

const MAX_EXAMPLES = 5

const expectedColumns = (columns: readonly string[]) =>
  columns.map((name) => `expected_job.${name}`).join(', ')
const jobColumns = [...counters, 'outcomes']
const totalColumns = ['jobs', ...counters]
const outcomes = Object.entries(outcomeBits)
  .map(([column, bit]) => `${bit} * (${column} > 0)`)
  .join(' + ')
const statusCounts = counters.map((name, status) => {
  const fits = status === 0 ? 'test.status IS NULL' : `test.status = ${status}`
  return `count(test.id) FILTER (WHERE ${fits}) AS ${name}`
})
const quarter = `time / ${QUARTER}`

/** The expected counters of visible jobs. Nobody reads the counters of hidden jobs. */
const expectedJobs = `
  CREATE TEMP TABLE expected_job AS
  SELECT *, ${outcomes} AS outcomes FROM (
    SELECT job.number, job.time, job.status, job.not_started, ${statusCounts.join(', ')}
    FROM job LEFT JOIN test ON test.job = job.number WHERE job.complete = 1 GROUP BY job.number)`

const expectedTotals = `
  SELECT coalesce(status, 0) AS status, outcomes, count(*) AS jobs FROM expected_job GROUP BY 1, 2`

const expectedQuarters = `
  SELECT ${quarter} AS quarter, count(*) AS jobs, ${counters.map((name) => `sum(${name}) AS ${name}`).join(', ')}
  FROM expected_job GROUP BY 1`

const jobIndex: IndexedRows = {
  index: 'job_search',
  columns: 'id, number, description',
  rows: 'SELECT number, id, number, description FROM job WHERE complete = 1',
  vocabulary: 'instance',
}
const testcaseIndex: IndexedRows = {
  index: 'testcase_search',
  columns: 'suite, name, variant',
  rows: `SELECT id, suite, substr(text, 1, length(text) - coalesce(length(variant) + 1, 0)), variant FROM testcase
    WHERE ${isFilled('id', 'testcase')}`,
  vocabulary: 'instance',
}
const reasonIndex: IndexedRows = {
  index: 'reason_search',
  columns: 'text',
  rows: `SELECT id, substr(text, 1, ${MAX_SEARCHED}) FROM fail_reason WHERE ${isFilled('id', 'reason')}`,
  vocabulary: 'row',
}
const searchIndexes = [jobIndex, testcaseIndex, reasonIndex]

/** Whether the background has added a row to its index: see core/search-filling.ts. */
function isFilled(id: string, part: 'testcase' | 'reason'): string {
  return `NOT EXISTS (SELECT 1 FROM task WHERE task.name = 'fill the search'
    AND ${id} > ${textOf(fieldOf('state', part))} AND ${id} <= ${textOf(fieldOf('state', `${part}s`))})`
}

const ranAtOfJob = `(${textOf(rightTimeOf(sql`job.time`, sql`job.received_at`))}) - ${EPOCH}`

function textOf(expression: RawBuilder<unknown>): string {
  return expression.compile(tables).sql
}

const derivations: Derivation[] = [
  ...placeDerivations,
  {
    what: 'jobs whose counted tests are not those they have',
    inconsistent: keysThatDiffer(
      `SELECT number, ${jobColumns.join(', ')} FROM expected_job`,
      `SELECT number, ${jobColumns.join(', ')} FROM job WHERE complete = 1`,
      'number',
    ),
    describeKey: describeJob,
    rebuild: [
      `UPDATE job SET (${jobColumns.join(', ')}) = (${expectedColumns(jobColumns)})
       FROM expected_job WHERE expected_job.number = job.number
         AND (${jobColumns.map((name) => `job.${name}`).join(', ')}) IS DISTINCT FROM (${expectedColumns(jobColumns)})`,
    ],
  },
  {
    what: 'statuses whose number of jobs is wrong',
    // Counted by status and outcomes, reported by status. A status without jobs may have a row of zero.
    inconsistent: keysThatDiffer(
      expectedTotals,
      'SELECT status, outcomes, jobs FROM job_total WHERE jobs <> 0',
      'status',
    ),
    describeKey: (status) => jobStatuses.find(({ id }) => id === status)?.name ?? 'none',
    rebuild: ['DELETE FROM job_total', `INSERT INTO job_total (status, outcomes, jobs) ${expectedTotals}`],
  },
  {
    what: 'quarters of an hour whose jobs and tests are counted wrong',
    inconsistent: keysThatDiffer(
      expectedQuarters,
      // A quarter whose jobs were deleted has a row of zeros.
      `SELECT quarter, ${totalColumns.join(', ')} FROM quarter_total
       WHERE ${totalColumns.map((name) => `${name} <> 0`).join(' OR ')}`,
      'quarter',
    ),
    describeKey: (key) => formatTime(Number(key) * QUARTER),
    rebuild: [
      'DELETE FROM quarter_total',
      `INSERT INTO quarter_total (quarter, ${totalColumns.join(', ')}) ${expectedQuarters}`,
    ],
  },
  {
    what: 'jobs that are searched by words that are not theirs',
    inconsistent: differencesOf(wordsOf(jobIndex), 'doc'),
    describeKey: describeJob,
    rebuild: rebuildIndex(jobIndex),
  },
  {
    what: 'test cases that are searched by words that are not theirs',
    inconsistent: differencesOf(wordsOf(testcaseIndex), 'doc'),
    describeKey: (id) => `test case ${id}`,
    rebuild: rebuildIndex(testcaseIndex),
  },
  {
    what: 'fail reasons, or words of them, that are searched wrongly',
    inconsistent: `SELECT id FROM (${differencesOf(entriesOf(reasonIndex), 'id')}) WHERE ${isFilled('id', 'reason')}
      UNION ALL SELECT * FROM (${differencesOf(wordsOf(reasonIndex), 'term')})`,
    describeKey: (key) => (typeof key === 'number' ? `fail reason ${key}` : `the word ${key}`),
    rebuild: rebuildIndex(reasonIndex),
  },
  {
    what: 'tests without a start of their own that lie at another time than their job',
    inconsistent: `SELECT test.id FROM test JOIN job ON job.number = test.job
      WHERE test.has_started = 0 AND test.ran_at <> ${ranAtOfJob}`,
    describeKey: (id) => `test ${id}`,
    rebuild: [
      `UPDATE test SET ran_at = ${ranAtOfJob} FROM job
       WHERE job.number = test.job AND test.has_started = 0 AND test.ran_at <> ${ranAtOfJob}`,
    ],
  },
]

function differencesOf({ expected, stored }: ReturnType<typeof wordsOf>, key: string): string {
  return keysThatDiffer(expected, stored, key)
}

/**
 * Compares the derived data with the rows that it comes from.
 *
 * @param connection  inside a transaction. Makes temporary tables, which the caller's rollback removes.
 */
export function findInconsistencies(connection: SqliteConnection): Inconsistency[] {
  createExpectedTables(connection)
  return derivations.flatMap((one) => inconsistencyOf(connection, one) ?? [])
}

/** Repairs the derived data. @returns what was wrong. */
export const repairDerivedData = defineWrite('repairDerivedData', async (any): Promise<Inconsistency[]> => {
  const connection = sqliteOf(any)
  createExpectedTables(connection)
  const found = derivations.flatMap((one) => {
    const inconsistency = inconsistencyOf(connection, one)
    if (!inconsistency) return []
    for (const text of one.rebuild) connection.database.run(text)
    const left = inconsistencyOf(connection, one)
    if (left) throw new Error(`after the repair there are ${left.count} ${left.what}`)
    return inconsistency
  })
  for (const index of searchIndexes) dropExpectedIndex(connection, index)
  connection.database.run('DROP TABLE temp.expected_job')
  if (found.length > 0) connection.markChanged('job', 'any')
  return found
})

function createExpectedTables(connection: SqliteConnection): void {
  connection.database.run(expectedJobs)
  for (const index of searchIndexes) createExpectedIndex(connection, index)
}

function inconsistencyOf(
  { database }: SqliteConnection,
  { what, inconsistent, describeKey }: Derivation,
): Inconsistency | undefined {
  const statement = database.prepare(
    `WITH inconsistent (key) AS (${inconsistent}) SELECT key, count(*) OVER () FROM inconsistent ORDER BY key LIMIT ${MAX_EXAMPLES}`,
  )
  const rows = statement.values() as [number | string, number][]
  statement.finalize()
  const [first] = rows
  return first && { what, count: first[1], examples: rows.map(([key]) => describeKey(key)) }
}
