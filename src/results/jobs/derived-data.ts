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
  /** In words, as in "3 jobs whose ...". */
  what: string
  count: number
  /** The first few. */
  places: string[]
}

const MAX_PLACES = 5

const quoted = (columns: readonly string[]) => columns.map((name) => `right_job.${name}`).join(', ')
const jobColumns = [...counters, 'outcomes']
const totalColumns = ['jobs', ...counters]
const outcomes = Object.entries(outcomeBits)
  .map(([column, bit]) => `${bit} * (${column} > 0)`)
  .join(' + ')
const ofStatus = counters.map((name, status) => {
  const fits = status === 0 ? 'test.status IS NULL' : `test.status = ${status}`
  return `count(test.id) FILTER (WHERE ${fits}) AS ${name}`
})
const quarter = `time / ${QUARTER}`

/** The right counters of visible jobs. Nobody reads the counters of hidden jobs. */
const rightJob = `
  CREATE TEMP TABLE right_job AS
  SELECT *, ${outcomes} AS outcomes FROM (
    SELECT job.number, job.time, job.status, job.not_started, ${ofStatus.join(', ')}
    FROM job LEFT JOIN test ON test.job = job.number WHERE job.complete = 1 GROUP BY job.number)`

const rightTotals = `
  SELECT coalesce(status, 0) AS status, outcomes, count(*) AS jobs FROM right_job GROUP BY 1, 2`

const rightQuarters = `
  SELECT ${quarter} AS quarter, count(*) AS jobs, ${counters.map((name) => `sum(${name}) AS ${name}`).join(', ')}
  FROM right_job GROUP BY 1`

const rightWords = 'SELECT number, id, number, description FROM job WHERE complete = 1'

interface Derivation {
  what: string
  /** A SELECT of the keys of the rows that are wrong. */
  inconsistent: string
  place(key: number): string
  /** SQL statements that repair it. */
  rebuild: string[]
}

const job = (number: number) => `job ${number}`

const derivations: Derivation[] = [
  {
    what: 'jobs whose counted tests are not those they have',
    inconsistent: keysThatDiffer(
      `SELECT number, ${jobColumns.join(', ')} FROM right_job`,
      `SELECT number, ${jobColumns.join(', ')} FROM job WHERE complete = 1`,
      'number',
    ),
    place: job,
    rebuild: [
      `UPDATE job SET (${jobColumns.join(', ')}) = (${quoted(jobColumns)})
       FROM right_job WHERE right_job.number = job.number
         AND (${jobColumns.map((name) => `job.${name}`).join(', ')}) IS NOT (${quoted(jobColumns)})`,
    ],
  },
  {
    what: 'statuses whose number of jobs is wrong',
    // Counted by status and outcomes, reported by status. A status without jobs may have a row of zero.
    inconsistent: keysThatDiffer(
      rightTotals,
      'SELECT status, outcomes, jobs FROM job_total WHERE jobs <> 0',
      'status',
    ),
    place: (status) => jobStatuses.find(({ id }) => id === status)?.name ?? 'none',
    rebuild: ['DELETE FROM job_total', `INSERT INTO job_total (status, outcomes, jobs) ${rightTotals}`],
  },
  {
    what: 'quarters of an hour whose jobs and tests are counted wrong',
    inconsistent: keysThatDiffer(
      rightQuarters,
      // A quarter whose jobs were deleted has a row of zeros.
      `SELECT quarter, ${totalColumns.join(', ')} FROM quarter_total
       WHERE ${totalColumns.map((name) => `${name} <> 0`).join(' OR ')}`,
      'quarter',
    ),
    place: (key) => formatTime(key * QUARTER),
    rebuild: [
      'DELETE FROM quarter_total',
      `INSERT INTO quarter_total (quarter, ${totalColumns.join(', ')}) ${rightQuarters}`,
    ],
  },
  {
    what: 'jobs that are searched by words that are not theirs',
    inconsistent: keysThatDiffer(
      'SELECT doc, col, term, offset FROM right_words',
      'SELECT doc, col, term, offset FROM stored_words',
      'doc',
    ),
    place: job,
    rebuild: [
      "INSERT INTO job_search (job_search) VALUES ('delete-all')",
      `INSERT INTO job_search (rowid, id, number, description) ${rightWords}`,
    ],
  },
  {
    what: 'tests without a start of their own that lie at another time than their job',
    inconsistent: `SELECT test.id FROM test JOIN job ON job.number = test.job
      WHERE test.has_started = 0 AND test.ran_at <> job.time - ${EPOCH}`,
    place: (id) => `test ${id}`,
    rebuild: [
      `UPDATE test SET ran_at = job.time - ${EPOCH} FROM job
       WHERE job.number = test.job AND test.has_started = 0 AND test.ran_at <> job.time - ${EPOCH}`,
    ],
  },
]

function keysThatDiffer(right: string, stored: string, key: string): string {
  return `SELECT ${key} FROM (SELECT * FROM (${right}) EXCEPT SELECT * FROM (${stored}))
    UNION SELECT ${key} FROM (SELECT * FROM (${stored}) EXCEPT SELECT * FROM (${right}))`
}

/**
 * Compares the derived data with the rows that it comes from.
 *
 * @param connection  inside a transaction. Makes temporary tables, which the caller's rollback removes.
 */
export function findInconsistencies(connection: Connection): Inconsistency[] {
  makeRight(connection)
  return derivations.flatMap((one) => inconsistencyOf(connection, one) ?? [])
}

/** Repairs the derived data. @returns what was wrong. */
export const repairDerivedData = defineWrite('repairDerivedData', (connection): Inconsistency[] => {
  makeRight(connection)
  const found = derivations.flatMap((one) => {
    const inconsistency = inconsistencyOf(connection, one)
    if (!inconsistency) return []
    for (const text of one.rebuild) connection.database.run(text)
    const left = inconsistencyOf(connection, one)
    if (left) throw new Error(`after the repair there are ${left.count} ${left.what}`)
    return inconsistency
  })
  for (const table of ['right_words', 'stored_words', 'right_search', 'right_job']) {
    connection.database.run(`DROP TABLE temp.${table}`)
  }
  if (found.length > 0) connection.markChanged('job', 'any')
  return found
})

function makeRight({ database }: Connection): void {
  database.run(rightJob)
  // A second index with the same definition, so that it has the same tokenizer.
  const statement = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'job_search'")
  const [[text] = []] = statement.values()
  statement.finalize()
  database.run(String(text).replace('TABLE job_search', 'TABLE temp.right_search'))
  database.run(`INSERT INTO right_search (rowid, id, number, description) ${rightWords}`)
  database.run('CREATE VIRTUAL TABLE temp.right_words USING fts5vocab(temp, right_search, instance)')
  database.run('CREATE VIRTUAL TABLE temp.stored_words USING fts5vocab(main, job_search, instance)')
}

function inconsistencyOf(
  { database }: Connection,
  { what, inconsistent, place }: Derivation,
): Inconsistency | undefined {
  const statement = database.prepare(
    `WITH inconsistent (key) AS (${inconsistent}) SELECT key, count(*) OVER () FROM inconsistent ORDER BY key LIMIT ${MAX_PLACES}`,
  )
  const rows = statement.values() as [number, number][]
  statement.finalize()
  const [first] = rows
  return first && { what, count: first[1], places: rows.map(([key]) => place(key)) }
}
