// The full-text indexes of test cases and of fail reasons. They change in the same transaction as the rows they index.

import { sql } from 'kysely'
import { ENTRY_ID } from './full-text'
import { type Connection, query, tables } from './query'

/** A search looks at the beginning of a reason only: a reason may be a log of 64 KiB. In characters. */
export const MAX_SEARCHED = 4096

/** What is searched of a test case. */
export interface SearchableTestcase {
  suite: string
  /** The text without the variant. */
  name: string
  variant: string | null
}

const insertTestcase = query<{ id: number } & SearchableTestcase>()((param) =>
  tables.insertInto('testcase_search').values({
    [ENTRY_ID]: param('id'),
    suite: param('suite'),
    name: param('name'),
    variant: param('variant'),
  }),
)
const deleteTestcase = query<{ id: number }>()((param) =>
  tables.deleteFrom('testcase_search').where(ENTRY_ID, '=', param('id')),
)
const insertReason = query<{ id: number; text: string }>()((param) =>
  tables
    .insertInto('reason_search')
    .values({ [ENTRY_ID]: param('id'), text: sql`substr(${param('text')}, 1, ${sql.lit(MAX_SEARCHED)})` }),
)
const deleteReason = query<{ id: number }>()((param) =>
  tables.deleteFrom('reason_search').where(ENTRY_ID, '=', param('id')),
)

export async function addTestcaseToSearch(
  connection: Connection,
  id: number,
  testcase: SearchableTestcase,
): Promise<void> {
  await connection.run(insertTestcase, { id, ...testcase })
}

export async function addReasonToSearch(connection: Connection, id: number, text: string): Promise<void> {
  await connection.run(insertReason, { id, text })
}

/** For a test case whose text has changed. It may be in the index, or not yet: see results/core/search-filling.ts. */
export async function replaceTestcaseInSearch(
  connection: Connection,
  id: number,
  testcase: SearchableTestcase,
): Promise<void> {
  await connection.run(deleteTestcase, { id })
  await addTestcaseToSearch(connection, id, testcase)
}

export async function replaceReasonInSearch(connection: Connection, id: number, text: string): Promise<void> {
  await connection.run(deleteReason, { id })
  await addReasonToSearch(connection, id, text)
}
