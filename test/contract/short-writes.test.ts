// No task holds the writer for long, whatever was sent: each changes some thousand rows at most. And what has a number of
// parts has a bound on it.

import { expect, test } from 'bun:test'
import pino from 'pino'
import { resumeRetiming } from '../../src/results/core/retiming'
import { addComponents, addHiddenEnvironment } from '../../src/results/environments/changes'
import { sweepHiddenEnvironments } from '../../src/results/environments/writing'
import { changeJob } from '../../src/results/jobs/queries'
import { dynamicQuery, tables } from '../../src/storage/query'
import { ChangedRows } from '../support/changed-rows'
import { ownQuery } from '../support/own-query'
import { withServer } from '../support/server'

const server = withServer()
const log = pino({ level: 'silent' })
/** Some 20 ms of the writer's time, up to 50 on a slow disk. */
const MAX_ROWS = 4000
const distro = { name: 'fedora', version: '40', release: '1', arch: 'x86_64' }
const packages = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ name: `package-${from + index}`, version: '1', release: '1', checksum: '', kind: 'rpm' },
    arch: index % 2 ? 'x86_64' : 'noarch',
  }))
const environment = (count: number) => ({ distro, installed_software_components: packages(count) })
const activities = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ activity: `step ${index}`, time: '2026-11-24T10:00:00Z' }))

test('an environment of 20,000 components is added, changed and deleted in short tasks', async () => {
  using rows = new ChangedRows()
  const added = await server.client.post('/testenvironments/', environment(20_000))
  expect(added.status).toBe(201)
  const [path = ''] = /\/testenvironments\/\d+\/$/.exec(added.headers.get('location') ?? '') ?? []
  const shown = await server.stranger.get(path)
  expect(shown.body.installed_software_components.length).toBe(20_000)
  expect((await server.stranger.get('/testenvironments/')).body.count).toBe(1)
  // The same again, in another order, is the same.
  const again = { distro, installed_software_components: packages(20_000).reverse() }
  expect((await server.client.post('/testenvironments/', again)).headers.get('location')).toEndWith(path)
  const { status, body } = await server.client.patch(path, {
    installed_software_components: packages(19_500),
  })
  expect([status, body.installed_software_components.length]).toEqual([200, 19_500])
  expect(await server.client.patch(path, { installed_software_components: packages(100) })).toMatchObject({
    status: 400,
    body: {
      installed_software_components: [expect.stringContaining('No more than 1000 components may change')],
    },
  })
  expect((await server.client.delete(path)).status).toBe(204)
  expect((await server.stranger.get(path)).status).toBe(404)
  expect((await server.stranger.get('/testenvironments/')).body).toMatchObject({ count: 0, results: [] })
  expect(rows.beyond(MAX_ROWS)).toEqual({})
  expect(rows.most.get('addComponents')).toBeGreaterThan(100)
}, 120_000)

test('one component more is refused, and nothing of it is stored', async () => {
  const { status, body } = await server.client.post('/testenvironments/', environment(20_001))
  expect([status, body]).toEqual([
    400,
    { installed_software_components: ['No more than 20000 components are allowed.'] },
  ])
  expect((await server.stranger.get('/softwarecomponents/')).body.count).toBe(0)
}, 60_000)

test('an environment that a crash left unfinished is seen by nobody, and swept', async () => {
  const { id } = await server.database.write(addHiddenEnvironment, { distro })
  await server.database.write(addComponents, { environment: id, components: packages(3) })
  expect((await server.stranger.get('/testenvironments/')).body).toMatchObject({ count: 0, results: [] })
  expect((await server.stranger.get(`/testenvironments/${id}/`)).status).toBe(404)
  expect(
    (await server.client.post('/jobs/', { id: 'a1', tests: [{ tag: 'a', environment: id }] })).status,
  ).toBe(400)
  await sweepHiddenEnvironments({ database: server.database, log })
  const left = dynamicQuery<Record<never, never>>('left')(() => tables.selectFrom('environment').select('id'))
  expect(await server.database.read(ownQuery((connection) => connection.all(left, {})))).toEqual([])
})

const TESTS = 5000
const LATER = '2026-11-02T00:00:00Z'

async function makeJobOfMany() {
  const tests = Array.from({ length: TESTS }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))
  await server.makeJob({ id: 'many', time: '2026-11-01T00:00:00Z', tests })
}

const timesOfTests = () =>
  server.database.read(
    ownQuery(async (connection) => {
      const times = dynamicQuery<Record<never, never>>('times')(() =>
        tables.selectFrom('test').select('ran_at').distinct(),
      )
      return (await connection.all(times, {})).length
    }),
  )

test('the time of a job of many tests is changed in short tasks', async () => {
  await makeJobOfMany()
  using rows = new ChangedRows()
  expect((await server.client.patch('/jobs/many/', { time: LATER })).status).toBe(200)
  const { body } = await server.stranger.get('/jobs/many/tests/1/history/?page_size=3')
  expect(body.results.map(({ time }: { time: string }) => time)).toEqual([LATER, LATER, LATER])
  expect(await timesOfTests()).toBe(1)
  expect(rows.beyond(MAX_ROWS)).toEqual({})
  expect(rows.most.get('retimeNextTests')).toBeGreaterThan(500)
}, 60_000)

test('what a crash left of that is done by the next start', async () => {
  await makeJobOfMany()
  const { number: job } = (await server.stranger.get('/jobs/many/?omit=tests')).body
  await server.database.write(changeJob, { job, value: { time: Date.parse(LATER) * 1000 } })
  await resumeRetiming(server.database)
  const { body } = await server.stranger.get('/jobs/many/tests/1/history/')
  expect(body.results[0].time).toBe(LATER)
  expect(await timesOfTests()).toBe(1)
  await resumeRetiming(server.database) // nothing is left to do
}, 60_000)

test('jobs and tests with much below them are added and deleted in short tasks', async () => {
  const data = Array.from({ length: 8000 }, (_, index) => ({ key: `key ${index}`, value: 'x' }))
  const tests = [{ tag: 'a', activities: activities(10_000), data }, { tag: 'b' }, { tag: 'c', data }]
  using rows = new ChangedRows()
  await server.makeJob({ id: 'wide-enough', activities: activities(12_000), tests })
  expect((await server.client.delete('/jobs/wide-enough/tests/a/')).status).toBe(204)
  const { body } = await server.stranger.get('/jobs/wide-enough/tests/')
  expect(body.results.map(({ tag }: { tag: string }) => tag)).toEqual(['b', 'c'])
  expect((await server.stranger.get('/jobs/')).body.count).toBe(1)
  expect((await server.client.delete('/jobs/wide-enough/')).status).toBe(204)
  expect(rows.beyond(MAX_ROWS)).toEqual({})
  const left = dynamicQuery<Record<never, never>>('rows left')(() =>
    tables.selectFrom('test_data').select('id').limit(1),
  )
  expect(await server.database.read(ownQuery((connection) => connection.all(left, {})))).toEqual([])
}, 60_000)

test('so are those of an import, and what it adds to a test that is there', async () => {
  const data = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ key: `key ${index}`, value: 'x' }))
  const send = async (activityCount: number, dataCount: number) => {
    const below = { activities: activities(activityCount), data: data(dataCount) }
    const job = {
      id: 'sent',
      activities: activities(3000),
      tests: [{ tag: '1-a', ...below }, { tag: '2-b' }, { tag: '3-c', data: data(3000) }],
    }
    return (await server.client.request('POST', '/imports/', { body: JSON.stringify(job) })).body.jobs[0]
  }
  using rows = new ChangedRows()
  expect((await send(5000, 9000)).tests).toEqual({ added: 3, changed: 0, unchanged: 0 })
  expect((await send(5000, 9000)).tests).toEqual({ added: 0, changed: 0, unchanged: 3 })
  expect(await send(10_000, 20_000)).toMatchObject({
    tests: { added: 0, changed: 1, unchanged: 2 },
    warnings: [],
  })
  expect(rows.beyond(MAX_ROWS)).toEqual({})
  expect((await server.stranger.get('/jobs/sent/tests/1-a/activities/')).body.count).toBe(10_000)
  expect((await server.stranger.get('/jobs/sent/tests/1-a/data/')).body.count).toBe(20_000)
  const { body: job } = await server.stranger.get('/jobs/sent/?omit=activities')
  expect(job.tests.map(({ tag }: { tag: string }) => tag)).toEqual(['1-a', '2-b', '3-c'])
}, 60_000)

test('repeated steps of a test in several tasks are all there, and once', async () => {
  const steps = Array.from({ length: 4000 }, (_, second) => ({
    activity: 'STEP',
    time: new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString(),
  }))
  const body = JSON.stringify({ id: 'sent', tests: [{ tag: '1-a', activities: steps }] })
  for (let times = 0; times < 2; times++) await server.client.request('POST', '/imports/', { body })
  expect((await server.stranger.get('/jobs/sent/tests/1-a/activities/')).body.count).toBe(4000)
}, 60_000)

test('what an import has beyond the activities that a job or a test may have is left out with a warning', async () => {
  const tests = [{ tag: '1-a', activities: activities(10_000) }]
  await server.makeJob({ id: 'full', activities: activities(100_000), tests })
  const more = [{ activity: 'one more', time: '2026-11-24T10:00:00Z' }]
  const body = JSON.stringify({ id: 'full', activities: more, tests: [{ tag: '1-a', activities: more }] })
  const { status, body: answer } = await server.client.request('POST', '/imports/', { body })
  expect([status, answer.jobs[0].tests]).toEqual([200, { added: 0, changed: 0, unchanged: 1 }])
  expect(answer.jobs[0].warnings).toEqual([
    'The job has as many activities as it may: 1 were left out.',
    'Test 1-a has as many activities as it may: 1 were left out.',
  ])
}, 60_000)

test('long values take a task each some of them', async () => {
  const MIB = 1024 ** 2
  const data = Array.from({ length: 10 }, (_, index) => ({ key: `key ${index}`, value: 'x'.repeat(MIB) }))
  using rows = new ChangedRows()
  await server.makeJob({ id: 'long-values', tests: [{ tag: 'a', data }] })
  // The first task has the test itself, too: with the counters and the search index that is nine rows.
  expect(rows.most.get('addToHiddenJob')).toBeLessThan(9 + 8)
  expect((await server.client.delete('/jobs/long-values/')).status).toBe(204)
  expect(rows.most.get('deleteHiddenJobRows')).toBeLessThan(5)
}, 60_000)

test('activities have a number: of a job 100,000, of a test 10,000', async () => {
  const job = await server.client.post('/jobs/?omit=activities', {
    id: 'a1',
    activities: activities(100_000),
  })
  expect(job.status).toBe(201)
  const one = { activity: 'one more', time: '2026-11-24T10:00:00Z' }
  const before = activities(1)[0]
  const sentence = (max: number, of: string) => ({
    activity: [`A ${of} has no more than ${max} activities.`],
  })
  const refused = await server.client.post('/jobs/a1/activities/', one)
  expect([refused.status, refused.body]).toEqual([400, sentence(100_000, 'job')])
  expect((await server.client.post('/jobs/a1/activities/', before)).status).toBe(200)
  const tests = [{ tag: 'a', activities: activities(10_000) }]
  expect((await server.client.post('/jobs/', { id: 'a2', tests })).status).toBe(201)
  for (const [path, body] of [
    ['/jobs/a2/tests/a/activities/', one],
    ['/jobs/a2/test_activity/', { ...one, test_tag: 'a' }],
  ] as const) {
    const { status, body: answer } = await server.client.post(path, body)
    expect([status, answer]).toEqual([400, sentence(10_000, 'test')])
  }
  const many = await server.client.post('/jobs/', {
    id: 'a3',
    tests: [{ tag: 'a', activities: activities(10_001) }],
  })
  expect([many.status, many.body]).toEqual([
    400,
    { tests: ['Item 1: activities: No more than 10000 activities of a test are allowed.'] },
  ])
  const more = await server.client.post('/jobs/', { id: 'a4', activities: activities(100_001) })
  expect([more.status, more.body]).toEqual([
    400,
    { activities: ['No more than 100000 activities of a job are allowed.'] },
  ])
}, 120_000)

test.each([
  ['letters', 'x'.repeat(1024 ** 2), 'x'],
  ['letters of two bytes', 'é'.repeat(2 ** 19), 'x'],
])(
  'a value has 1 MiB: %s',
  async (_, longest, more) => {
    await server.makeJob({ id: 'a1', tests: [{ tag: 'a' }] })
    const refusal = { value: ['Ensure this field has no more than 1048576 bytes.'] }
    for (const path of ['/jobs/a1/data/', '/jobs/a1/tests/a/data/']) {
      expect((await server.client.post(path, { key: 'fits', value: longest })).status).toBe(200)
      const { status, body } = await server.client.post(path, { key: 'long', value: longest + more })
      expect([status, body]).toEqual([400, refusal])
    }
  },
  60_000,
)

test('a value of control characters is as long as ten of them have room in an answer', async () => {
  await server.makeJob({ id: 'a1' })
  const post = (key: string, count: number) =>
    server.client.post('/jobs/a1/data/', { key, value: '\u0001'.repeat(count) })
  expect((await post('long', 2 ** 20)).status).toBe(400)
  for (let key = 0; key < 10; key++) expect((await post(`key ${key}`, 2 ** 19 - 1)).status).toBe(200)
  expect((await server.stranger.get('/jobs/a1/data/')).status).toBe(200)
}, 60_000)

test('a result of ResultsDB has a number of keys, of groups, and of bytes a value', async () => {
  const result = (more: object) => ({ outcome: 'PASSED', testcase: 'a', groups: ['a1'], ...more })
  const data = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`key ${index}`, 'x']))
  for (const [more, message] of [
    [{ data }, 'data: at most 1000 keys.'],
    [{ data: { long: 'x'.repeat(1024 ** 2 + 1) } }, 'data: long: at most 1048576 bytes.'],
    [{ groups: Array.from({ length: 101 }, (_, index) => `g${index}`) }, 'groups: at most 100.'],
  ] as const) {
    const { status, body } = await server.client.post('/api/v2.0/results', result(more))
    expect([status, body]).toEqual([400, { message }])
  }
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})
