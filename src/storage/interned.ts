// Stores texts that repeat by the million once each. Rows refer to them by id.

import { type Connection, type InternedTable, query, tables } from './query'
import { addReasonToSearch } from './test-search'

const MAX_CACHED = 20_000

/** @returns a function that gives the id of a text in `table`; a new text gets a row. */
export function interned(table: InternedTable): (connection: Connection, text: string) => Promise<number> {
  const find = query<{ text: string }>()((param) =>
    tables.selectFrom(table).select('id').where('text', '=', param('text')),
  )
  const insert = query<{ text: string }>()((param) =>
    tables.insertInto(table).values({ text: param('text') }),
  )
  return async (connection, text) => {
    const cache = connection.cachedIds[table]
    const known = cache.get(text)
    if (known !== undefined) return known
    const id = (await connection.first(find, { text }))?.id ?? (await connection.insert(insert, { text }))
    if (cache.size >= MAX_CACHED) cache.clear()
    cache.set(text, id)
    return id
  }
}

const findReason = query<{ hash: Uint8Array }>()((param) =>
  tables.selectFrom('fail_reason').select('id').where('hash', '=', param('hash')),
)
const insertReason = query<{ hash: Uint8Array; text: string }>()((param) =>
  tables.insertInto('fail_reason').values({ hash: param('hash'), text: param('text') }),
)

/** Fail reasons and their templates are found by hash: a reason may be a whole traceback, too long for an index. */
export function hashOfText(text: string): Uint8Array {
  return new Bun.CryptoHasher('sha256').update(text).digest()
}

/** @returns undefined when no test has this reason. */
async function findReasonId(connection: Connection, hash: Uint8Array): Promise<number | undefined> {
  return (await connection.first(findReason, { hash }))?.id
}

/** The id of a fail reason; a new reason gets a row. */
export async function failReasonId(connection: Connection, text: string): Promise<number> {
  const hash = hashOfText(text)
  const stored = await findReasonId(connection, hash)
  if (stored !== undefined) return stored
  const id = await connection.insert(insertReason, { hash, text })
  await addReasonToSearch(connection, id, text)
  return id
}
