// The full-text index of visible jobs for ?search=, which changes in the same transaction as the jobs, and what a search
// text looks for in it.

import { sql } from 'kysely'
import { ENTRY_ID, matches, searchPattern } from '../../storage/full-text'
import { type Connection, inTime, query, tables } from '../../storage/query'
import type { SearchPattern } from '../../storage/search-terms'
import { searchParts } from './search-words'

/** The columns of a job that are searched. */
interface SearchableJob {
  number: number
  id: string
  description: string | null
}

const insert = query<SearchableJob>()((param) =>
  tables.insertInto('job_search').values({
    [ENTRY_ID]: param('number'),
    id: param('id'),
    number: param('number'),
    description: param('description'),
  }),
)
const remove = query<{ number: number }>()((param) =>
  tables.deleteFrom('job_search').where(ENTRY_ID, '=', param('number')),
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

/** A subquery: the numbers of the jobs that match. */
export function searchMatches(pattern: SearchPattern) {
  return sql`(SELECT ${sql.ref(ENTRY_ID)} FROM job_search WHERE ${matches('job_search', pattern)} AND ${inTime})`
}

const countFound = query<{ pattern: SearchPattern }>()((param) =>
  tables
    .selectFrom('job_search')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(matches('job_search', param('pattern')))
    .where(inTime),
)

export async function countSearchMatches(connection: Connection, pattern: SearchPattern): Promise<number> {
  return (await connection.first(countFound, { pattern }))?.count ?? 0
}

/**
 * What a search text looks for. Every part between blanks must be a prefix of a word of the description, a
 * prefix of the id, or the whole number. The last word of a part with punctuation may be a prefix.
 *
 * @returns undefined when the text has no words.
 */
export function toSearchPattern(text: string): SearchPattern | undefined {
  const parts = searchParts(text)
  if (parts.length === 0) return undefined
  return searchPattern(
    parts.map((text) => [
      { text, column: 'description' },
      { text, column: 'id', match: 'at the start' },
      { text, column: 'number', match: 'whole words' },
    ]),
  )
}
