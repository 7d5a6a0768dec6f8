// Whether a job that is reported bit by bit runs, has ended, or was cut off.

import { expect, test } from 'bun:test'
import { expireStaleJobs } from '../../src/results/jobs/expire-stale-jobs'
import { withServer } from '../support/server'
import { tar } from './archives'
import { journal, pluginResult, resultsJson, type SourceTest } from './avocado-sources'

const server = withServer()
const JOB = 'abababababababababababababababababababab'
const MINUTE = 60_000_000

const passed: SourceTest = { id: '01-a', name: 'a', status: 'PASS', at: 1 }
const second: SourceTest = { id: '02-b', name: 'b', status: 'PASS', at: 5 }
const running: SourceTest = { ...second, status: null }

const send = (body: string | Uint8Array, query = '') =>
  server.client.request('POST', `/imports/${query}`, { body: body as string })
const job = async () => {
  const { status, not_started } = (await server.stranger.get(`/jobs/${JOB}/?omit=tests,activities`)).body
  return [status, not_started ?? 0]
}
const directory = (files: Record<string, string | Uint8Array>) =>
  send(tar(Object.entries(files).map(([name, content]) => ({ name: `job/${name}`, content }))))
const later = async (minutes: number) => {
  server.now += minutes * MINUTE
  await server.database.write(expireStaleJobs, { now: server.now })
}
/** The journals were written at 11:00. */
const at1105 = () => {
  server.now -= 55 * MINUTE
}

test('a journal alone between two tests: RUNNING, then NOSTATUS', async () => {
  at1105()
  await send(journal(JOB, [passed]))
  expect(await job()).toEqual(['RUNNING', 0])
  await later(4)
  expect(await job()).toEqual(['RUNNING', 0])
  await later(2)
  expect(await job()).toEqual(['NOSTATUS', 0])
})

test('of a job that was dead long before it is uploaded, its own times say so', async () => {
  await send(journal(JOB, [passed, running]))
  expect(await job()).toEqual(['NOSTATUS', 0])
})

test('the plan in results.tap tells how many tests never started', async () => {
  await directory({ '.journal.sqlite': journal(JOB, [passed]), 'results.tap': '1..10\nok 1 a\n' })
  expect(await job()).toEqual(['NOSTATUS', 9])
  await directory({ '.journal.sqlite': journal(JOB, [passed, second]) })
  expect(await job()).toEqual(['NOSTATUS', 8])
  await send(resultsJson(JOB, [passed, second], { total: 10 }))
  expect(await job()).toEqual(['ABORT', 8])
})

test('without a plan the width of the numbers tells how many tests there are at least', async () => {
  const { body } = await directory({ '.journal.sqlite': journal(JOB, [{ ...passed, id: '0001-a' }]) })
  expect(body.jobs[0].warnings).toEqual([
    'The job has at least 1000 tests, by the width of their numbers; 1 have started.',
  ])
  expect(await job()).toEqual(['NOSTATUS', 0])
})

test('the plan in results.tap tells that all have ended', async () => {
  const tap = '1..2\nok 1 a\nok 2 b\n'
  await directory({ '.journal.sqlite': journal(JOB, [passed, second]), 'results.tap': tap })
  expect(await job()).toEqual(['PASS', 0])
})

test('of a job of several suites the plan tells nothing: it is that of the first', async () => {
  const suites = [{ ...passed, id: 'fast-1-a' }]
  await directory({ '.journal.sqlite': journal(JOB, suites), 'results.tap': '1..1\nok 1 a\n' })
  expect(await job()).toEqual(['NOSTATUS', 0])
})

test('live, by the resultsdb plugin: RUNNING between two tests, NOSTATUS when nothing more comes', async () => {
  await server.client.post('/api/v2.0/groups', { uuid: JOB, description: 'd' })
  await server.client.post('/api/v2.0/results', pluginResult(JOB, passed))
  expect(await job()).toEqual(['RUNNING', 0])
  await later(11)
  expect(await job()).toEqual(['NOSTATUS', 0])
  await server.client.post('/api/v2.0/results', pluginResult(JOB, second))
  expect(await job()).toEqual(['RUNNING', 0])
  await send(resultsJson(JOB, [passed, second]))
  expect(await job()).toEqual(['PASS', 0])
  await server.client.post('/api/v2.0/results', pluginResult(JOB, second))
  expect(await job()).toEqual(['PASS', 0])
})

test('followed: RUNNING between two tests and while nothing is new, until the end is told', async () => {
  const tell = (more: object) => send(JSON.stringify({ id: JOB, ...more }), '?format=ndjson')
  await tell({ running: true, tests: [{ tag: '1-a', status: 'PASS' }] })
  expect(await job()).toEqual(['RUNNING', 0])
  await later(8)
  await tell({ running: true, tests: [] })
  await later(8)
  expect(await job()).toEqual(['RUNNING', 0])
  await tell({ running: false, tests: [{ tag: '2-b', status: 'WARN' }] })
  expect(await job()).toEqual(['WARN', 0])
})

test('a line that says when the job was last heard of is of no job that runs', async () => {
  const line = { id: JOB, running: true, heard_at: '2026-11-24T10:00:00Z', tests: [{ tag: '1-a' }] }
  await send(JSON.stringify(line), '?format=ndjson')
  expect(await job()).toEqual(['NOSTATUS', 0])
})

test('the old avocado-journal-replay: the job has its status when all tests have ended', async () => {
  const { client } = server
  const tell = (test_tag: string, activity: string, status?: string) => {
    const form = { activity, time: '2026-11-24T11:00:00', test_tag, ...(status && { status }) }
    return client.post(`/jobs/${JOB}/test_activity/`, new URLSearchParams(form))
  }
  await client.post('/jobs/', new URLSearchParams({ uniqueident: JOB, name: 'old' }))
  expect(await job()).toEqual([null, 0])
  await tell('1-a', 'STARTED')
  expect(await job()).toEqual(['RUNNING', 0])
  await tell('1-a', 'ENDED', 'PASS')
  await tell('2-b', 'STARTED')
  expect(await job()).toEqual(['RUNNING', 0])
  await tell('2-b', 'ENDED', 'WARN')
  expect(await job()).toEqual(['WARN', 0])
  expect((await server.stranger.get('/jobs/?status=WARN')).body.count).toBe(1)
})

test('a status that a client gave stays', async () => {
  await server.makeJob({ id: JOB, status: 'ALERT' })
  const form = { activity: 'ENDED', time: '2026-11-24T11:00:00', test_tag: '1-a', status: 'PASS' }
  await server.client.post(`/jobs/${JOB}/test_activity/`, new URLSearchParams(form))
  expect(await job()).toEqual(['ALERT', 0])
})

test('of a test whose status nobody understands, an ended job has no status', async () => {
  await send(resultsJson(JOB, [{ ...passed, status: 'PERHAPS' }, second]))
  expect(await job()).toEqual(['NOSTATUS', 0])
})

test('results that Avocado is writing at this moment are left out with a warning', async () => {
  const { body } = await directory({
    'results.json': resultsJson(JOB, [passed]).slice(0, 200),
    '.journal.sqlite': journal(JOB, [{ ...passed, id: '1-a' }]),
  })
  expect(body.jobs[0].warnings).toEqual([
    expect.stringMatching(/^results\.json: this is not JSON: .* It was left out\.$/),
  ])
  expect(await job()).toEqual(['NOSTATUS', 0])
})
