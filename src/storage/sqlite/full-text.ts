// Full-text search by FTS5.

import { type RawBuilder, sql } from 'kysely'
import type { SearchIndex, SearchPattern, SearchTerm } from '../search-terms'

/** The column of an index with the id of the row that an entry is about. */
export const ENTRY_ID = 'rowid'

/** The condition on an entry of an index. */
export function matches(
  index: SearchIndex,
  pattern: SearchPattern | RawBuilder<SearchPattern>,
): RawBuilder<boolean> {
  return sql<boolean>`${sql.table(index)} MATCH ${pattern}`
}

/** @param parts  each must be found, by any of its terms. */
export function searchPattern(parts: readonly (readonly SearchTerm[])[]): SearchPattern {
  return parts
    .map((terms) => terms.map(expressionOf).join(' OR '))
    .map((any) => `(${any})`)
    .join(' AND ') as SearchPattern
}

/** FTS5 knows no operators inside quotes, and the tokenizer splits the text like stored texts. */
function expressionOf({ text, column, match }: SearchTerm): string {
  const quoted = `"${text.replaceAll('"', '""')}"`
  const place = column === undefined ? '' : `${column} : `
  return `${place}${match === 'at the start' ? '^ ' : ''}${quoted}${match === 'whole words' ? '' : ' *'}`
}
