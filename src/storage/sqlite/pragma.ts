// Reads one number from SQLite: the value of a PRAGMA or of a query.

import type { Database as Sqlite } from 'bun:sqlite'

export function pragma(sqlite: Sqlite, name: string): number {
  return firstValue(sqlite, `PRAGMA ${name}`)
}

export function firstValue(sqlite: Sqlite, text: string): number {
  const statement = sqlite.prepare(text)
  try {
    return Object.values(statement.get() as Record<string, number>)[0] ?? 0
  } finally {
    statement.finalize() // otherwise the connection and its lock stay open after close()
  }
}
