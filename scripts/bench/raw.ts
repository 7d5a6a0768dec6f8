// The server's own tables, used by bun:sqlite itself.

import { Database as Sqlite } from 'bun:sqlite'
import { Database } from '../../src/storage/database'

const TESTCASES = 7

/** Makes a database with a job 1, and some testcases. */
export function makeRaw(path: string): Sqlite {
  Database.open(path).database.close()
  const sqlite = new Sqlite(path, { strict: true })
  sqlite.run('PRAGMA synchronous = FULL')
  sqlite.run(
    "INSERT INTO job (number, id, time, received_at, heard_at, elapsed, complete) VALUES (1, 'a', 0, 0, 0, 0, 1)",
  )
  for (let testcase = 0; testcase < TESTCASES; testcase++) {
    sqlite.run('INSERT INTO testcase (text) VALUES (?)', [`suite_${testcase}.py:Test.test`])
  }
  return sqlite
}

/** @returns what adds a test to job 1, under a number that it has not yet. */
export function prepareInsert(sqlite: Sqlite): (number: string) => void {
  const insert = sqlite.prepare(
    `INSERT INTO test (job, number, testcase, status, completed_by_activity, has_started, ran_at)
     VALUES (1, ?, ?, 1, 0, 0, 0)`,
  )
  let count = 0
  return (number) => {
    insert.run(number, 1 + (count++ % TESTCASES))
  }
}
