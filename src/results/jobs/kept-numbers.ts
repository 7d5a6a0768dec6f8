// Everything that is kept beside the rows it is made of, made of those rows anew: to compare, and to put right. What
// each should be stands here once.

import { formatTime } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { jobStatuses } from '../../storage/seed-data'
import { counters, outcomeBits } from '../core/counters'
import { EPOCH } from '../core/ran-at'
import { QUARTER } from '../core/totals'

/** Something kept that is not what the rows say. */
export interface Deviation {
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

/** The tests of visible jobs, counted. Of the hidden ones nobody reads the numbers. */
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

interface Kept {
  what: string
  /** A SELECT of the keys of what deviates. */
  deviating: string
  place(key: number): string
  /** Statements. */
  rebuild: string[]
}

const job = (number: number) => `job ${number}`

const kept: Kept[] = [
  {
    what: 'jobs whose counted tests are not those they have',
    deviating: keysThatDiffer(
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
    // By outcomes, too; told by status alone. What was, leaves a row of zero.
    deviating: keysThatDiffer(
      rightTotals,
      'SELECT status, outcomes, jobs FROM job_total WHERE jobs <> 0',
      'status',
    ),
    place: (status) => jobStatuses.find(({ id }) => id === status)?.name ?? 'none',
    rebuild: ['DELETE FROM job_total', `INSERT INTO job_total (status, outcomes, jobs) ${rightTotals}`],
  },
  {
    what: 'quarters of an hour whose jobs and tests are counted wrong',
    deviating: keysThatDiffer(
      rightQuarters,
      // What was deleted leaves a row of zeros.
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
    deviating: keysThatDiffer(
      'SELECT doc, col, term, offset FROM right_words',
      'SELECT doc, col, term, offset FROM kept_words',
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
    deviating: `SELECT test.id FROM test JOIN job ON job.number = test.job
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
 * Compares everything kept with the rows.
 *
 * @param connection  inside a transaction, and allowed to have temporary tables, which are gone when that is rolled
 *   back.
 */
export function findDeviations(connection: Connection): Deviation[] {
  makeRight(connection)
  return kept.flatMap((one) => deviationOf(connection, one) ?? [])
}

/** Puts everything kept right. @returns what was not */
export const repairKept = defineWrite('repairKept', (connection): Deviation[] => {
  makeRight(connection)
  const found = kept.flatMap((one) => {
    const deviation = deviationOf(connection, one)
    if (!deviation) return []
    for (const text of one.rebuild) connection.database.run(text)
    const left = deviationOf(connection, one)
    if (left) throw new Error(`after the repair there are ${left.count} ${left.what}`)
    return deviation
  })
  for (const table of ['right_words', 'kept_words', 'right_search', 'right_job']) {
    connection.database.run(`DROP TABLE temp.${table}`)
  }
  if (found.length > 0) connection.markChanged('job', 'any')
  return found
})

function makeRight({ database }: Connection): void {
  database.run(rightJob)
  // The same index again, with its tokenizer, whatever that is.
  const statement = database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'job_search'")
  const [[text] = []] = statement.values()
  statement.finalize()
  database.run(String(text).replace('TABLE job_search', 'TABLE temp.right_search'))
  database.run(`INSERT INTO right_search (rowid, id, number, description) ${rightWords}`)
  database.run('CREATE VIRTUAL TABLE temp.right_words USING fts5vocab(temp, right_search, instance)')
  database.run('CREATE VIRTUAL TABLE temp.kept_words USING fts5vocab(main, job_search, instance)')
}

function deviationOf({ database }: Connection, { what, deviating, place }: Kept): Deviation | undefined {
  const statement = database.prepare(
    `WITH deviating (key) AS (${deviating}) SELECT key, count(*) OVER () FROM deviating ORDER BY key LIMIT ${MAX_PLACES}`,
  )
  const rows = statement.values() as [number, number][]
  statement.finalize()
  const [first] = rows
  return first && { what, count: first[1], places: rows.map(([key]) => place(key)) }
}
