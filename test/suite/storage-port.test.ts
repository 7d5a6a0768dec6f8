// What is SQLite's own is in src/storage/sqlite/, so that another engine is a folder beside it and no rewrite.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../../src')

/** What another engine does not have, or calls otherwise, by the name under which it is listed below. */
const signs: Record<string, RegExp> = {
  module: /'(bun|node):sqlite'|\bSQLiteError\b/,
  pragma: /\bPRAGMA\b/,
  rowid: /\b(rowid|lastInsertRowid)\b/,
  json: /\bjson_\w+\(|->>/,
  fts5: /\bfts5|\bMATCH\b|'delete-all'|_docsize\b/,
  schema: /\bsqlite_(schema|master)\b/,
  // Standard: coalesce(), CASE, IS [NOT] DISTINCT FROM; for the others there is storage/sql-dialect.ts.
  function:
    /\b(ifnull|iif|instr|printf|group_concat|strftime|unixepoch|julianday|randomblob|total_changes|like_any|in_time|char)\(/,
  'greater of two': /(?<![.\w])(max|min)\([^()]*,/,
  'is of values': /\bIS (NOT )?(?!NOT\b|NULL\b|TRUE\b|FALSE\b|DISTINCT\b)[\w$(`]/,
  matching: /\bGLOB\b|\bLIKE\b|COLLATE NOCASE/,
  bytes: /\b[xX]'[0-9a-fA-F]/,
  conflict: /\bINSERT OR\b|\bREPLACE INTO\b|\.(orReplace|orIgnore|replaceInto)\(/,
  'plus that means no index': /(`|'|\(|\bAND |\bOR |\bBY )\+[a-z_.]+/,
  'order of a join': /\bCROSS JOIN [\w ]+ ON\b/,
  'no limit': /\b(limit: |LIMIT )-1\b/,
  'hint of an index': /\b(NOT INDEXED|INDEXED BY)\b/,
}

/** Where it is still so, and why. A line that is not needed any more fails. */
const known: Record<string, string[]> = {
  // The journal that Avocado writes is an SQLite database, read as a file.
  'ingest/formats/journal/rows.ts': ['module', 'pragma', 'rowid', 'schema', 'hint of an index'],
}

test('what is of SQLite is in storage/sqlite/, or listed here with the reason', () => {
  const found: Record<string, string[]> = {}
  for (const file of new Glob('**/*.ts').scanSync(root)) {
    if (file.startsWith('storage/sqlite/') || file.startsWith('dashboard/page/')) continue
    const code = readFileSync(join(root, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '')
    const names = Object.keys(signs).filter((name) => signs[name]?.test(code))
    if (names.length > 0) found[file] = names
  }
  expect(found).toEqual(known)
})

/** What works with the files of SQLite, starts its threads, or repairs on its terms. */
const onSqlite = [
  'cli/',
  'operations/backups/',
  'operations/monitoring/readiness.ts',
  'operations/redaction/',
  'results/jobs/derived-data.ts',
  'server/named-operations.ts',
  'server/workers/',
]

test('what serves requests imports nothing of storage/sqlite/', () => {
  const importing = [...new Glob('**/*.ts').scanSync(root)].filter(
    (file) =>
      !file.startsWith('storage/') &&
      /from '[./]*storage\/sqlite\//.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(importing.filter((file) => !onSqlite.some((place) => file.startsWith(place)))).toEqual([])
  expect(onSqlite.filter((place) => !importing.some((file) => file.startsWith(place)))).toEqual([])
})
