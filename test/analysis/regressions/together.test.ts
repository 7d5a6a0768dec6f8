// Regressions with one reason that may have begun at the same time tell together where they did.

import { expect, test } from 'bun:test'
import { locateTogether } from '../../../src/analysis/regressions/together'
import type { Run } from '../../../src/analysis/runs/read'
import { formatTime } from '../../../src/lib/time'
import { ownQuery } from '../../support/own-query'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()
const DAY = 24 * 3600 * 1_000_000

/** Runs of some tests in one job a day: P passes, F fails. */
type Days = Record<string, string>

function jobsOf(days: Days) {
  const length = Math.max(...Object.values(days).map((runs) => runs.length))
  return Array.from({ length }, (_, at) => ({
    id: `job-${String(at).padStart(2, '0')}`,
    time: formatTime(NOW - (length - at) * DAY),
    labels: { host: 'a' },
    tests: Object.entries(days).map(([tag, runs]) =>
      runs[at] === 'F' ? { tag, status: 'FAIL', fail_reason: `broken at ${at}` } : { tag, status: 'PASS' },
    ),
  }))
}

const told = () =>
  server.database.read(
    ownQuery(async ({ database }) => {
      using statement = database.prepare(
        `SELECT testcase.text AS test, tests, first.id AS first_bad, low.id AS low, high.id AS high, good.id AS last_good
       FROM regression JOIN testcase ON testcase.id = testcase JOIN job AS first ON first.number = first_bad
       JOIN job AS low ON low.number = low JOIN job AS high ON high.number = high
       LEFT JOIN job AS good ON good.number = last_good
       WHERE state <> 'withdrawn' ORDER BY 1, first_bad_time`,
      )
      return statement.all() as { test: string; tests: number; first_bad: string }[]
    }),
  )

// Both began at 15, and each passes every now and then.
const days: Days = {
  '1-one': `${'P'.repeat(15)}PPFPFFPFPFFPFFF`,
  '2-two': `${'P'.repeat(15)}FPPFPFFPFPFFPFF`,
}

test('two tests that fail now and then tell together what neither tells alone', async () => {
  for (const job of jobsOf({ '1-one': days['1-one'] as string })) await server.makeJob(job)
  await settle(server)
  expect(await told()).toMatchObject([{ test: 'one', tests: 1, first_bad: 'job-17' }])
})

test('so that both began where the first of them failed', async () => {
  for (const job of jobsOf(days)) await server.makeJob(job)
  await settle(server)
  const both = { tests: 2, first_bad: 'job-15', last_good: 'job-14' }
  expect(await told()).toMatchObject([
    { test: 'one', ...both },
    { test: 'two', ...both },
  ])
})

test('a test that broke at another time for the same reason has a beginning of its own', async () => {
  for (const job of jobsOf({ ...days, '3-other': `${'P'.repeat(26)}FFFF` })) await server.makeJob(job)
  await settle(server)
  expect((await told()).map(({ test, tests, first_bad }) => [test, tests, first_bad])).toEqual([
    ['one', 2, 'job-15'],
    ['other', 1, 'job-26'],
    ['two', 2, 'job-15'],
  ])
})

test('a test of which the failures are corrected tells nothing of the others any more', async () => {
  for (const job of jobsOf(days)) await server.makeJob(job)
  await settle(server)
  for (const [at, run] of [...(days['2-two'] as string)].entries()) {
    if (run !== 'F') continue
    const path = `/jobs/job-${String(at).padStart(2, '0')}/tests/2-two/`
    expect((await server.client.patch(path, { status: 'PASS' })).status).toBe(200)
  }
  await settle(server)
  expect(await told()).toMatchObject([{ test: 'one', tests: 1, first_bad: 'job-17' }])
})

test('the order of arrival does not matter', async () => {
  const jobs = jobsOf({ ...days, '3-other': `${'P'.repeat(26)}FFFF` })
  for (const job of jobs) await server.makeJob(job)
  await settle(server)
  const inOrder = await told()
  for (const job of jobs) await server.client.delete(`/jobs/${job.id}/`)
  await settle(server)
  expect(await told()).toEqual([])
  for (const [at, job] of jobs.toReversed().entries()) {
    await server.makeJob({ ...job, tests: job.tests.toReversed() })
    if (at % 7 === 0) await settle(server)
  }
  await settle(server)
  expect(await told()).toEqual(inOrder)
})

test('intervals that share a job overlap, though one test of it started after the other', () => {
  const HOUR = 3_600_000_000
  const runOf = (testcase: number, night: number): Run => ({
    ...{ test: 100 * testcase + night, testcase, time: (24 * night + testcase) * HOUR, tag: '' },
    job: `job-${night}`,
    of: {
      ...{ number: night, id: `job-${night}`, time: 24 * night * HOUR, receivedAt: 0 },
      ...{ host: 1, branch: null, distro: null, environment: null },
    } as Run['of'],
    ...{ environment: null, status: null, outcome: night < 8 ? 'passed' : 'failed', failed: night >= 8 },
    ...{ reason: null, template: night < 8 ? null : 7 },
  })
  const runsOf = new Map(
    [1, 2].map((one) => [one, Array.from({ length: 12 }, (_, night) => runOf(one, night))]),
  )
  const regression = (testcase: number, low: number, high: number) => {
    const at = (night: number) => (24 * night + testcase) * HOUR
    const times = { first_bad_time: at(8), low_time: at(low), high_time: at(high), last_bad_time: at(11) }
    return { id: testcase, testcase, text: `test ${testcase}`, probability: 0.99, low, high, ...times }
  }
  const found = locateTogether([regression(1, 7, 8), regression(2, 8, 9)], 7, runsOf)
  expect([...found.values()]).toMatchObject(Array(2).fill({ tests: 2, first_bad: { job: 8 } }))
})
