// Compares a full-text index with the rows that it is made of, by a second index of the same definition.

import type { SearchIndex } from '../search-terms'
import type { SqliteConnection } from './sqlite-connection'

/** A full-text index, and the rows that it is made of. */
export interface IndexedRows {
  index: SearchIndex
  columns: string
  /** A SELECT of the id and the columns. */
  rows: string
  /**
   * How its words are compared. instance: each in its place. row: how often there is each word, which takes a fraction
   * of the time; there may be a hundred times as many fail reasons as jobs.
   */
  vocabulary: 'instance' | 'row'
}

/** SELECTs of what an index has and what it should have. They work between createExpectedIndex() and its end. */
export function wordsOf({ index, vocabulary }: IndexedRows): { expected: string; stored: string } {
  const columns = vocabulary === 'instance' ? 'doc, col, term, offset' : 'term, doc, cnt'
  return {
    expected: `SELECT ${columns} FROM expected_${index}_words`,
    stored: `SELECT ${columns} FROM stored_${index}_words`,
  }
}

/** SELECTs of the `id`s of the rows that an index has and should have. */
export function entriesOf({ index }: IndexedRows): { expected: string; stored: string } {
  return {
    expected: `SELECT id FROM expected_${index}_docsize`,
    stored: `SELECT id FROM ${index}_docsize`,
  }
}

/** The statements that make an index anew. */
export function rebuildIndex({ index, columns, rows }: IndexedRows): string[] {
  return [
    `INSERT INTO ${index} (${index}) VALUES ('delete-all')`,
    `INSERT INTO ${index} (rowid, ${columns}) ${rows}`,
  ]
}

/** Makes the second index in temporary tables. It has the same definition, and so the same tokenizer. */
export function createExpectedIndex({ database }: SqliteConnection, indexed: IndexedRows): void {
  const { index, columns, rows, vocabulary } = indexed
  const statement = database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?')
  const [[text] = []] = statement.values(index)
  statement.finalize()
  database.run(String(text).replace(`TABLE ${index}`, `TABLE temp.expected_${index}`))
  database.run(`INSERT INTO expected_${index} (rowid, ${columns}) ${rows}`)
  for (const [words, source] of [
    [`expected_${index}_words`, `temp, expected_${index}`],
    [`stored_${index}_words`, `main, ${index}`],
  ])
    database.run(`CREATE VIRTUAL TABLE temp.${words} USING fts5vocab(${source}, ${vocabulary})`)
}

export function dropExpectedIndex({ database }: SqliteConnection, { index }: IndexedRows): void {
  for (const name of [`expected_${index}_words`, `stored_${index}_words`, `expected_${index}`])
    database.run(`DROP TABLE temp.${name}`)
}
