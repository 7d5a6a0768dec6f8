// Checks and repairs data that is derived from other rows: counters, totals, the search indexes and the times of tests.

import type { Database } from 'bun:sqlite'
import { type RawBuilder, sql } from 'kysely'
import { formatTime } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { tables } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'
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

/** A full-text index, and the rows that it is made of. */
interface SearchIndex {
  table: string
  columns: string
  /** A SELECT of the key and the columns. */
  rows: string
  /**
   * How its words are compared. instance: each in its place. row: how often there is each word, which takes a fraction
   * of the time; there may be a hundred times as many fail reasons as jobs.
   */
  vocabulary: 'instance' | 'row'
}

const jobIndex: SearchIndex = {
  table: 'job_search',
  columns: 'id, number, description',
  rows: 'SELECT number, id, number, description FROM job WHERE complete = 1',
  vocabulary: 'instance',
}
const testcaseIndex: SearchIndex = {
  table: 'testcase_search',
  columns: 'suite, name, variant',
  rows: `SELECT id, suite, substr(text, 1, length(text) - ifnull(length(variant) + 1, 0)), variant FROM testcase
    WHERE ${isFilled('id', 'testcase')}`,
  vocabulary: 'instance',
}
const reasonIndex: SearchIndex = {
  table: 'reason_search',
  columns: 'text',
  rows: `SELECT id, substr(text, 1, ${MAX_SEARCHED}) FROM fail_reason WHERE ${isFilled('id', 'reason')}`,
  vocabulary: 'row',
}
const searchIndexes = [jobIndex, testcaseIndex, reasonIndex]

/** Whether the background has added a row to its index: see core/search-filling.ts. */
function isFilled(id: string, part: 'testcase' | 'reason'): string {
  return `NOT EXISTS (SELECT 1 FROM task WHERE task.name = 'fill the search'
    AND ${id} > state ->> '${part}' AND ${id} <= state ->> '${part}s')`
}

function isRebuiltFrom({ table, columns, rows }: SearchIndex): string[] {
  return [
    `INSERT INTO ${table} (${table}) VALUES ('delete-all')`,
    `INSERT INTO ${table} (rowid, ${columns}) ${rows}`,
  ]
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
         AND (${jobColumns.map((name) => `job.${name}`).join(', ')}) IS NOT (${expectedColumns(jobColumns)})`,
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
    inconsistent: docsThatDiffer(jobIndex),
    describeKey: describeJob,
    rebuild: isRebuiltFrom(jobIndex),
  },
  {
    what: 'test cases that are searched by words that are not theirs',
    inconsistent: docsThatDiffer(testcaseIndex),
    describeKey: (id) => `test case ${id}`,
    rebuild: isRebuiltFrom(testcaseIndex),
  },
  {
    what: 'fail reasons, or words of them, that are searched wrongly',
    inconsistent: `${keysThatDiffer(
      `SELECT id FROM expected_reason_search_docsize WHERE ${isFilled('id', 'reason')}`,
      `SELECT id FROM reason_search_docsize WHERE ${isFilled('id', 'reason')}`,
      'id',
    )} UNION ALL SELECT * FROM (${keysThatDiffer(
      'SELECT term, doc, cnt FROM expected_reason_search_words',
      'SELECT term, doc, cnt FROM stored_reason_search_words',
      'term',
    )})`,
    describeKey: (key) => (typeof key === 'number' ? `fail reason ${key}` : `the word ${key}`),
    rebuild: isRebuiltFrom(reasonIndex),
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

function docsThatDiffer({ table }: SearchIndex): string {
  const words = 'SELECT doc, col, term, offset FROM'
  return keysThatDiffer(`${words} expected_${table}_words`, `${words} stored_${table}_words`, 'doc')
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
  for (const { table } of searchIndexes) {
    for (const name of [`expected_${table}_words`, `stored_${table}_words`, `expected_${table}`])
      connection.database.run(`DROP TABLE temp.${name}`)
  }
  connection.database.run('DROP TABLE temp.expected_job')
  if (found.length > 0) connection.markChanged('job', 'any')
  return found
})

function createExpectedTables({ database }: SqliteConnection): void {
  database.run(expectedJobs)
  for (const index of searchIndexes) createExpectedIndex(database, index)
}

/** A second index with the same definition, so that it has the same tokenizer. */
function createExpectedIndex(database: Database, { table, columns, rows, vocabulary }: SearchIndex): void {
  const statement = database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?')
  const [[text] = []] = statement.values(table)
  statement.finalize()
  database.run(String(text).replace(`TABLE ${table}`, `TABLE temp.expected_${table}`))
  database.run(`INSERT INTO expected_${table} (rowid, ${columns}) ${rows}`)
  for (const [words, source] of [
    [`expected_${table}_words`, `temp, expected_${table}`],
    [`stored_${table}_words`, `main, ${table}`],
  ])
    database.run(`CREATE VIRTUAL TABLE temp.${words} USING fts5vocab(${source}, ${vocabulary})`)
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
