// After an upgrade the runs that are there are analysed while the server serves: answers say how far that is, and a
// kill loses nothing of it.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { formerDatabases, restoreFormer } from '../support/former'
import { scaled } from '../support/scale'

/** Analysing so many test cases takes longer than it takes to ask a few times. */
const TESTCASES = scaled(800, 6000)
const RUNS = 20
const NEWEST = Date.UTC(2026, 9, 1) * 1000
const HOUR = 3_600_000_000
const EPOCH = 1_861_920_000_000_000

const schema8 = formerDatabases.find(({ version }) => version === 8)
if (!schema8) throw new Error('the database of schema 8 is missing')

/** Jobs of an older program, all tests in each; every seventh test fails from the 15th job on. */
function addRuns(path: string): void {
  const sqlite = new Sqlite(path, { strict: true })
  sqlite.run('BEGIN')
  using job = sqlite.prepare(
    `INSERT INTO job (id, time, received_at, heard_at, elapsed, status, complete, passed, failed, outcomes)
     VALUES ($id, $time, $time, $time, 1, $status, 1, $passed, $failed, $outcomes)`,
  )
  sqlite.run("INSERT INTO fail_reason (hash, text) VALUES (x'00', 'the disk 17 is gone')")
  sqlite.run(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${TESTCASES})
    INSERT INTO testcase (text) SELECT 'many.py:Many.test_' || i FROM n`)
  const failing = Math.floor(TESTCASES / 7)
  for (let run = 0; run < RUNS; run++) {
    const failed = run < 15 ? 0 : failing
    const time = NEWEST - (RUNS - run) * HOUR
    const counts = { passed: TESTCASES - failed, failed }
    const derived = failed > 0 ? { status: 4, outcomes: 5 } : { status: 6, outcomes: 1 }
    const { lastInsertRowid } = job.run({ id: `many-${run}`, time, ...counts, ...derived })
    sqlite.run(
      `INSERT INTO test (job, number, testcase, status, completed_by_activity, has_started, ran_at, elapsed, fail_reason)
       SELECT ?1, '1-', id, CASE WHEN ?2 AND id % 7 = 0 THEN 3 ELSE 1 END, 0, 0, ?3, ?4,
         CASE WHEN ?2 AND id % 7 = 0 THEN (SELECT max(id) FROM fail_reason) END
       FROM testcase WHERE text LIKE 'many.py:%'`,
      // Jobs whose tests take as long would be reports of one run.
      [lastInsertRowid, failed > 0 ? 1 : 0, time - EPOCH, 1 + run / 10],
    )
  }
  sqlite.run('DELETE FROM quarter_total')
  sqlite.run(`INSERT INTO quarter_total
    SELECT time / 900000000, count(*), sum(passed), sum(errored), sum(failed), sum(not_applicable), sum(warned),
      sum(unfinished) FROM job WHERE complete = 1 GROUP BY 1`)
  sqlite.run('DELETE FROM job_total')
  sqlite.run(
    'INSERT INTO job_total SELECT ifnull(status, 0), outcomes, count(*) FROM job WHERE complete = 1 GROUP BY 1, 2',
  )
  sqlite.run(`INSERT INTO job_search (rowid, id, number, description)
    SELECT number, id, number, description FROM job WHERE id LIKE 'many-%'`)
  sqlite.run('COMMIT')
  sqlite.close(true)
}

test('what runs tell is derived after an upgrade, goes on after a kill, and answers say so until then', async () => {
  using folder = new Folder()
  restoreFormer(schema8, folder.database)
  addRuns(folder.database)
  const first = await folder.serve(['--open'])
  const progress = await between(first)
  first.child.kill('SIGKILL')
  await first.child.exited
  const second = await folder.serve(['--open'])
  const { incomplete } = (await new Client(second.origin).get('/regressions/')).body
  expect(incomplete.of).toBe(progress.of)
  expect(incomplete.done).toBeGreaterThanOrEqual(progress.done)
  const client = new Client(second.origin)
  while ((await client.get('/regressions/')).body.incomplete !== undefined) await Bun.sleep(50)
  const { body } = await client.get('/regressions/?state=open&page_size=1')
  const expected = { state: 'open', template: 'the disk <*> is gone', first_bad: { job: 'many-15' } }
  expect(body.results[0]).toMatchObject({ ...expected, tests: body.count })
  await second.stop()
  expect((await folder.run(['check'])).stdout).toBe('./avocadoserver.sqlite is sound.\n')
})

/** Waits until some of the test cases are analysed. @returns how many of how many */
async function between({ origin }: Serving): Promise<{ done: number; of: number }> {
  const client = new Client(origin)
  for (;;) {
    const { status, body } = await client.get('/regressions/')
    expect(status).toBe(200)
    if (typeof body.incomplete !== 'object')
      throw new Error('all was analysed at once: the test wants more test cases')
    if (body.incomplete.done > 0) return body.incomplete
    await Bun.sleep(5)
  }
}
