// Checks and repairs the verdicts that the background stores. What waits for it is no fault.

import { sql } from 'kysely'
import { markVerdictPlace } from '../../results/core/stale-jobs'
import type { Inconsistency } from '../../results/jobs/derived-data'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { RunContext } from '../runs/context'
import { sampleOf } from '../sample'
import { verdictOf } from './background'
import { LEAST_TESTS } from './judge'
import { JobRecords } from './records'
import { removeVerdict, storedVerdict } from './stored'

/** How many jobs are judged anew. Of more, a sample that is spread over all of them: each takes milliseconds. */
const MAX_CHECKED = 2000
const MAX_EXAMPLES = 5

const lastJob = query()(() => tables.selectFrom('job').select((column) => column.fn.max('number').as('last')))
// Those with enough failures, and those that have a verdict.
const nextJob = query<{ after: number }>()((param) =>
  tables
    .selectFrom('job')
    .select(['number as id', 'id as job'])
    .where('number', '>', param('after'))
    .where(
      sql<boolean>`complete = 1 AND (failed + errored >= ${sql.lit(LEAST_TESTS)}
        OR EXISTS (SELECT 1 FROM job_verdict WHERE job_verdict.job = job.number))`,
    )
    .orderBy('number')
    .limit(1),
)
/** Judges jobs anew and compares; only where no verdict waits. @returns the numbers of the jobs that differ, with what to say of them */
export async function findWrongVerdicts(
  connection: Connection,
): Promise<{ jobs: number[]; found: Inconsistency[] }> {
  const last = (await connection.first(lastJob, {}))?.last ?? 0
  const next = (after: number) => connection.first(nextJob, { after })
  const wrong: { id: number; job: string }[] = []
  for await (const row of sampleOf({ last, most: MAX_CHECKED }, next)) {
    if (await isWrong(connection, row.id)) wrong.push(row)
  }
  if (wrong.length === 0) return { jobs: [], found: [] }
  const examples = wrong.slice(0, MAX_EXAMPLES).map(({ job }) => `job ${job}`)
  const what = 'jobs whose verdict is not that of their runs'
  return { jobs: wrong.map(({ id }) => id), found: [{ what, count: wrong.length, examples }] }
}

export const findWrongVerdictsQuery = defineQuery('findWrongVerdicts', findWrongVerdicts)

async function isWrong(connection: Connection, number: number): Promise<boolean> {
  const records = new JobRecords(connection, new RunContext(connection))
  const job = await records.find(number)
  const stored = (await storedVerdict(connection, number)) ?? null
  return !Bun.deepEquals(job ? await verdictOf(job, records) : null, stored)
}

const markAll = query()(() =>
  tables
    .insertInto('stale_verdict')
    .columns(['host', 'time', 'change'])
    .expression(sql`SELECT host, time, 0 FROM job_verdict WHERE true`)
    .onConflict((conflict) => conflict.doNothing()),
)

/** Makes the background judge these jobs anew, and those that had a verdict. What people set stays. */
export const judgeAnew = defineWrite(
  'judgeAnew',
  async (connection, { jobs }: { jobs: number[] }): Promise<void> => {
    await connection.run(markAll, {})
    for (const job of jobs) {
      await removeVerdict(connection, job)
      await markVerdictPlace(connection, job)
    }
  },
)
