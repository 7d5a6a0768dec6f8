import { beforeEach, expect, test } from 'bun:test'
import type { Reply } from '../support/client'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const TAG_TAKEN = answer(400, { non_field_errors: ['The fields job, tag must make a unique set.'] })
const time = '2013-05-02T00:00:01Z'

beforeEach(async () => {
  await server.makeJob({ id: 'a', tests: [{ tag: 't' }] })
})

const at = (reply: Reply) => reply.headers.get('location')
const count = async (path: string) => (await server.stranger.get(path)).body.count
const statusOf = async (test: string) => (await server.stranger.get(`/jobs/a/tests/${test}/`)).body.status

const bash = { name: 'bash', version: '5.2.26', release: '3', checksum: '', kind: 'unknown', arch: 'unknown' }
const fedora = { name: 'fedora', version: '40', release: '1', arch: 'unknown' }
const environment = { distro: fedora, installed_software_components: [bash] }
const jobActivity = { job: 'a', activity: 'JOB_START', time }
const testActivity = { test: 1, activity: 'STARTED', time, status: null }
const datum = { category: 'default', key: 'k', value: 'v' }
const newTest = {
  ...{ id: 2, job: 'a', tag: '1-u;v', status: 'TEST_NA', reported_status: 'SKIP', name: 'u', variant: 'v' },
  ...{ started: null, elapsed_time: null, fail_reason: null, environment: null },
}
const newJob = {
  ...{ id: 'b', number: 2, description: null, time: '2026-11-24T12:00:00Z', elapsed_time: 0, status: null },
  ...{ activities: [], tests: [] },
}

const resent = [
  ['/jobs/a/activities/', { activity: 'JOB_START', time }, '/jobs/a/activities/1/', jobActivity],
  ['/jobs/a/activity/', { activity: 'JOB_START', time }, '/jobs/a/activities/1/', jobActivity],
  ['/jobs/a/data/', { key: 'k', value: 'v' }, '/jobs/a/data/1/', { id: 1, job: 'a', ...datum }],
  ['/jobs/a/tests/', { tag: '1-u;v', status: 'SKIP' }, '/jobs/a/tests/2/', newTest],
  [
    '/jobs/a/tests/t/activities/',
    { activity: 'STARTED', time },
    '/jobs/a/tests/1/activities/1/',
    testActivity,
  ],
  [
    '/jobs/1/test_activity/',
    { activity: 'STARTED', time, test: 1 },
    '/jobs/a/tests/1/activities/1/',
    testActivity,
  ],
  [
    '/jobs/a/test_activity/',
    { activity: 'ENDED', time, test_tag: 'new', status: 'FAIL' },
    '/jobs/a/tests/2/activities/1/',
    { test: 2, activity: 'ENDED', time, status: 'FAIL' },
  ],
  [
    '/jobs/1/tests/t/data/',
    { key: 'k', value: 'v' },
    '/jobs/a/tests/1/data/1/',
    { id: 1, test: 1, ...datum },
  ],
  ['/testenvironments/', environment, '/testenvironments/1/', { id: 1, ...environment }],
] as const
const made = [
  ['/jobs/', { id: 'b' }, '/jobs/b/', newJob],
  ['/softwarecomponentkinds/', { name: 'rpm' }, '/softwarecomponentkinds/2/', { id: 2, name: 'rpm' }],
  ['/softwarecomponentarches/', { name: 'x86_64' }, '/softwarecomponentarches/2/', { id: 2, name: 'x86_64' }],
  ['/softwarecomponents/', bash, '/softwarecomponents/1/', { id: 1, ...bash }],
  ['/linuxdistros/', fedora, '/linuxdistros/2/', { id: 2, ...fedora }],
  ...resent,
] as const

test.each(made)('POST %s answers with the Location of what it made', async (path, body, location, thing) => {
  const reply = await server.client.post(path, body)
  expect({ made: reply.status < 300, location: at(reply) }).toEqual({
    made: true,
    location: `${server.origin}${location}`,
  })
  expect(await server.stranger.get(location)).toEqual(answer(200, thing))
})

test.each(resent)(
  'POST %s a second time gives the same answer and Location',
  async (path, body, location) => {
    const list = location.replace(/[^/]+\/$/, '')
    const first = await server.client.post(path, body)
    const stored = await count(list)
    const second = await server.client.post(path, body)
    expect(second).toEqual(answer(first.status, first.body))
    expect(at(second)).toBe(at(first))
    expect(await count(list)).toBe(stored)
  },
)

test.each(resent)('POST %s five times at once stores it once', async (path, body, location, thing) => {
  const replies = await Promise.all(Array.from({ length: 5 }, () => server.client.post(path, body)))
  expect(new Set(replies.map((reply) => `${reply.status} ${at(reply)}`)).size).toBe(1)
  expect(await server.stranger.get(location)).toEqual(answer(200, thing))
  expect(await count('/jobs/a/tests/')).toBeLessThanOrEqual(2)
})

test('the Location of a POST names the host that was asked', async () => {
  const reply = await server.client.with({ host: 'lab:9405' }).post('/jobs/1/tests/', { tag: 'u' })
  expect(at(reply)).toBe('http://lab:9405/jobs/a/tests/2/')
})

test('a job id that exists is refused, and Location says where it is', async () => {
  await server.client.patch('/jobs/a/', { status: 'PASS' })
  for (const again of [{ id: 'a' }, { id: 'A', status: 'FAIL' }, { uniqueident: 'a' }]) {
    const reply = await server.client.post('/jobs/', again)
    expect(reply).toEqual(answer(400, { id: ['This field must be unique.'] }))
    expect(at(reply)).toBe(`${server.origin}/jobs/a/`)
  }
  expect((await server.stranger.get('/jobs/')).body).toMatchObject({
    count: 1,
    results: [{ status: 'PASS' }],
  })
})

test('of many jobs with one id at once, one is stored, the others are refused with its Location', async () => {
  for (const id of ['b', 'c', 'd', 'e', 'f', 'g']) {
    const replies = await Promise.all(Array.from({ length: 20 }, () => server.client.post('/jobs/', { id })))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(400)])
    expect(replies.map(at)).toEqual(Array(20).fill(`${server.origin}/jobs/${id}/`))
  }
  expect(await count('/jobs/')).toBe(7)
})

test.each(['FAIL', 'TEST_NA', 'CANCEL', undefined])(
  'a tag sent again with another status is refused: %s',
  async (status) => {
    await server.client.post('/jobs/a/tests/', { tag: 'u', status: 'SKIP' })
    expect(await server.client.post('/jobs/a/tests/', { tag: 'u', status })).toEqual(TAG_TAKEN)
    expect((await server.stranger.get('/jobs/a/tests/u/')).body).toMatchObject({
      status: 'TEST_NA',
      reported_status: 'SKIP',
    })
  },
)

test('a test without a status sent again with one is refused while nothing has completed it', async () => {
  expect(await server.client.post('/jobs/a/tests/', { tag: 't', status: 'PASS' })).toEqual(TAG_TAKEN)
  expect(await statusOf('t')).toBe(null)
})

test('a test sent again with its first status counts as identical after an activity has completed it', async () => {
  await server.client.post('/jobs/a/tests/t/activities/', { activity: 'ENDED', time, status: 'FAIL' })
  for (const first of [{ tag: 't' }, { tag: 't', status: null }]) {
    const reply = await server.client.post('/jobs/a/tests/', first)
    expect(reply).toEqual(answer(200, { status: 'test added' }))
    expect(at(reply)).toBe(`${server.origin}/jobs/a/tests/1/`)
  }
  expect(await server.client.post('/jobs/a/tests/', { tag: 't', status: 'PASS' })).toEqual(TAG_TAKEN)
  expect(await statusOf('t')).toBe('FAIL')
  expect(await count('/jobs/a/tests/')).toBe(1)
})

test('a test completed by PATCH is not the same as one without a status', async () => {
  await server.client.patch('/jobs/a/tests/t/', { status: 'PASS' })
  expect(await server.client.post('/jobs/a/tests/', { tag: 't' })).toEqual(TAG_TAKEN)
})

test('the same tag in another job is another test', async () => {
  await server.makeJob({ id: 'b' })
  expect((await server.client.post('/jobs/b/tests/', { tag: 't', status: 'FAIL' })).status).toBe(200)
  expect(await statusOf('t')).toBe(null)
})

const owners = [
  ['/jobs/a/', 'job'],
  ['/jobs/a/tests/t/', 'test'],
] as const

test.each(owners)('%sdata/ refuses the same key with another value', async (path, owner) => {
  const refused = answer(400, {
    non_field_errors: [`The fields ${owner}, category, key must make a unique set.`],
  })
  await server.client.post(`${path}data/`, { key: 'k', value: '' })
  for (const value of ['v', null, undefined, ' ']) {
    expect(await server.client.post(`${path}data/`, { key: 'k', value })).toEqual(refused)
  }
  expect(
    (await server.stranger.get(`${path}data/`)).body.results.map(({ value }: typeof datum) => value),
  ).toEqual([''])
})

test.each(owners)('%sdata/ takes the default category named for the same as unnamed', async (path) => {
  await server.client.post(`${path}data/`, { key: 'k', value: 'v' })
  expect((await server.client.post(`${path}data/`, datum)).status).toBe(200)
  expect(await count(`${path}data/`)).toBe(1)
})

test.each(owners)('%sactivities/ stores one moment once, however it is written', async (path) => {
  for (const written of [time, '2013-05-02 00:00:01', '2013-05-02T02:00:01.000000+02:00']) {
    expect((await server.client.post(`${path}activities/`, { activity: 'X', time: written })).status).toBe(
      200,
    )
  }
  expect(await count(`${path}activities/`)).toBe(1)
})

test.each(owners)('%sactivities/ stores what differs in name or time as well', async (path) => {
  const activity = { activity: 'X', time }
  for (const other of [
    activity,
    { ...activity, activity: 'x' },
    { ...activity, time: '2013-05-02T00:00:01.000001Z' },
  ]) {
    expect((await server.client.post(`${path}activities/`, other)).status).toBe(200)
  }
  expect(await count(`${path}activities/`)).toBe(3)
})

test('a test activity that differs in the status is another one', async () => {
  for (const status of [undefined, 'PASS', 'FAIL', 'FAIL', null]) {
    const reply = await server.client.post('/jobs/a/tests/t/activities/', { activity: 'ENDED', time, status })
    expect(reply).toEqual(answer(200, { status: 'test activity added' }))
  }
  expect(await count('/jobs/a/tests/t/activities/')).toBe(3)
  expect(await statusOf('t')).toBe('PASS')
})
