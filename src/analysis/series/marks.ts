// The marks of what has to be analysed: of jobs as a whole, of test cases, and of windows that have moved on.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { testcasesInterrupted } from '../runs/interruptions'
import { fillLeftPlaces, placeDistro } from './distros'

/** Test cases that one write marks. */
const MAX_MARKS = 1000
/** A job without tests takes the writer as long as so many marks. */
const ROWS_OF_JOB = 20
/** Places on hosts around which one write corrects the distros. */
const MAX_PLACES = 10

const dueTestcases = query<{ now: number; limit: number }>()((param) =>
  tables
    .selectFrom('testcase_flakiness')
    .select('testcase')
    .where(sql<boolean>`due IS NOT NULL`)
    .where('due', '<=', param('now'))
    .limit(param('limit')),
)
const undue = query<{ testcase: number }>()((param) =>
  tables.updateTable('testcase_flakiness').set({ due: null }).where('testcase', '=', param('testcase')),
)

/** Marks test cases whose oldest run has left the window. @returns how many */
export const markDue = defineWrite(
  'markDue',
  async (connection, { now }: { now: Microseconds }): Promise<number> => {
    const due = await connection.all(dueTestcases, { now, limit: MAX_MARKS })
    for (const { testcase } of due) {
      await connection.run(undue, { testcase })
      connection.markStale(testcase)
    }
    return due.length
  },
)

/** The tests whose outcomes are known only now that these jobs are over. */
export const findInterrupted = defineQuery(
  'findInterrupted',
  (connection, { jobs }: { jobs: number[] }): Promise<number[]> =>
    testcasesInterrupted(connection, jobs, MAX_MARKS),
)

/** Marks some test cases. */
export const markTestcases = defineWrite(
  'markTestcases',
  async (connection, { testcases }: { testcases: number[] }): Promise<void> => {
    for (const testcase of testcases) connection.markStale(testcase)
  },
)

const firstStaleJob = query()(() =>
  tables.selectFrom('stale_job').select(['job', 'testcase']).orderBy('job').limit(1),
)
const testcasesOfJob = query<{ job: number; after: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select('testcase')
    .distinct()
    .where('job', '=', param('job'))
    .where('testcase', '>', param('after'))
    .orderBy('testcase')
    .limit(param('limit')),
)
const setLastMarked = query<{ job: number; testcase: number }>()((param) =>
  tables
    .updateTable('stale_job')
    .set({ testcase: param('testcase') })
    .where('job', '=', param('job')),
)
const deleteStaleJob = query<{ job: number }>()((param) =>
  tables.deleteFrom('stale_job').where('job', '=', param('job')),
)

const markedJobs = query<{ limit: number }>()((param) =>
  tables
    .selectFrom('stale_job')
    .innerJoin('job', 'job.number', 'stale_job.job')
    .select(['number', 'tests_total', 'ended_at', 'testcase'])
    .where('stale_job.job', '>', 0) // in the order of the key
    .orderBy('stale_job.job')
    .limit(param('limit')),
)

/** The jobs of which the next markTestsOfJobs() begins to mark the tests, as far as they are over. */
export const nextMarkedJobs = defineQuery('nextMarkedJobs', async (connection) => {
  const jobs: number[] = []
  let room = MAX_MARKS
  for (const job of await connection.all(markedJobs, { limit: MAX_MARKS / ROWS_OF_JOB })) {
    if (room <= 0) break
    room -= Math.max(ROWS_OF_JOB, job.tests_total)
    if (job.testcase === 0 && job.ended_at !== null) jobs.push(job.number)
  }
  return jobs
})

/**
 * Gives the jobs that are marked as a whole their distros, and marks their test cases, some at a time.
 *
 * @returns whether any job was marked
 */
export const markTestsOfJobs = defineWrite(
  'markTestsOfJobs',
  async (connection, _: Record<never, never>): Promise<boolean> => {
    let room = MAX_MARKS
    let isAny = await fillLeftPlaces(connection, MAX_PLACES)
    while (room > 0) {
      const job = await connection.first(firstStaleJob, {})
      if (!job) break
      isAny = true
      if (job.testcase === 0) await placeDistro(connection, job.job)
      const rows = await connection.all(testcasesOfJob, { job: job.job, after: job.testcase, limit: room })
      for (const { testcase } of rows) connection.markStale(testcase)
      const last = rows.at(-1)
      if (last && rows.length === room)
        await connection.run(setLastMarked, { job: job.job, testcase: last.testcase })
      else await connection.run(deleteStaleJob, { job: job.job })
      room -= Math.max(ROWS_OF_JOB, rows.length)
    }
    return isAny
  },
)

const waiting = query<{ now: number }>()((param) =>
  tables.selectNoFrom([
    sql<number>`EXISTS (SELECT 1 FROM stale_job) OR EXISTS (SELECT 1 FROM stale_place)`.as('jobs'),
    sql<number>`EXISTS (SELECT 1 FROM stale_verdict)`.as('verdicts'),
    sql<number>`EXISTS (SELECT 1 FROM stale_testcase)`.as('testcases'),
    sql<number>`EXISTS (SELECT 1 FROM stale_template)`.as('templates'),
    sql<number>`EXISTS (SELECT 1 FROM testcase_flakiness WHERE due IS NOT NULL AND due <= ${param('now')})`.as(
      'due',
    ),
  ]),
)

/** Which work waits for the background. `due`: test cases whose window has moved on. */
export async function waitingWork(connection: Connection, now: Microseconds) {
  const found = await connection.first(waiting, { now })
  return {
    jobs: found?.jobs === 1,
    verdicts: found?.verdicts === 1,
    testcases: found?.testcases === 1,
    templates: found?.templates === 1,
    due: found?.due === 1,
  }
}

export const waitingWorkQuery = defineQuery('waitingWork', waitingWork)
