// What is SQLite's own is in src/storage/sqlite/, so that another engine is a folder beside it and no rewrite.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../../src')

/** What another engine does not have, or calls otherwise, by the name under which it is listed below. */
const signs: Record<string, RegExp> = {
  module: /'bun:sqlite'|\bSQLiteError\b/,
  pragma: /\bPRAGMA\b/,
  rowid: /\blastInsertRowid\b/,
  json: /\bjson_(each|object|group_array|extract)\b/,
  fts5: /\bfts5|\bMATCH \$\{|'delete-all'/,
  schema: /\bsqlite_schema\b/,
}

/** Where it is still so, and why. A line that is not needed any more fails. */
const known: Record<string, string[]> = {
  // The journal that Avocado writes is an SQLite database, read as a file.
  'ingest/formats/journal/rows.ts': ['module', 'pragma', 'schema'],
  // Errors cross threads with the class that Bun gave them.
  'lib/transferable-errors.ts': ['module'],
  // A backup is a copy that SQLite makes; a check and its repair go through SQLite's own tables.
  'operations/backups/copy.ts': ['schema'],
  'results/jobs/derived-data.ts': ['module', 'fts5', 'schema'],
  // The full-text search of jobs.
  'results/core/job-search.ts': ['fts5'],
  // Texts as the rows of a table.
  'results/labels/environment-labels.ts': ['json'],
  'results/scope/queries.ts': ['json'],
}

/** Its SQL was written while the port was made: lists, texts in JSON and searches are still SQLite's. */
const ANALYSIS = /^analysis\//

test('what is of SQLite is in storage/sqlite/, or listed here with the reason', () => {
  const found: Record<string, string[]> = {}
  for (const file of new Glob('**/*.ts').scanSync(root)) {
    if (file.startsWith('storage/sqlite/') || file.startsWith('dashboard/page/')) continue
    const code = readFileSync(join(root, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '')
    const signsHere = Object.keys(signs).filter(
      (name) => !ANALYSIS.test(file) || !['json', 'fts5'].includes(name),
    )
    const names = signsHere.filter((name) => signs[name]?.test(code))
    if (names.length > 0) found[file] = names
  }
  expect(found).toEqual(known)
})
