// Databases that former programs made: test/fixtures/databases, where README.md tells more.

import { Database as Sqlite } from 'bun:sqlite'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const folder = join(import.meta.dir, '../fixtures/databases')

/** What is known of a program that made one. */
export interface Former {
  commit: string
  /** Of every user that has one. */
  password: string
  /** Of the administrator. */
  token: string
  /** The cookie of `rack`, where the program knew sessions. */
  session?: string
  /** The numbers of the last job and the last test that there were, and are no more. */
  deleted: { job: number; test: number }
  /** What lay beside the database, in base64. */
  files: Record<string, string>
  /** What it answered to the administrator, by address, but for empty lists. */
  answers: Record<string, unknown>
}

export interface FormerDatabase {
  /** `schema-1-first` */
  name: string
  /** Of the schema. */
  version: number
  sql: string
  former: Former
}

export const formerDatabases: FormerDatabase[] = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => {
    const name = file.slice(0, -'.sql'.length)
    return {
      name,
      version: Number(/\d+/.exec(name)?.[0]),
      sql: readFileSync(join(folder, file), 'utf8'),
      former: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')),
    }
  })
  .sort((first, second) => first.version - second.version)

/** An answer as it is kept: links without the server's address, and of a file its hash. */
export function withoutOrigin(body: unknown, origin: string): unknown {
  if (typeof body === 'string') return `SHA-256 ${new Bun.CryptoHasher('sha256').update(body).digest('hex')}`
  return JSON.parse(JSON.stringify(body).replaceAll(origin, ''))
}

/**
 * Makes the database anew.
 *
 * @param copies  how many more jobs there are, each with the tests of the first, so that an upgrade takes its time.
 */
export function restoreFormer({ sql, former }: FormerDatabase, path: string, copies = 0): void {
  const sqlite = new Sqlite(path, { create: true })
  sqlite.run('PRAGMA synchronous = OFF')
  sqlite.run('PRAGMA foreign_keys = OFF') // tables come in the order in which they were made
  sqlite.run(sql)
  if (copies > 0) copyFirstJob(sqlite, copies)
  sqlite.run('PRAGMA journal_mode = WAL')
  if (former.session) sqlite.run('UPDATE session SET expires_at = ?', [Number.MAX_SAFE_INTEGER]) // was two weeks
  sqlite.close(true)
  for (const [file, content] of Object.entries(former.files)) {
    const target = join(dirname(path), file)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, Buffer.from(content, 'base64'))
  }
}

/** With all that is kept of jobs and tests in other tables of the schema, as far as it has them. */
function copyFirstJob(sqlite: Sqlite, copies: number): void {
  const columns = (table: string) => {
    using statement = sqlite.prepare(`SELECT name FROM pragma_table_xinfo('${table}') WHERE hidden = 0`)
    return statement.values().map(([name]) => String(name))
  }
  const without = (table: string, ...names: string[]) =>
    columns(table).filter((column) => !names.includes(column))
  const job = without('job', 'number', 'id').join(', ')
  const test = without('test', 'id', 'job').join(', ')
  sqlite.run('BEGIN')
  sqlite.run(
    `WITH RECURSIVE copy (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM copy WHERE value < ${copies})
     INSERT INTO job (id, ${job}) SELECT 'copy-' || value, ${job} FROM copy, job WHERE number = 1`,
  )
  sqlite.run(
    `INSERT INTO test (job, ${test})
     SELECT copy.number, ${test.replaceAll(/\w+/g, 'first.$&')}
     FROM job AS copy, test AS first WHERE copy.id LIKE 'copy-%' AND first.job = 1`,
  )
  const outcomes = columns('job_total').includes('outcomes')
  sqlite.run(
    `UPDATE job_total SET jobs = jobs + ${copies} WHERE status = (SELECT status FROM job WHERE number = 1)
     ${outcomes ? 'AND outcomes = (SELECT outcomes FROM job WHERE number = 1)' : ''}`,
  )
  const counts = without('quarter_total', 'quarter').map((count) => `${count} = ${count} * ${copies + 1}`)
  if (counts.length > 0) {
    // The first job is the only one of its quarter of an hour.
    sqlite.run(
      `UPDATE quarter_total SET ${counts} WHERE quarter = (SELECT time FROM job WHERE number = 1) / 900000000`,
    )
    sqlite.run(
      `INSERT INTO job_search (rowid, id, number, description)
       SELECT number, id, number, description FROM job WHERE id LIKE 'copy-%'`,
    )
  }
  sqlite.run('COMMIT')
}
