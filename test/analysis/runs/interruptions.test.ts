// A test that hangs fails. One that was cut off because the time of its whole job was up says nothing.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()
const at = (seconds: number) => formatTime(NOW - (3600 - seconds) * 1_000_000)

const hung = {
  tag: '1-hangs',
  status: 'INTERRUPTED',
  fail_reason: 'Test interrupted: Timeout reached',
  started: at(0),
  elapsed_time: 60,
}
const after = { tag: '2-after', status: 'PASS', started: at(60), elapsed_time: 1 }
const beside = { ...after, started: at(30) }

async function outcomeIn(job: object): Promise<string> {
  await server.makeJob({ id: 'a', time: at(0), ...job })
  await settle(server)
  const { body } = await server.client.get('/tests/history/?testcase=hangs')
  return body.runs[0].outcome
}

const labels = { host: 'a', job_timeout: '1' }

test('without a time-out of the job it hung', async () => {
  expect(await outcomeIn({ labels: { host: 'a' }, tests: [hung] })).toBe('failed')
})

test('at the end of a job with a time-out nothing is known of it', async () => {
  expect(await outcomeIn({ labels, tests: [hung, beside] })).toBe('none')
})

test('where another test started after it the job went on, so that it hung', async () => {
  expect(await outcomeIn({ labels, tests: [hung, after] })).toBe('failed')
})

test("Avocado's own option says that there is a time-out", async () => {
  await server.makeJob({ id: 'a', time: at(0), labels: { host: 'a' }, tests: [hung] })
  const datum = { category: 'avocado', key: 'command line', value: 'avocado run --job-timeout 60 hangs' }
  expect((await server.client.post('/jobs/a/data/', datum)).status).toBe(200)
  await settle(server)
  const { body } = await server.client.get('/tests/history/?testcase=hangs')
  expect(body.runs[0].outcome).toBe('none')
})

test('what tells of a time-out may come, go and change after the analysis', async () => {
  await server.makeJob({ id: 'a', time: at(0), labels: { host: 'a' }, tests: [hung] })
  const outcome = async () => {
    await settle(server)
    const { runs, failures } =
      (await server.client.get('/tests/history/?testcase=hangs')).body.series[0] ?? {}
    const { count } = (await server.client.get('/regressions/')).body
    return [runs ?? 0, failures ?? 0, count]
  }
  const hangs = [1, 1, 1]
  const unknown = [0, 0, 0]
  expect(await outcome()).toEqual(hangs)
  await server.client.patch('/jobs/a/', { labels: { job_timeout: '60' } })
  expect(await outcome()).toEqual(unknown)
  await server.client.patch('/jobs/a/', { labels: { job_timeout: null } })
  expect(await outcome()).toEqual(hangs)
  const configured = { category: 'avocado', key: 'job timeout', value: '60' }
  const { headers } = await server.client.post('/jobs/a/data/', configured)
  expect(await outcome()).toEqual(unknown)
  const path = new URL(headers.get('location') ?? '').pathname
  await server.client.patch(path, { key: 'another' })
  expect(await outcome()).toEqual(hangs)
  await server.client.patch(path, { key: 'job timeout' })
  expect(await outcome()).toEqual(unknown)
  await server.client.delete(path)
  expect(await outcome()).toEqual(hangs)
})

test('a test that hung is known to have failed when the job is over, though others started after it was analysed', async () => {
  const { client } = server
  await server.makeJob({ id: 'a', time: at(0), labels, tests: [hung] })
  await settle(server)
  const stored = async () => (await client.get('/regressions/')).body.count
  expect(await stored()).toBe(0)
  expect((await client.post('/jobs/a/tests/', after)).status).toBe(200)
  await client.patch('/jobs/a/', { status: 'FAIL' })
  await settle(server)
  expect(await stored()).toBe(1)
})

/** How often the test failed, as each list counts it. */
async function failures() {
  const get = async (path: string) => (await server.client.get(path)).body
  const [testcase] = (await get('/tests/?testcase=hangs')).results
  return {
    runs: (await get('/tests/runs/?testcase=hangs&outcome=failed')).results.length,
    testcase: testcase.failures,
    matrix: (await get('/matrix/?tests=hangs')).failing,
    triage: (await get('/triage/')).window.failures,
  }
}

test.each([
  ['at the end of a job with a time-out', beside, 0],
  ['in a job that went on', after, 1],
] as const)('%s it is counted by every list as by its history', async (_, other, count) => {
  await outcomeIn({ labels, tests: [hung, other] })
  expect(await failures()).toEqual({ runs: count, testcase: count, matrix: count, triage: count })
})

test('what says nothing, and a second report of a job, is counted by no cause of triage', async () => {
  const fail = { tag: '1-hangs', status: 'FAIL', fail_reason: 'no', started: at(0), elapsed_time: 60 }
  await server.makeJob({ id: 'b', time: at(-200), labels, tests: [{ ...fail, started: at(-200) }] })
  await server.makeJob({ id: 'c', time: at(-100), labels, tests: [{ ...fail, started: at(-100) }] })
  await outcomeIn({ labels, tests: [hung, beside] })
  const connection = openConnection(server.database.path)
  connection.database.run(
    "UPDATE job SET duplicate_of = (SELECT number FROM job WHERE id = 'b') WHERE id = 'c'",
  )
  connection.close()
  server.database.checkOtherProcesses()
  const triage = (await server.client.get('/triage/')).body
  const [cause] = [...triage.new.results, ...triage.still_failing.results, ...triage.never_passed.results]
  const { results } = (await server.client.get(`/triage/${cause.id}/tests/`)).body
  expect(results[0].hosts).toMatchObject([{ host: 'a', failed: 1, runs: 1, last: { job: 'b' } }])
})
