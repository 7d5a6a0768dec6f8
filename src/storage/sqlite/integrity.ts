// Runs SQLite's own checks of a database file: of its structure, and of references between rows.

import { SQLiteError } from 'bun:sqlite'
import type { SqliteConnection } from './sqlite-connection'

const MAX_LINES = 5

/**
 * @param thoroughly  also compares every index with its table, which takes ten times as long.
 * @returns SQLite's messages about damage. If there are any, nothing read from the file can be trusted.
 */
export function findDamage({ database }: SqliteConnection, { thoroughly = true } = {}): string[] {
  const check = thoroughly ? 'integrity_check' : 'quick_check'
  try {
    using statement = database.prepare(`PRAGMA ${check}(${MAX_LINES})`)
    const lines = statement.values().map(([line]) => String(line))
    return lines[0] === 'ok' ? [] : lines
  } catch (error) {
    // Some damage makes the check itself fail. Damage of the full-text index gives SQLITE_ERROR.
    if (error instanceof SQLiteError && /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(error.code ?? ''))
      return [error.message]
    throw error
  }
}

/** @returns a sentence for each pair of tables where rows of one refer to missing rows of the other. */
export function findLostReferences({ database }: SqliteConnection): string[] {
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
