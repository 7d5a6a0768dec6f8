// Every kind of write that changes what readers of a job see is told.

import { expect, test } from 'bun:test'
import { nameFiles } from '../../src/ingest/files'
import { expireStaleJobs } from '../../src/results/jobs/expire-stale-jobs'
import { tar } from '../ingest/archives'
import { sampleText } from '../ingest/samples'
import { EventStream } from '../support/events'
import { type MadeJob, NOW, withServer } from '../support/server'

const server = withServer()

const post = (path: string, body: unknown) => server.client.post(path, body)
const send = (body: string | Uint8Array, query = '') =>
  server.client.request('POST', `/imports/${query}`, { body: body as string })

const time = '2026-11-24T11:00:00Z'
const happened = { activity: 'HAPPENED', time }
const results = sampleText('single-nosysinfo', 'results.json')
const resultsWithLog = tar([
  { name: 'job/results.json', content: results },
  { name: 'job/job.log', content: 'log' },
])
const running = (tests: object[]) => JSON.stringify({ id: 'running', tests })
const resultsdb = '/api/v2.0'
const content = { hash: '00'.repeat(32), size: 1, storedSize: 1, content: new Uint8Array(1) }

const context = () => ({ database: server.database, clock: () => NOW })

/** Job 1, `a1`, with one of everything; its test has not ended. */
const makeJob = () =>
  server.makeJob({
    id: 'a1',
    activities: [happened],
    tests: [{ tag: 't', activities: [happened], data: [{ key: 'k', value: 'v' }] }],
  })

/** What is done, and the number of the job that it changes. */
const writes: [what: string, job: number, act: () => Promise<unknown>, before?: () => Promise<unknown>][] = [
  ['POST a job', 2, () => post('/jobs/', { id: 'b1' })],
  ['PATCH a job', 1, () => server.client.patch('/jobs/1/', { description: 'new' })],
  ['PUT a job', 1, () => server.client.put('/jobs/1/', { status: 'PASS' })],
  ['DELETE a job', 1, () => server.client.delete('/jobs/1/')],

  ['POST an activity of a job', 1, () => post('/jobs/1/activities/', { activity: 'NEW', time })],
  ['POST an activity of a job, older form', 1, () => post('/jobs/1/activity/', { activity: 'NEW', time })],
  ['PATCH an activity of a job', 1, () => server.client.patch('/jobs/1/activities/1/', { activity: 'NEW' })],
  ['DELETE an activity of a job', 1, () => server.client.delete('/jobs/1/activities/1/')],
  ['POST data of a job', 1, () => post('/jobs/1/data/', { key: 'new' })],
  [
    'PATCH data of a job',
    1,
    () => server.client.patch('/jobs/1/data/1/', { value: 'new' }),
    () => post('/jobs/1/data/', { key: 'k' }),
  ],
  [
    'DELETE data of a job',
    1,
    () => server.client.delete('/jobs/1/data/1/'),
    () => post('/jobs/1/data/', { key: 'k' }),
  ],

  ['POST a test', 1, () => post('/jobs/1/tests/', { tag: 'new', status: 'PASS' })],
  ['PATCH a test', 1, () => server.client.patch('/jobs/1/tests/1/', { fail_reason: 'new' })],
  ['PUT a test', 1, () => server.client.put('/jobs/1/tests/1/', { tag: 't', status: 'PASS' })],
  ['DELETE a test', 1, () => server.client.delete('/jobs/1/tests/1/')],

  ['POST an activity of a test', 1, () => post('/jobs/1/tests/1/activities/', { activity: 'NEW', time })],
  [
    'POST an activity that ends a test',
    1,
    () => post('/jobs/1/tests/1/activities/', { activity: 'ENDED', time, status: 'PASS' }),
  ],
  [
    'POST an activity of a test, older form',
    1,
    () => post('/jobs/1/test_activity/', { test: 1, activity: 'NEW', time }),
  ],
  [
    'POST an activity that makes a test',
    1,
    () => post('/jobs/1/test_activity/', { test_tag: 'new', activity: 'NEW', time }),
  ],
  [
    'PATCH an activity of a test',
    1,
    () => server.client.patch('/jobs/1/tests/1/activities/1/', { activity: 'NEW' }),
  ],
  ['DELETE an activity of a test', 1, () => server.client.delete('/jobs/1/tests/1/activities/1/')],
  ['POST data of a test', 1, () => post('/jobs/1/tests/1/data/', { key: 'new' })],
  ['PATCH data of a test', 1, () => server.client.patch('/jobs/1/tests/1/data/1/', { value: 'new' })],
  ['DELETE data of a test', 1, () => server.client.delete('/jobs/1/tests/1/data/1/')],

  ['import results.json', 2, () => send(results)],
  ['import an archive', 2, () => send(resultsWithLog)],
  ['import the files of a job that is there', 2, () => send(resultsWithLog), () => send(results)],
  [
    'name a file of a job',
    1,
    () => nameFiles(context(), 1, [{ tag: undefined, path: 'job.log', content }], { isNew: false }),
  ],
  [
    'name a file of a test',
    1,
    () => nameFiles(context(), 1, [{ tag: 't', path: 'debug.log', content }], { isNew: false }),
  ],
  ['import a line of NDJSON', 2, () => send(running([{ tag: 'x', status: 'PASS' }]), '?format=ndjson')],
  [
    'import more tests of a job',
    2,
    () => send(running([{ tag: 'y', status: 'PASS' }]), '?format=ndjson'),
    () => send(running([{ tag: 'x' }]), '?format=ndjson'),
  ],
  [
    'take a job of which nothing is heard for silent',
    2,
    () => server.database.write(expireStaleJobs, { now: NOW + 11 * 60 * 1_000_000 }),
    () => send(running([{ tag: 'x' }]), '?format=ndjson'),
  ],
  ['POST a group to ResultsDB', 2, () => post(`${resultsdb}/groups`, { uuid: 'b1' })],
  [
    'describe a job by a group of ResultsDB',
    1,
    () => post(`${resultsdb}/groups`, { uuid: 'a1', description: 'new' }),
  ],
  [
    'POST a result to ResultsDB',
    1,
    () => post(`${resultsdb}/results`, { outcome: 'PASSED', testcase: 'new', groups: ['a1'] }),
  ],
]

test.each(writes)('%s', async (_, number, act, before) => {
  await makeJob()
  await before?.()
  using stream = await EventStream.open(server)
  const first = stream.next()
  const reply = (await act()) as { status?: number } | undefined
  expect(reply?.status ?? 200).toBeLessThan(300)
  expect((await first).data.jobs.map((job: MadeJob) => job.number)).toEqual([number])
  // The last that is told is what the list shows then.
  const shown = (await server.stranger.get('/jobs/?omit=tests,activities&include=outcomes')).body.results
  const now = shown.find((job: MadeJob) => job.number === number) ?? { number, deleted: true }
  let told = (await first).data.jobs
  while (!Bun.deepEquals(told, [now])) told = (await stream.next()).data.jobs
})
