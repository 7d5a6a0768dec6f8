// The numbers of the last commit and of the next one. The background removes a mark only if it is not newer than what it
// has read.

import { sql } from 'kysely'
import { type Connection, query, tables } from './query'

const number = query()(() => tables.selectFrom('change').select('number'))

/** In a write: the number of the commit that it will be in. A mark has it. */
export const nextChange = sql<number>`(SELECT number + 1 FROM change)`

export async function lastChange(connection: Connection): Promise<number> {
  return (await connection.first(number, {}))?.number ?? 0
}
