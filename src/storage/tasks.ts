// Stores the progress of long tasks in the database, so that they continue after the process is killed.

import { sql } from 'kysely'
import { defineQuery } from './named-operations'
import { type Connection, query, tables } from './query'

const put = query<{ name: string; state: string }>()((param) =>
  tables
    .insertInto('task')
    .values({ name: param('name'), state: param('state') })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ state: sql`excluded.state` })),
)
const byName = query<{ name: string }>()((param) =>
  tables.selectFrom('task').select('state').where('name', '=', param('name')),
)
const between = query<{ first: string; end: string; limit: number }>()((param) =>
  tables
    .selectFrom('task')
    .select(['name', 'state'])
    .where('name', '>=', param('first'))
    .where('name', '<', param('end'))
    .orderBy('name')
    .limit(param('limit')),
)
const remove = query<{ name: string }>()((param) =>
  tables.deleteFrom('task').where('name', '=', param('name')),
)

/** @param state  a value that JSON can represent. */
export async function putTask(connection: Connection, name: string, state: unknown): Promise<void> {
  await connection.run(put, { name, state: JSON.stringify(state) })
}

/** @returns the state of an unfinished task; undefined when there is none. */
export async function findTask<T>(connection: Connection, name: string): Promise<T | undefined> {
  const row = await connection.first(byName, { name })
  return row && (JSON.parse(row.state) as T)
}

/**
 * The unfinished tasks of one kind: a task for each job, or for each host.
 *
 * @param prefix  what their names begin with; it ends with a space.
 * @returns for each the rest of its name, and its state.
 */
export async function listTasks<T>(
  connection: Connection,
  prefix: `${string} `,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<{ of: string; state: T }[]> {
  // `!` follows the space in the order of texts.
  const range = { first: prefix, end: `${prefix.slice(0, -1)}!` }
  const rows = await connection.all(between, { ...range, limit })
  return rows.map(({ name, state }) => ({ of: name.slice(prefix.length), state: JSON.parse(state) as T }))
}

export const findTaskQuery = defineQuery('findTask', (connection, name: string) =>
  findTask<unknown>(connection, name),
)

export const listTasksQuery = defineQuery('listTasks', (connection, prefix: `${string} `) =>
  listTasks<unknown>(connection, prefix),
)

export async function endTask(connection: Connection, name: string): Promise<void> {
  await connection.run(remove, { name })
}
