// Whatever is posted, changed, imported and deleted: what is kept so that nobody has to count is what counting gives.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { expireStaleJobs } from '../../../src/results/jobs/expire-stale-jobs'
import type { SqliteConnection } from '../../../src/storage/sqlite/sqlite-connection'
import { ownQuery } from '../../support/own-query'
import { NOW, withServer } from '../../support/server'

const server = withServer()

const all = (connection: SqliteConnection, text: string) => connection.database.prepare(text).all()

const COUNTERS = `
  sum(status IS 1) AS passed, sum(status IS 2) AS errored, sum(status IS 3) AS failed,
  sum(status IS 4) AS not_applicable, sum(status IS 5) AS warned, sum(status IS NULL) AS unfinished`

/** Pairs of what is kept, and the same counted from the rows. */
const pairs: [kept: string, counted: string][] = [
  [
    'SELECT quarter, jobs, passed, errored, failed, not_applicable, warned, unfinished FROM quarter_total WHERE jobs <> 0 ORDER BY 1',
    `SELECT job.time / 900000000 AS quarter, count(DISTINCT job.number) AS jobs,
       coalesce(sum(test.status IS 1), 0) AS passed, coalesce(sum(test.status IS 2), 0) AS errored,
       coalesce(sum(test.status IS 3), 0) AS failed, coalesce(sum(test.status IS 4), 0) AS not_applicable,
       coalesce(sum(test.status IS 5), 0) AS warned,
       coalesce(sum(test.id IS NOT NULL AND test.status IS NULL), 0) AS unfinished
     FROM job LEFT JOIN test ON test.job = job.number WHERE complete = 1 GROUP BY 1 ORDER BY 1`,
  ],
  [
    'SELECT 1 FROM quarter_total WHERE jobs = 0 AND (passed OR errored OR failed OR not_applicable OR warned OR unfinished)',
    'SELECT 1 WHERE 0',
  ],
  [
    'SELECT status, outcomes, jobs FROM job_total WHERE jobs <> 0 ORDER BY 1, 2',
    `SELECT coalesce(status, 0) AS status, outcomes, count(*) AS jobs FROM job WHERE complete = 1
     GROUP BY 1, 2 ORDER BY 1, 2`,
  ],
  [
    `SELECT number, passed, errored, failed, not_applicable, warned, unfinished FROM job WHERE tests_total > 0 ORDER BY 1`,
    `SELECT job AS number, ${COUNTERS} FROM test GROUP BY 1 ORDER BY 1`,
  ],
  [
    'SELECT number, outcomes FROM job ORDER BY 1',
    `SELECT number, (passed > 0) + 2 * (errored > 0) + 4 * (failed > 0) + 8 * (not_applicable > 0)
       + 16 * (warned > 0) + 32 * (unfinished > 0) + 64 * (not_started > 0) AS outcomes FROM job ORDER BY 1`,
  ],
  [
    'SELECT id, time FROM test ORDER BY 1',
    // Of a clock that is an hour ahead, the time of receipt is taken: here that is always NOW.
    `SELECT test.id, CASE WHEN coalesce(started, job.time) > ${NOW + 3_600_000_000} THEN ${NOW} ELSE coalesce(started, job.time) END AS time
     FROM test JOIN job ON job.number = test.job ORDER BY 1`,
  ],
  [
    'SELECT rowid AS number FROM job_search ORDER BY 1',
    'SELECT number FROM job WHERE complete = 1 ORDER BY 1',
  ],
]

async function expectKept(): Promise<void> {
  await server.database.read(
    ownQuery(async (connection) => {
      for (const [kept, counted] of pairs) expect(all(connection, kept)).toEqual(all(connection, counted))
    }),
  )
}

const status = fc.constantFrom('PASS', 'FAIL', 'ERROR', 'SKIP', 'WARN', 'INTERRUPTED', null)
const jobStatus = fc.constantFrom('PASS', 'FAIL', 'RUNNING', null)
const time = fc
  .integer({ min: 0, max: 90 })
  .map((minutes) => new Date(NOW / 1000 + minutes * 60_000).toISOString())
const tag = fc.constantFrom('1-a', '2-b', '3-c;v', '4-d')
const tests = fc.uniqueArray(fc.record({ tag, status, started: fc.option(time) }), {
  selector: (test) => test.tag,
  maxLength: 4,
})
const job = fc.constantFrom('one', 'two', 'three')
const step = fc.oneof(
  fc.record({ kind: fc.constant('post'), job, body: fc.record({ time, tests, status: jobStatus }) }),
  fc.record({
    kind: fc.constant('patch'),
    job,
    body: fc.record({ time, status: jobStatus }, { requiredKeys: [] }),
  }),
  fc.record({ kind: fc.constant('delete'), job }),
  fc.record({ kind: fc.constant('add test'), job, body: fc.record({ tag, status }) }),
  fc.record({
    kind: fc.constant('patch test'),
    job,
    tag,
    body: fc.record({ status, started: fc.option(time) }),
  }),
  fc.record({ kind: fc.constant('delete test'), job, tag }),
  fc.record({ kind: fc.constant('activity'), job, tag, status }),
  fc.record({
    kind: fc.constant('import'),
    job,
    body: fc.record({ time, tests, description: fc.option(tag) }),
  }),
  fc.record({
    kind: fc.constant('results'),
    job,
    lost: fc.nat({ max: 2 }),
    statuses: fc.array(status, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('silence') }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

// biome-ignore lint/suspicious/noExplicitAny: each kind of step has fields of its own
async function take({ kind, job, tag, body, status, statuses, lost }: Step & Record<string, any>) {
  const { client } = server
  if (kind === 'post') return client.post('/jobs/', { id: job, ...body })
  if (kind === 'patch') return client.patch(`/jobs/${job}/`, body)
  if (kind === 'delete') return client.delete(`/jobs/${job}/`)
  if (kind === 'add test') return client.post(`/jobs/${job}/tests/`, body)
  if (kind === 'patch test') return client.patch(`/jobs/${job}/tests/${tag}/`, body)
  if (kind === 'delete test') return client.delete(`/jobs/${job}/tests/${tag}/`)
  if (kind === 'activity') {
    const activity = { test_tag: tag, activity: 'ENDED', time: '2026-11-24T10:00:00Z', status }
    return client.post(`/jobs/${job}/test_activity/`, activity)
  }
  if (kind === 'import') {
    const line = JSON.stringify({ id: job, ...body })
    return client.request('POST', '/imports/?format=ndjson', { body: line })
  }
  if (kind === 'results') {
    const tests = statuses.map((status: string | null, index: number) => ({
      id: `${index + 1}-${'abc'[index]}`,
      ...(status && { status }),
    }))
    const results = { job_id: job, tests, total: tests.length + lost, start: '2026-11-24 10:00:00' }
    return client.post('/imports/?format=results-json', results)
  }
  await server.database.write(expireStaleJobs, { now: NOW + 3600_000_000 })
}

test('after any sequence of changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      for (const step of steps) {
        const reply = await take(step)
        if (reply && reply.status >= 500)
          throw new Error(`${JSON.stringify(step)}: ${JSON.stringify(reply.body)}`)
      }
      await expectKept()
      for (const job of ['one', 'two', 'three']) await server.client.delete(`/jobs/${job}/`)
      await expectKept()
    }),
    { numRuns: 40 },
  )
})

test('jobs of several transactions', async () => {
  const tests = Array.from({ length: 4500 }, (_, index) => ({
    tag: `${index}-x`,
    status: index % 3 ? 'PASS' : 'FAIL',
  }))
  await server.makeJob({ id: 'large', tests })
  await server.client.request('POST', '/imports/?format=ndjson', {
    body: JSON.stringify({ id: 'imported', tests }),
  })
  await expectKept()
  await server.client.delete('/jobs/large/')
  await expectKept()
})
