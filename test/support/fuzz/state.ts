// What the database holds, as digests of its rows: whether somebody changed something who must not.

import { Database } from 'bun:sqlite'

/**
 * `all`, and the same without sessions, what only administrators change, and what a reporter may add to and not
 * change.
 */
export type Kept = 'all' | 'all but sessions' | 'users' | 'results'

const tablesOf: Record<Kept, RegExp> = {
  all: /./,
  'all but sessions': /^(?!session$)/,
  users: /^(user|token|session)$/,
  results: /^(job|test)(_activity|_data|_file)?$/,
}
/** What the server notes about those who ask, and how often it did: it may change by asking. */
const NOTES = /audit|last_used|looked_at|attempt|^change$|^sqlite_sequence$/

type Rows = Map<string, Set<number | bigint>>

/** The rows of each table. */
export function rowsOf(path: string, kept: Kept): Rows {
  using database = new Database(path, { readonly: true })
  const names = database
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
    )
    .all()
    .map(({ name }) => name)
    .filter((name) => tablesOf[kept].test(name) && !NOTES.test(name))
  if (names.length === 0) throw new Error(`No tables in ${path}`)
  return new Map(names.map((name) => [name, rowsOfTable(database, name)]))
}

function rowsOfTable(database: Database, table: string): Set<number | bigint> {
  const columns = database
    .query<{ name: string }, [string]>('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => name)
    .filter((name) => !NOTES.test(name))
    .map((name) => `"${name}"`)
  const rows = database.query(`SELECT ${columns.join(', ')} FROM "${table}"`).iterate()
  return new Set([...rows].map((row) => Bun.hash(JSON.stringify(row))))
}

/**
 * @returns the names of the tables that differ; of results, and of sessions, for whoever knows a password may sign in,
 *   those that lost a row or had one changed.
 */
export function differences(before: Rows, after: Rows, kept: Kept): string[] {
  return [...before]
    .filter(([table, rows]) => {
      const others = after.get(table) ?? new Set()
      return (
        !rows.isSubsetOf(others) || (kept !== 'results' && table !== 'session' && rows.size !== others.size)
      )
    })
    .map(([table]) => table)
}

/** The hash of a user's password; undefined where there is none. */
export function passwordHashOf(path: string, username: string): string | undefined {
  using database = new Database(path, { readonly: true })
  return (
    database
      .query<{ hash: string | null }, [string]>('SELECT password_hash AS hash FROM user WHERE username = ?')
      .get(username)?.hash ?? undefined
  )
}

/** Where those came from of whom the audit log tells since it had so many entries, and how many it has. */
export function auditSince(path: string, entries: number): { addresses: string[]; entries: number } {
  using database = new Database(path, { readonly: true })
  const rows = database
    .query<{ id: number; address: string }, [number]>('SELECT id, address FROM audit WHERE id > ?')
    .all(entries)
  return {
    addresses: [...new Set(rows.map(({ address }) => address))],
    entries: Math.max(entries, ...rows.map(({ id }) => id)),
  }
}
