// Searches of 100,000 test cases and 100,000 fail reasons: they take as long as what they find is large, and keep nobody
// else waiting. Times are compared with others of the same machine, the best of a few.

import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { untilAnalysed } from '../support/settled'

const MANY = 100_000
const TESTS_OF_JOB = 1000
const RUNS = 3

const folder = new Folder()
let serving: Serving
let client: Client

/** Each test case fails once, with a reason of its own. One in a hundred of both has the word `seldom`, one `once`. */
function fill(): void {
  const sqlite = new Sqlite(folder.database)
  const word = (id: string) =>
    `CASE WHEN ${id} = 77777 THEN 'once' WHEN ${id} % 100 = 0 THEN 'seldom' ELSE 'usual' END`
  sqlite.run('PRAGMA synchronous = OFF')
  sqlite.run('BEGIN')
  sqlite.run(`CREATE TEMP TABLE one AS
    WITH RECURSIVE count (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count WHERE id < ${MANY}) SELECT id FROM count`)
  const time = '(1790000000 + number * 3600) * 1000000'
  sqlite.run(`INSERT INTO job (number, id, time, received_at, last_report_at, elapsed, complete, failed, outcomes, status)
    SELECT number, printf('%040d', number), ${time}, ${time}, ${time}, 1, 1, ${TESTS_OF_JOB}, 4, 2
    FROM (SELECT id AS number FROM one WHERE id <= ${MANY / TESTS_OF_JOB})`)
  sqlite.run(`INSERT INTO testcase (id, text, suite, variant)
    SELECT id, printf('test_%d.everywhere.%s;run=%d', id, ${word('id')}, id % 7), '', printf('run=%d', id % 7) FROM one`)
  sqlite.run(`INSERT INTO testcase_search (rowid, suite, name, variant)
    SELECT id, suite, substr(text, 1, length(text) - length(variant) - 1), variant FROM testcase`)
  sqlite.run(`INSERT INTO fail_reason (id, hash, text)
    SELECT id, CAST(id AS BLOB), printf('Guest %d is everywhere and did not boot %s', id, ${word('id')}) FROM one`)
  sqlite.run('INSERT INTO reason_search (rowid, text) SELECT id, text FROM fail_reason')
  sqlite.run(`INSERT INTO test (job, prefix, testcase, status, completed_by_activity, has_started, ran_at, fail_reason)
    SELECT job.number, '', one.id, 3, 0, 1, job.time - 1861920000000000 + one.id % ${TESTS_OF_JOB} * 1000000, one.id
    FROM one JOIN job ON job.number = 1 + (one.id - 1) / ${TESTS_OF_JOB}`)
  sqlite.run('COMMIT')
  sqlite.close()
}

beforeAll(async () => {
  await folder.run(['syncdb', '-v0', '--noinput'])
  fill()
  serving = await folder.serve(['--open'])
  client = new Client(serving.origin)
  await untilAnalysed(client)
}, 120_000)

afterAll(async () => {
  await serving.stop()
  folder[Symbol.dispose]()
})

let asked = 0
/** The answer, and the shortest of the times that it took, in milliseconds. The server keeps none of these answers. */
async function ask(path: string) {
  let best = Number.POSITIVE_INFINITY
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  let body: any
  for (let run = 0; run < RUNS; run++) {
    const begun = performance.now()
    const reply = await client.get(`${path}&_=${asked++}`)
    best = Math.min(best, performance.now() - begun)
    expect({ path, status: reply.status }).toEqual({ path, status: 200 })
    body = reply.body
  }
  return { body, best }
}

test('what few have is found in a fraction of the time of what all have', async () => {
  const once = await ask('/tests/?search=once')
  const seldom = await ask('/tests/?search=seldom')
  const all = await ask('/tests/?search=everywhere')
  expect([once.body.count, seldom.body.count, all.body.count]).toEqual([1, MANY / 100, MANY])
  expect(once.best / all.best).toBeLessThan(0.3)
  expect(seldom.best / all.best).toBeLessThan(0.5)
}, 60_000)

test('a page of runs is there at once, however many have the words, and as fast far behind', async () => {
  const all = await ask('/tests/?search=everywhere')
  const first = await ask('/tests/runs/?search=everywhere&page_size=10')
  expect(first.body.results).toHaveLength(10)
  const until = encodeURIComponent(new Date((1_790_000_000 + 20 * 3600) * 1000).toISOString())
  const behind = await ask(`/tests/runs/?search=everywhere&page_size=10&until=${until}`)
  expect(behind.body.results[0].job_number).toBe(19)
  const once = await ask('/tests/runs/?search=once')
  expect(once.body.results.map(({ testcase }: { testcase: string }) => testcase)).toEqual([
    'test_77777.everywhere.once;run=0',
  ])
  expect(behind.best / first.best).toBeLessThan(3)
  expect(first.best / all.best).toBeLessThan(1)
  expect(once.best / all.best).toBeLessThan(0.3)
}, 60_000)

test('words of the name and of the reason are combined', async () => {
  const { body } = await ask('/tests/?search=test_77777 guest once')
  expect(body.count).toBe(1)
  expect(body.results[0]).toMatchObject({
    runs: 1,
    failures: 1,
    last_failure: { fail_reason: expect.stringMatching(/once$/) },
  })
})

test('what nobody has ends the look at the runs after a while, and the link goes on to the end', async () => {
  const until: string[] = []
  let path = '/tests/runs/?status=WARN&page_size=10'
  for (let pages = 0; ; pages++) {
    const { body, status } = await client.get(path)
    expect(status).toBe(200)
    expect(body.results).toEqual([])
    if (body.next === null) {
      expect(pages).toBeGreaterThan(0)
      break
    }
    until.push(body.scanned_until)
    path = body.next.replace(serving.origin, '')
  }
  expect(until).toEqual(until.toSorted().reverse())
}, 60_000)

test('beside a search for what all have, nobody waits', async () => {
  const shares: number[] = []
  for (const path of ['/tests/?search=everywhere', '/tests/reasons/?search=everywhere']) {
    for (let run = 0; run < RUNS; run++) {
      const begun = performance.now()
      let isDone = false
      const search = client.get(`${path}&_=${asked++}`).finally(() => {
        isDone = true
      })
      let longest = 0
      for (let job = 1; !isDone; job++) {
        const since = performance.now()
        const { status } = await client.get(`/jobs/${1 + (job % 100)}/?omit=tests&_=${asked++}`)
        expect(status).toBe(200)
        longest = Math.max(longest, performance.now() - since)
      }
      expect((await search).body.count).toBe(MANY)
      shares.push(longest / (performance.now() - begun))
    }
    expect(Math.min(...shares.splice(0))).toBeLessThan(0.3)
  }
}, 60_000)
