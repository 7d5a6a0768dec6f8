// Removes the words of removed entries from the full-text indexes. FTS5 only marks such an entry as gone: its words stay in
// the file until their part of the index is merged with others.

import { defineWrite } from '../named-operations'
import type { SearchIndex } from '../search-terms'
import { sqliteOf } from './sqlite-connection'

/** How many pages a write merges, which takes a few milliseconds. */
const PAGES = 200

/** FTS5 says so: a merge that changes fewer rows had nothing to do. */
const LEAST_CHANGES = 2

/**
 * Merges the next pages of an index into one part.
 *
 * @param begins  whether all parts of the index are to be merged from now on, however few they are.
 * @returns whether nothing is left to merge.
 */
export const mergeWords = defineWrite(
  'mergeWords',
  async (any, { index, begins }: { index: SearchIndex; begins: boolean }): Promise<boolean> => {
    const connection = sqliteOf(any)
    const changes = () => Number(connection.row('SELECT total_changes()')[0])
    const before = changes()
    connection.execute(`INSERT INTO ${index} (${index}, rank) VALUES ('merge', ${begins ? -PAGES : PAGES})`)
    return changes() - before < LEAST_CHANGES
  },
)
