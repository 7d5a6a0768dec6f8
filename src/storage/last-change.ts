// The number of the last commit. The background removes a mark only if it is not newer than what it has read.

import { type Connection, query, tables } from './query'

const number = query()(() => tables.selectFrom('change').select('number'))

export async function lastChange(connection: Connection): Promise<number> {
  return (await connection.first(number, {}))?.number ?? 0
}
