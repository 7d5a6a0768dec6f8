// When the time of a job changes, its tests without a start of their own get the new time. A job with many tests takes
// several writes; a stored task lets them continue after a restart.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { writeLarge } from '../../storage/chunked-writes'
import { type Database, defineWrite } from '../../storage/database'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { endTask, findTask, findTaskQuery, listTasksQuery, putTask } from '../../storage/tasks'
import { rightTime, toRanAt } from './ran-at'

/** How many rows one transaction changes at most, which takes the writer about 20 ms. */
const MAX_ROWS = 1000
const PREFIX = 'retime tests of job '

/** The last test that has the new time, in the order of the index test_by_tag. */
interface Position {
  testcase: number
  prefix: string
}

const startPosition: Position = { testcase: 0, prefix: '' }

const retime = query<{ job: number; ranAt: number }>()((param) =>
  tables
    .updateTable('test')
    .set({ ran_at: param('ranAt') })
    .where('job', '=', param('job'))
    .where('has_started', '=', 0)
    .returning('testcase'),
)
const testsAfter = query<{ job: number; limit: number } & Position>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', 'testcase', 'prefix', 'has_started'])
    .where('job', '=', param('job'))
    .where(sql<boolean>`(testcase, prefix) > (${param('testcase')}, ${param('prefix')})`)
    .orderBy('testcase')
    .orderBy('prefix')
    .limit(param('limit')),
)
const retimeByIds = query<{ ids: NumberList; ranAt: number }>()((param) =>
  tables
    .updateTable('test')
    .set({ ran_at: param('ranAt') })
    .where(inList('id', param('ids'))),
)
const timeOfJob = query<{ job: number }>()((param) =>
  tables.selectFrom('job').select(['time', 'received_at']).where('number', '=', param('job')),
)

/** Gives the tests the new time of their job. For many tests it stores a task, which retimeStoredTests() runs later. */
export async function retimeTests(
  connection: Connection,
  { number: job, tests_total }: { number: number; tests_total: number },
): Promise<void> {
  if (tests_total > MAX_ROWS) await putTask(connection, PREFIX + job, startPosition)
  else {
    const tests = await connection.all(retime, {
      job,
      ranAt: ranAtOf(await connection.first(timeOfJob, { job })),
    })
    for (const { testcase } of tests) connection.markStale(testcase)
  }
}

/** Where the tests of a job lie that have no start of their own. */
function ranAtOf(job: { time: Microseconds; received_at: Microseconds } | undefined): number {
  return job ? toRanAt(rightTime(job.time, job.received_at)) : 0
}

/** Runs one step of a task. @returns whether the task is done */
export const retimeNextTests = defineWrite(
  'retimeNextTests',
  async (connection, { job }: { job: number }): Promise<boolean> => {
    const name = PREFIX + job
    const place = await findTask<Position>(connection, name)
    const found = place && (await connection.first(timeOfJob, { job }))
    if (!place || !found) {
      await endTask(connection, name)
      return true
    }
    const rows = await connection.all(testsAfter, { job, limit: MAX_ROWS, ...place })
    const retimed = rows.filter(({ has_started }) => has_started === 0)
    const ids = retimed.map(({ id }) => id)
    for (const { testcase } of retimed) connection.markStale(testcase)
    await connection.run(retimeByIds, { ids: toNumberList(ids), ranAt: ranAtOf(found) })
    const last = rows.at(-1)
    if (!last || rows.length < MAX_ROWS) await endTask(connection, name)
    else {
      const { testcase, prefix } = last
      await putTask(connection, name, { testcase, prefix })
    }
    connection.markChanged('job', job)
    return rows.length < MAX_ROWS
  },
)

/** Runs the task of a job, if there is one, until all of its tests have its time. */
export async function retimeStoredTests(database: Database, job: number): Promise<void> {
  if (!(await database.read(findTaskQuery, PREFIX + job))) return
  while (!(await writeLarge(database, retimeNextTests, { job })));
}

/** Finishes the tasks that were not done when the server stopped. */
export async function resumeRetiming(database: Database): Promise<void> {
  const tasks = await database.read(listTasksQuery, PREFIX)
  for (const { of: job } of tasks) await retimeStoredTests(database, Number(job))
}
