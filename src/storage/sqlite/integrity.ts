// What SQLite itself can say of a file: that its pages fit together, and that no row refers to one that is gone.

import { SQLiteError } from 'bun:sqlite'
import type { Connection } from '../query'

const MAX_LINES = 5

/**
 * @param thoroughly  also whether every index has what its table has, which takes ten times as long.
 * @returns what is wrong with the file, in SQLite's words; nothing more can be read from it with trust then.
 */
export function findDamage({ database }: Connection, { thoroughly = true } = {}): string[] {
  const check = thoroughly ? 'integrity_check' : 'quick_check'
  try {
    using statement = database.prepare(`PRAGMA ${check}(${MAX_LINES})`)
    const lines = statement.values().map(([line]) => String(line))
    return lines[0] === 'ok' ? [] : lines
  } catch (error) {
    // Damage of some kinds ends the search for it; of the index of words it is an error like any other.
    if (error instanceof SQLiteError && /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(error.code ?? ''))
      return [error.message]
    throw error
  }
}

/** @returns how many rows of which table refer to rows that are gone: one sentence for each pair of tables. */
export function findLostReferences({ database }: Connection): string[] {
  const statement = database.prepare(
    `SELECT "table", parent, count(*), group_concat(rowid, ', ') FILTER (WHERE place <= ${MAX_LINES})
     FROM (SELECT *, row_number() OVER (PARTITION BY "table", parent) AS place FROM pragma_foreign_key_check)
     GROUP BY 1, 2`,
  )
  try {
    return statement
      .values()
      .map(
        ([table, parent, count, rows]) =>
          `${count} rows of ${table} refer to rows of ${parent} that are gone${rows === null ? '' : `: ${rows}`}.`,
      )
  } finally {
    statement.finalize()
  }
}
