// The words of visible jobs: the index that ?search= asks, kept in the transaction of the jobs, and what a person
// types in the words of FTS5.

import { sql } from 'kysely'
import { type Field, Refused, text } from '../../http/resource/fields'
import { type Connection, query, tables } from '../../storage/query'
import { inTime } from '../../storage/sqlite/time-limit'

/** What of a job is searched. */
interface Searched {
  number: number
  id: string
  description: string | null
}

const typed = text({ max: 1000 })

const insert = query<Searched>()((param) =>
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

export function addToSearch(connection: Connection, { number, id, description }: Searched): void {
  connection.run(insert, { number, id, description })
}

export function removeFromSearch(connection: Connection, { number }: Searched): void {
  connection.run(remove, { number })
}

/** The numbers of the jobs that an expression of searchFor fits. */
export function foundBy(expression: string) {
  return sql`(SELECT rowid FROM job_search WHERE job_search MATCH ${expression} AND ${inTime})`
}

const countFound = query<{ expression: string }>()((param) =>
  tables
    .selectFrom('job_search')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(sql<boolean>`job_search MATCH ${param('expression')}`)
    .where(inTime),
)

export function countFoundBy(connection: Connection, expression: string): number {
  return connection.first(countFound, { expression })?.count ?? 0
}

/** What the tokenizer makes words of. All else separates them. */
const WORD = /[\p{L}\p{N}\p{Co}]/u

/** Each is looked up in three ways. */
const MAX_WORDS = 16

/** What a person typed, in parts that searchFor makes an expression of. */
function partsOf(text: string): string[] {
  return text.split(/\s+/).filter((part) => WORD.test(part))
}

/** Text to search for, of few words. */
export const searchText: Field<string> = {
  ...typed,
  read(value) {
    const text = typed.read(value)
    if (partsOf(text).length > MAX_WORDS) throw new Refused(`At most ${MAX_WORDS} words are looked for.`)
    return text
  },
}

/**
 * The FTS5 expression for what a person typed. Every part between blanks must be the beginning of a word of the
 * description, or of the id, or the whole number. A part with punctuation inside, such as `kernel-6.1`, is several
 * words that follow each other, of which the last is a beginning.
 *
 * Inside quotes FTS5 knows no operators, and the tokenizer splits what stands there as it split the description.
 *
 * @returns undefined when there is no word in it, and so nothing to look for.
 */
export function searchFor(text: string): string | undefined {
  const parts = partsOf(text)
  if (parts.length === 0) return undefined
  return parts
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .map((part) => `(description : ${part} * OR id : ^ ${part} * OR number : ${part})`)
    .join(' AND ')
}
