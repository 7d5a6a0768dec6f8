// Adds the test cases and fail reasons of a database that was upgraded to the full-text indexes, a few at a time. A
// stored task says how far it is, so that it continues after a restart. Rows that are stored meanwhile are added by the
// writes that store them.

import { sql } from 'kysely'
import { type Database, defineQuery, defineWrite } from '../../storage/database'
import { ENTRY_ID } from '../../storage/full-text'
import { type Connection, query, tables } from '../../storage/query'
import { endTask, findTask, putTask } from '../../storage/tasks'
import { MAX_SEARCHED } from '../../storage/test-search'

/** The migration stores the first state. */
const TASK = 'fill the search'

/** The last rows that are in the indexes, and the last ones to add. */
interface Progress {
  testcase: number
  testcases: number
  reason: number
  reasons: number
}

/** How far the filling is, in rows. */
export interface Incomplete {
  done: number
  of: number
}

/** Rows that are added between two looks at the clock. */
const ROWS = 20
/** How long a write adds rows, and the pause behind it, in milliseconds. */
const WRITE_MS = 10
const PAUSE_MS = 50

type Rows = { after: number; last: number }

const testcasesToAdd = query<{ after: number; until: number; limit: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .select('id')
    .where('id', '>', param('after'))
    .where('id', '<=', param('until'))
    .orderBy('id')
    .limit(param('limit')),
)
const reasonsToAdd = query<{ after: number; until: number; limit: number }>()((param) =>
  tables
    .selectFrom('fail_reason')
    .select('id')
    .where('id', '>', param('after'))
    .where('id', '<=', param('until'))
    .orderBy('id')
    .limit(param('limit')),
)
const removeTestcases = query<Rows>()((param) =>
  tables
    .deleteFrom('testcase_search')
    .where(ENTRY_ID, '>', param('after'))
    .where(ENTRY_ID, '<=', param('last')),
)
const removeReasons = query<Rows>()((param) =>
  tables
    .deleteFrom('reason_search')
    .where(ENTRY_ID, '>', param('after'))
    .where(ENTRY_ID, '<=', param('last')),
)
const addTestcases = query<Rows>()((param) =>
  tables
    .insertInto('testcase_search')
    .columns([ENTRY_ID, 'suite', 'name', 'variant'])
    .expression(
      tables
        .selectFrom('testcase')
        .select([
          'id',
          'suite',
          sql<string>`substr(text, 1, length(text) - coalesce(length(variant) + 1, 0))`.as('name'),
          'variant',
        ])
        .where('id', '>', param('after'))
        .where('id', '<=', param('last')),
    ),
)
const addReasons = query<Rows>()((param) =>
  tables
    .insertInto('reason_search')
    .columns([ENTRY_ID, 'text'])
    .expression(
      tables
        .selectFrom('fail_reason')
        .select(['id', sql<string>`substr(text, 1, ${sql.lit(MAX_SEARCHED)})`.as('text')])
        .where('id', '>', param('after'))
        .where('id', '<=', param('last')),
    ),
)

const parts = [
  { at: 'testcase', until: 'testcases', toAdd: testcasesToAdd, remove: removeTestcases, add: addTestcases },
  { at: 'reason', until: 'reasons', toAdd: reasonsToAdd, remove: removeReasons, add: addReasons },
] as const

/** @returns undefined when every row is in the indexes. */
export async function findIncompleteSearch(connection: Connection): Promise<Incomplete | undefined> {
  const progress = await findTask<Progress>(connection, TASK)
  if (!progress) return undefined
  return { done: progress.testcase + progress.reason, of: progress.testcases + progress.reasons }
}

export const findIncompleteSearchQuery = defineQuery('findIncompleteSearch', findIncompleteSearch)

/** Adds the next rows. @returns whether all are in the indexes. */
export const fillSearch = defineWrite('fillSearch', async (connection): Promise<boolean> => {
  const progress = await findTask<Progress>(connection, TASK)
  if (!progress) return true
  const end = performance.now() + WRITE_MS
  for (const { at, until, toAdd, remove, add } of parts) {
    while (progress[at] < progress[until]) {
      if (performance.now() > end) {
        await putTask(connection, TASK, progress)
        return false
      }
      const after = progress[at]
      const rows = await connection.all(toAdd, { after, until: progress[until], limit: ROWS })
      const last = rows.length < ROWS ? progress[until] : (rows.at(-1)?.id ?? progress[until])
      // A text that was changed since the upgrade is in the index already.
      await connection.run(remove, { after, last })
      await connection.run(add, { after, last })
      progress[at] = last
    }
  }
  await endTask(connection, TASK)
  return true
})

/** Fills the indexes, with pauses for the writes of others. */
export async function fillSearchSlowly(database: Database, stop: AbortSignal): Promise<void> {
  if (!(await database.read(findIncompleteSearchQuery))) return
  while (!stop.aborted && !(await database.write(fillSearch, undefined))) await Bun.sleep(PAUSE_MS)
}
