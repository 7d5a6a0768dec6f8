// The server's own tables, used by bun:sqlite itself.

import { Database as Sqlite } from 'bun:sqlite'
import { toRanAt } from '../../src/results/core/ran-at'
import { Database } from '../../src/storage/database'

/** When jobs ran, and tests with them: a number as long as the server stores it. */
export const TIME = Date.now() * 1000
export const RAN_AT = toRanAt(TIME)

/** As many as the tests that are posted have. */
const TESTCASES = 140

/** Makes a database with some jobs, numbered from 1 on, and some testcases. */
export function makeRaw(path: string, { jobs = 1 } = {}): Sqlite {
  Database.open(path).database.close()
  const sqlite = new Sqlite(path, { strict: true })
  sqlite.run('PRAGMA synchronous = FULL')
  sqlite.run('BEGIN')
  for (let job = 1; job <= jobs; job++) {
    sqlite.run(
      `INSERT INTO job (number, id, time, received_at, last_report_at, elapsed, complete)
       VALUES (?, hex(randomblob(20)), ${TIME}, ${TIME}, ${TIME}, 0, 1)`,
      [job],
    )
  }
  sqlite.run('COMMIT')
  for (let testcase = 0; testcase < TESTCASES; testcase++) {
    sqlite.run("INSERT INTO testcase (text, suite) VALUES (?, '')", [`suite_${testcase}.py:Test.test`])
  }
  return sqlite
}

/** @returns what adds a test to job 1, under a number that it has not yet. */
export function prepareInsert(sqlite: Sqlite): (number: string) => void {
  const insert = sqlite.prepare(
    `INSERT INTO test (job, prefix, testcase, status, completed_by_activity, has_started, ran_at)
     VALUES (1, ?, ?, 1, 0, 0, ${RAN_AT})`,
  )
  let count = 0
  return (number) => {
    insert.run(number, 1 + (count++ % TESTCASES))
  }
}

/**
 * The same with what is kept beside a test: the numbers of its job, of a quarter of an hour, and of the commit.
 *
 * @returns `insert` gives the id of the test; `commit` ends the transaction.
 */
export function prepareCounted(sqlite: Sqlite) {
  const insert = sqlite.prepare(
    `INSERT INTO test (job, prefix, testcase, status, completed_by_activity, has_started, ran_at)
     VALUES (?, ?, ?, ?, 0, 0, ${RAN_AT})`,
  )
  const count = {
    PASS: sqlite.prepare(
      'UPDATE job SET passed = passed + 1, last_report_at = last_report_at + 1 WHERE number = ?',
    ),
    FAIL: sqlite.prepare(
      'UPDATE job SET failed = failed + 1, last_report_at = last_report_at + 1 WHERE number = ?',
    ),
  }
  const countQuarter = sqlite.prepare(
    `INSERT INTO quarter_total (quarter, jobs, passed, errored, failed, not_applicable, warned, unfinished)
     VALUES (0, 0, ?, 0, ?, 0, 0, 0)
     ON CONFLICT DO UPDATE SET passed = passed + excluded.passed, failed = failed + excluded.failed`,
  )
  const countCommit = sqlite.prepare('UPDATE change SET number = number + 1')
  let tests = 0
  let [passed, failed] = [0, 0]
  return {
    insert({ job, tag, status }: { job: number; tag: string; status: string }): number {
      const testcase = 1 + (tests++ % TESTCASES)
      const id = Number(insert.run(job, tag, testcase, status === 'PASS' ? 1 : 3).lastInsertRowid)
      count[status === 'PASS' ? 'PASS' : 'FAIL'].run(job)
      if (status === 'PASS') passed++
      else failed++
      return id
    },
    commit(): void {
      countQuarter.run(passed, failed)
      countCommit.run()
      passed = 0
      failed = 0
      sqlite.run('COMMIT')
    },
  }
}
