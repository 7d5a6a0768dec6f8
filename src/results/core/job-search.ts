// The full-text index of visible jobs for ?search=, which changes in the same transaction as the jobs, and the
// translation of a search text into an FTS5 expression.

import { sql } from 'kysely'
import { type Connection, query, tables } from '../../storage/query'
import { inTime } from '../../storage/sqlite/time-limit'
import { quotedParts } from './search-words'

/** The columns of a job that are searched. */
interface SearchableJob {
  number: number
  id: string
  description: string | null
}

const insert = query<SearchableJob>()((param) =>
  tables.insertInto('job_search').values({
    rowid: param('number'),
    id: param('id'),
    number: param('number'),
    description: param('description'),
  }),
)
const remove = query<{ number: number }>()((param) =>
  tables.deleteFrom('job_search').where('rowid', '=', param('number')),
)

export async function addToSearch(
  connection: Connection,
  { number, id, description }: SearchableJob,
): Promise<void> {
  await connection.run(insert, { number, id, description })
}

export async function removeFromSearch(connection: Connection, { number }: SearchableJob): Promise<void> {
  await connection.run(remove, { number })
}

/** A subquery: the numbers of the jobs that match an expression. */
export function searchMatches(expression: string) {
  return sql`(SELECT rowid FROM job_search WHERE job_search MATCH ${expression} AND ${inTime})`
}

const countFound = query<{ expression: string }>()((param) =>
  tables
    .selectFrom('job_search')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(sql<boolean>`job_search MATCH ${param('expression')}`)
    .where(inTime),
)

export async function countSearchMatches(connection: Connection, expression: string): Promise<number> {
  return (await connection.first(countFound, { expression }))?.count ?? 0
}

/**
 * The FTS5 expression for a search text. Every part between blanks must be a prefix of a word of the description, a
 * prefix of the id, or the whole number. The last word of a part with punctuation may be a prefix.
 *
 * @returns undefined when the text has no words.
 */
export function toFtsExpression(text: string): string | undefined {
  const parts = quotedParts(text)
  if (parts.length === 0) return undefined
  return parts
    .map((part) => `(description : ${part} * OR id : ^ ${part} * OR number : ${part})`)
    .join(' AND ')
}
