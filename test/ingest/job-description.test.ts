// What a job is called that nobody has described: what it ran, and where.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'
import { tar } from './archives'
import { journal, pluginResult, resultsJson, type SourceTest } from './avocado-sources'

const server = withServer()
const JOB = 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd'

const tests: SourceTest[] = [3, 1, 2].map((number) => ({
  id: `${number}-t${number}.py:T.test;run-a`,
  name: `t${number}.py:T.test;run-a`,
  status: 'PASS',
  at: number,
}))
const send = (body: string | Uint8Array, query = '') =>
  server.client.request('POST', `/imports/${query}`, { body: body as string })
const description = async () => (await server.stranger.get(`/jobs/${JOB}/`)).body.description
const directory = (files: Record<string, string | Uint8Array>, query = '') =>
  send(tar(Object.entries(files).map(([name, content]) => ({ name: `job/${name}`, content }))), query)
const group = () =>
  server.client.post('/api/v2.0/groups', { uuid: JOB, description: 'job-2026-11-24T11.00-cdcdcdc' })

test('results.json or a journal: the test with the lowest number, and how many more', async () => {
  await send(resultsJson(JOB, tests))
  expect(await description()).toBe('t1.py and 2 more')
  await server.client.delete(`/jobs/${JOB}/`)
  await send(journal(JOB, tests.slice(1, 2)))
  expect(await description()).toBe('t1.py')
})

test('a directory: its references, and the machine', async () => {
  const files = {
    'results.json': resultsJson(JOB, tests),
    'jobdata/test_references': "['/bin/true', 'it\\'s.py']",
    'sysinfo/pre/hostname': 'rack7\n',
  }
  await directory(files)
  expect(await description()).toBe('/bin/true and 1 more on rack7')
  await send(resultsJson(JOB, tests))
  expect(await description()).toBe('/bin/true and 1 more on rack7')
})

test('older Avocados tell the references in args.json; a label tells the host', async () => {
  const args = JSON.stringify({ 'run.references': ['passtest.py'] })
  await directory({ 'results.json': resultsJson(JOB, tests), 'jobdata/args.json': args }, '?label=host:rack8')
  expect(await description()).toBe('passtest.py on rack8')
})

test('what every machine is called names none', async () => {
  await directory({ 'results.json': resultsJson(JOB, tests), 'sysinfo/pre/uname -a': 'Linux localhost 6.1' })
  expect(await description()).toBe('t1.py and 2 more')
})

test('live: the name grows, until the directory tells the references', async () => {
  await group()
  expect(await description()).toBe('job-2026-11-24T11.00-cdcdcdc')
  for (const one of tests) await server.client.post('/api/v2.0/results', pluginResult(JOB, one))
  expect(await description()).toBe('t3.py and 2 more')
  await directory({ 'results.json': resultsJson(JOB, tests), 'jobdata/test_references': "['t.py']" })
  expect(await description()).toBe('t.py')
  await group()
  expect(await description()).toBe('t.py')
  expect((await server.stranger.get('/jobs/?search=t.py')).body.count).toBe(1)
})

test('followed: named by what has run so far', async () => {
  const tell = (tag: string) => send(JSON.stringify({ id: JOB, running: true, tests: [{ tag }] }))
  await tell('1-sleeptest.py:SleepTest.test')
  await tell('2-passtest.py:PassTest.test')
  expect(await description()).toBe('sleeptest.py and 1 more')
})

test("a person's description stays, and comes in place of the server's", async () => {
  await send(resultsJson(JOB, tests), '?description=nightly')
  await directory({ 'results.json': resultsJson(JOB, tests), 'jobdata/test_references': "['t.py']" })
  expect(await description()).toBe('nightly')
  await server.client.patch(`/jobs/${JOB}/`, { description: null })
  await send(resultsJson(JOB, tests))
  expect(await description()).toBe('t1.py and 2 more')
  await send(resultsJson(JOB, tests), '?description=weekly')
  expect(await description()).toBe('weekly')
})
