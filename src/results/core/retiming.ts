// When the time of a job changes, so does that of its tests that were reported without a start. A job with many tests takes
// several writes, by a task that goes on after a restart.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { writeLarge } from '../../storage/chunked-writes'
import { type Database, defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { endTask, findTask, putTask } from '../../storage/tasks'
import { toRanAt } from './ran-at'

/** How many rows one transaction changes at most: some 20 ms of the writer's time. */
const MAX_ROWS = 1000
const PREFIX = 'retime tests of job '
/** Sorts after every name that begins so. */
const END = `${PREFIX}~`

/** The last test that was done, in the order of the index test_by_tag. */
interface Place {
  testcase: number
  prefix: string
}

const beginning: Place = { testcase: 0, prefix: '' }

const retime = query<{ job: number; ranAt: number }>()((param) =>
  tables
    .updateTable('test')
    .set({ ran_at: param('ranAt') })
    .where('job', '=', param('job'))
    .where('has_started', '=', 0),
)
const testsBehind = query<{ job: number; limit: number } & Place>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', 'testcase', 'prefix', 'has_started'])
    .where('job', '=', param('job'))
    .where(sql<boolean>`(testcase, prefix) > (${param('testcase')}, ${param('prefix')})`)
    .orderBy('testcase')
    .orderBy('prefix')
    .limit(param('limit')),
)
const retimeThese = query<{ ids: string; ranAt: number }>()((param) =>
  tables
    .updateTable('test')
    .set({ ran_at: param('ranAt') })
    .where(sql<boolean>`id IN (SELECT value FROM json_each(${param('ids')}))`),
)
const timeOfJob = query<{ job: number }>()((param) =>
  tables.selectFrom('job').select('time').where('number', '=', param('job')),
)
const tasksBetween = query<{ start: string; end: string }>()((param) =>
  tables
    .selectFrom('task')
    .select('name')
    .where('name', '>', param('start'))
    .where('name', '<', param('end')),
)
/** Gives the tests the new time of their job. For many tests, it makes a task that retimeStoredTests() does later. */
export function retimeTests(
  connection: Connection,
  { number: job, time, tests_total }: { number: number; time: Microseconds; tests_total: number },
): void {
  if (tests_total <= MAX_ROWS) connection.run(retime, { job, ranAt: toRanAt(time) })
  else putTask(connection, PREFIX + job, beginning)
}

/** Does a part of a task. @returns whether all is done */
export const retimeSome = defineWrite('retimeSome', (connection, { job }: { job: number }): boolean => {
  const name = PREFIX + job
  const place = findTask<Place>(connection, name)
  const found = place && connection.first(timeOfJob, { job })
  if (!place || !found) {
    endTask(connection, name)
    return true
  }
  const rows = connection.all(testsBehind, { job, limit: MAX_ROWS, ...place })
  const ids = rows.filter(({ has_started }) => has_started === 0).map(({ id }) => id)
  connection.run(retimeThese, { ids: JSON.stringify(ids), ranAt: toRanAt(found.time) })
  const last = rows.at(-1)
  if (!last || rows.length < MAX_ROWS) endTask(connection, name)
  else {
    const { testcase, prefix } = last
    putTask(connection, name, { testcase, prefix })
  }
  connection.markChanged('job', job)
  return rows.length < MAX_ROWS
})

/** Does the task of a job, until all of its tests have its time. */
export async function retimeStoredTests(database: Database, job: number): Promise<void> {
  if (!database.read((connection) => findTask(connection, PREFIX + job))) return
  while (!(await writeLarge(database, retimeSome, { job })));
}

/** Does what was left undone when the server stopped. */
export async function resumeRetiming(database: Database): Promise<void> {
  const tasks = database.read((connection) => connection.all(tasksBetween, { start: PREFIX, end: END }))
  for (const { name } of tasks) await retimeStoredTests(database, Number(name.slice(PREFIX.length)))
}
