// Checks and repairs data that is derived from other rows: counters, totals, the search index and the times of tests.

import { formatTime } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'
import { counters, outcomeBits } from '../core/counters'
import { EPOCH } from '../core/ran-at'
import { QUARTER } from '../core/totals'

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

const searchableJobs = 'SELECT number, id, number, description FROM job WHERE complete = 1'

interface Derivation {
  what: string
  /** A SELECT of the keys of the rows that are wrong. */
  inconsistent: string
  describeKey(key: number): string
  /** SQL statements that repair it. */
  rebuild: string[]
}

const describeJob = (number: number) => `job ${number}`

const derivations: Derivation[] = [
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
    describeKey: (key) => formatTime(key * QUARTER),
    rebuild: [
      'DELETE FROM quarter_total',
      `INSERT INTO quarter_total (quarter, ${totalColumns.join(', ')}) ${expectedQuarters}`,
    ],
  },
  {
    what: 'jobs that are searched by words that are not theirs',
    inconsistent: keysThatDiffer(
      'SELECT doc, col, term, offset FROM expected_words',
      'SELECT doc, col, term, offset FROM stored_words',
      'doc',
    ),
    describeKey: describeJob,
    rebuild: [
      "INSERT INTO job_search (job_search) VALUES ('delete-all')",
      `INSERT INTO job_search (rowid, id, number, description) ${searchableJobs}`,
    ],
  },
  {
    what: 'tests without a start of their own that lie at another time than their job',
    inconsistent: `SELECT test.id FROM test JOIN job ON job.number = test.job
      WHERE test.has_started = 0 AND test.ran_at <> job.time - ${EPOCH}`,
    describeKey: (id) => `test ${id}`,
    rebuild: [
      `UPDATE test SET ran_at = job.time - ${EPOCH} FROM job
       WHERE job.number = test.job AND test.has_started = 0 AND test.ran_at <> job.time - ${EPOCH}`,
    ],
  },
]

function keysThatDiffer(expected: string, stored: string, key: string): string {
  return `SELECT ${key} FROM (SELECT * FROM (${expected}) EXCEPT SELECT * FROM (${stored}))
    UNION SELECT ${key} FROM (SELECT * FROM (${stored}) EXCEPT SELECT * FROM (${expected}))`
}

/**
 * Compares the derived data with the rows that it comes from.
 *
 * @param connection  inside a transaction. Makes temporary tables, which the caller's rollback removes.
 */
export function findInconsistencies(connection: Connection): Inconsistency[] {
  createExpectedTables(connection)
  return derivations.flatMap((one) => inconsistencyOf(connection, one) ?? [])
}

/** Repairs the derived data. @returns what was wrong. */
export const repairDerivedData = defineWrite('repairDerivedData', (connection): Inconsistency[] => {
  createExpectedTables(connection)
  const found = derivations.flatMap((one) => {
    const inconsistency = inconsistencyOf(connection, one)
    if (!inconsistency) return []
    for (const text of one.rebuild) connection.database.run(text)
    const left = inconsistencyOf(connection, one)
    if (left) throw new Error(`after the repair there are ${left.count} ${left.what}`)
    return inconsistency
  })
  for (const table of ['expected_words', 'stored_words', 'expected_search', 'expected_job']) {
    connection.database.run(`DROP TABLE temp.${table}`)
  }
  if (found.length > 0) connection.markChanged('job', 'any')
  return found
})

function createExpectedTables({ database }: Connection): void {
  database.run(expectedJobs)
  // A second index with the same definition, so that it has the same tokenizer.
  const statement = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'job_search'")
  const [[text] = []] = statement.values()
  statement.finalize()
  database.run(String(text).replace('TABLE job_search', 'TABLE temp.expected_search'))
  database.run(`INSERT INTO expected_search (rowid, id, number, description) ${searchableJobs}`)
  database.run('CREATE VIRTUAL TABLE temp.expected_words USING fts5vocab(temp, expected_search, instance)')
  database.run('CREATE VIRTUAL TABLE temp.stored_words USING fts5vocab(main, job_search, instance)')
}

function inconsistencyOf(
  { database }: Connection,
  { what, inconsistent, describeKey }: Derivation,
): Inconsistency | undefined {
  const statement = database.prepare(
    `WITH inconsistent (key) AS (${inconsistent}) SELECT key, count(*) OVER () FROM inconsistent ORDER BY key LIMIT ${MAX_EXAMPLES}`,
  )
  const rows = statement.values() as [number, number][]
  statement.finalize()
  const [first] = rows
  return first && { what, count: first[1], examples: rows.map(([key]) => describeKey(key)) }
}
