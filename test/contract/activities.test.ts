import { beforeEach, expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const page = (...results: object[]) => ({ count: results.length, next: null, previous: null, results })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const short = (value: unknown) => JSON.stringify(value).slice(0, 60)
const DELETED = answer(204, null)
const TIME_FORMAT =
  'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].'
const time = '2013-05-02T00:00:01Z'

beforeEach(async () => {
  await server.makeJob({ id: 'a', tests: [{ tag: 't' }] })
})

const testNow = async (test: number | string = 1) => {
  const { tag, status, reported_status } = (await server.stranger.get(`/jobs/a/tests/${test}/`)).body
  return { tag, status, reported: reported_status }
}

const kinds = [
  { path: '/jobs/a/activities/', sentence: 'job activity added', shown: { job: 'a' } },
  {
    path: '/jobs/a/tests/t/activities/',
    sentence: 'test activity added',
    shown: { test: 1, status: null },
  },
]

test.each(kinds)('POST $path adds activities, and GET lists them as they came', async ({ path, ...kind }) => {
  const added = answer(200, { status: kind.sentence })
  expect(await server.client.post(path, { activity: 'LATER', time: '2013-05-02 00:01:01.25' })).toEqual(added)
  expect(await server.client.post(path, { activity: 'EARLIER', time })).toEqual(added)
  const later = { ...kind.shown, activity: 'LATER', time: '2013-05-02T00:01:01.250000Z' }
  const earlier = { ...kind.shown, activity: 'EARLIER', time }
  expect(await server.stranger.get(path)).toEqual(answer(200, page(later, earlier)))
  expect(await server.stranger.get(`${path}1/`)).toEqual(answer(200, later))
  expect(await server.stranger.get(`${path}2/`)).toEqual(answer(200, earlier))
})

test.each(kinds)('an activity of $path can be changed and deleted', async ({ path, shown }) => {
  const stored = { ...shown, activity: 'STARTED', time }
  await server.client.post(path, { activity: 'STARTED', time })
  await server.client.post(path, { activity: 'OTHER', time })
  const moved = { ...stored, time: '2014-01-01T00:00:00Z' }
  expect(await server.client.patch(`${path}1/`, { time: '2014-01-01 00:00' })).toEqual(answer(200, moved))
  const replaced = { ...stored, activity: 'RESTARTED' }
  expect(await server.client.put(`${path}1/`, { activity: 'RESTARTED', time })).toEqual(answer(200, replaced))
  expect(await server.stranger.get(`${path}1/`)).toEqual(answer(200, replaced))
  expect(await server.client.delete(`${path}1/`)).toEqual(DELETED)
  expect(await server.stranger.get(`${path}1/`)).toEqual(NOT_FOUND)
  expect(await server.stranger.get(path)).toEqual(answer(200, page({ ...stored, activity: 'OTHER' })))
})

test.each(kinds)('PUT of an activity of $path wants all that POST wants', async ({ path }) => {
  await server.client.post(path, { activity: 'STARTED', time })
  expect(await server.client.put(`${path}1/`, { activity: 'ENDED' })).toEqual(
    answer(400, { time: ['This field is required.'] }),
  )
})

test.each(kinds)('an activity that is not there is 404 for every method: $path', async ({ path }) => {
  await server.client.post(path, { activity: 'STARTED', time })
  for (const id of ['0', '2', '-1', 'x', '1e0', '99999999999999999999']) {
    expect(await server.client.get(`${path}${id}/`)).toEqual(NOT_FOUND)
    expect(await server.client.put(`${path}${id}/`, { activity: 'ENDED', time })).toEqual(NOT_FOUND)
    expect(await server.client.patch(`${path}${id}/`, {})).toEqual(NOT_FOUND)
    expect(await server.client.delete(`${path}${id}/`)).toEqual(NOT_FOUND)
  }
  expect((await server.stranger.get(path)).body.count).toBe(1)
})

const refusals: [object, object][] = [
  [{}, { activity: ['This field is required.'], time: ['This field is required.'] }],
  [{ activity: '', time }, { activity: ['This field may not be blank.'] }],
  [{ activity: null, time }, { activity: ['This field may not be null.'] }],
  [{ activity: [], time }, { activity: ['Not a valid string.'] }],
  [{ activity: 'a'.repeat(256), time }, { activity: ['Ensure this field has no more than 255 characters.'] }],
  [{ activity: 'STARTED' }, { time: ['This field is required.'] }],
  [{ activity: 'STARTED', time: null }, { time: ['This field may not be null.'] }],
  [{ activity: 'STARTED', time: '' }, { time: [TIME_FORMAT] }],
  [{ activity: 'STARTED', time: '2013-05-02' }, { time: [TIME_FORMAT] }],
  [{ activity: 'STARTED', time: '2013-02-30T00:00:00Z' }, { time: [TIME_FORMAT] }],
]

test.each(refusals.map(([body, errors]) => [short(body), body, errors] as const))(
  'an activity like %s is refused',
  async (_, body, errors) => {
    const tagged = { ...body, test_tag: 'new' }
    for (const { path } of kinds) {
      expect(await server.client.post(path, body)).toEqual(answer(400, errors))
      expect(await server.stranger.get(path)).toEqual(answer(200, page()))
    }
    expect(await server.client.post('/jobs/a/activity/', body)).toEqual(answer(400, errors))
    expect(await server.client.post('/jobs/a/test_activity/', tagged)).toEqual(answer(400, errors))
    expect((await server.stranger.get('/jobs/a/testcount/')).body).toEqual({ testcount: 1 })
  },
)

test.each(kinds)('an activity of $path may have 255 characters', async ({ path, shown }) => {
  const activity = '🥑'.repeat(255)
  await server.client.post(path, { activity, time })
  expect(await server.stranger.get(path)).toEqual(answer(200, page({ ...shown, activity, time })))
})

test('activities of one job are not found below another', async () => {
  await server.makeJob({ id: 'b', tests: [{ tag: 't' }] })
  for (const { path } of kinds) {
    await server.client.post(path, { activity: 'STARTED', time })
    const elsewhere = path.replace('/jobs/a/', '/jobs/b/')
    expect(await server.stranger.get(elsewhere)).toEqual(answer(200, page()))
    expect(await server.client.delete(`${elsewhere}1/`)).toEqual(NOT_FOUND)
  }
  expect(await server.stranger.get('/jobs/b/tests/1/activities/')).toEqual(NOT_FOUND)
  expect(await server.client.post('/jobs/b/tests/1/activities/', { activity: 'X', time })).toEqual(NOT_FOUND)
  expect(await server.client.post('/jobs/none/activities/', { activity: 'X', time })).toEqual(NOT_FOUND)
})

test('POST /jobs/JOB/activity/ is the older form of /activities/', async () => {
  const form = new URLSearchParams({ activity: 'JOB_START', time: '2013-05-02 00:00:01' })
  expect(await server.client.post('/jobs/a/activity/', form)).toEqual(
    answer(200, { status: 'job activity added' }),
  )
  expect(await server.stranger.get('/jobs/a/activities/')).toEqual(
    answer(200, page({ job: 'a', activity: 'JOB_START', time })),
  )
  expect((await server.stranger.get('/jobs/a/')).body.activities).toEqual([
    { job: 'a', activity: 'JOB_START', time },
  ])
})

test.each([{ test: 1 }, { test: '1' }, { test_tag: 't' }])(
  'POST /jobs/JOB/test_activity/ finds the test by %j',
  async (reference) => {
    const body = { activity: 'STARTED', time, ...reference }
    expect(await server.client.post('/jobs/a/test_activity/', body)).toEqual(
      answer(200, { status: 'test activity added' }),
    )
    expect(await server.stranger.get('/jobs/a/tests/1/activities/')).toEqual(
      answer(200, page({ test: 1, activity: 'STARTED', time, status: null })),
    )
    expect((await server.stranger.get('/jobs/a/testcount/')).body).toEqual({ testcount: 1 })
  },
)

test('POST /jobs/JOB/test_activity/ makes the test of a tag that is unknown', async () => {
  const form = { activity: 'STARTED', job: 'a', time: '2013-05-02T00:00:01', test_tag: '2-/bin/false' }
  expect(await server.client.post('/jobs/a/test_activity/', new URLSearchParams(form))).toEqual(
    answer(200, { status: 'test activity added' }),
  )
  expect((await server.stranger.get('/jobs/a/tests/')).body).toEqual(
    page({ id: 1, job: 'a', tag: 't', status: null }, { id: 2, job: 'a', tag: '2-/bin/false', status: null }),
  )
  expect((await server.stranger.get('/jobs/a/tests/2/activities/')).body).toEqual(
    page({ test: 2, activity: 'STARTED', time, status: null }),
  )
})

test('POST /jobs/JOB/test_activity/ refuses the id of a test that this job does not have', async () => {
  await server.makeJob({ id: 'b', tests: [{ tag: 't' }] })
  for (const test of [2, 99]) {
    expect(await server.client.post('/jobs/a/test_activity/', { activity: 'STARTED', time, test })).toEqual(
      answer(400, { test: [expect.any(String)] }),
    )
  }
  expect((await server.stranger.get('/jobs/b/tests/2/activities/')).body).toEqual(page())
})

test('POST /jobs/JOB/test_activity/ wants a test', async () => {
  expect(await server.client.post('/jobs/a/test_activity/', { activity: 'STARTED', time })).toEqual(
    answer(400, { test_tag: ['This field is required.'] }),
  )
})

test.each([
  ['FAIL', { status: 'FAIL', reported: undefined }],
  ['pass', { status: 'PASS', reported: undefined }],
  ['SKIP', { status: 'TEST_NA', reported: 'SKIP' }],
  ['INTERRUPTED', { status: 'ERROR', reported: 'INTERRUPTED' }],
])('an activity with the status %s gives %j to a test that has none', async (status, given) => {
  const ended = { activity: 'TEST_ENDED', time, status }
  await server.client.post('/jobs/a/tests/t/activities/', ended)
  expect(await testNow()).toEqual({ tag: 't', ...given })
  await server.client.post('/jobs/a/test_activity/', { ...ended, test_tag: 'new' })
  expect(await testNow('new')).toEqual({ tag: 'new', ...given })
  expect((await server.stranger.get('/jobs/a/tests/1/activities/')).body).toEqual(
    page({ test: 1, activity: 'TEST_ENDED', time, status: given.status }),
  )
})

test('an activity never changes the status of a test that has one', async () => {
  await server.client.patch('/jobs/a/tests/1/', { status: 'PASS' })
  await server.client.post('/jobs/a/tests/1/activities/', { activity: 'TEST_ENDED', time, status: 'FAIL' })
  await server.client.post('/jobs/a/test_activity/', { activity: 'AGAIN', time, test: 1, status: 'SKIP' })
  await server.client.post('/jobs/a/test_activity/', { activity: 'TAG', time, test_tag: 't', status: 'SKIP' })
  expect((await server.stranger.get('/jobs/a/tests/1/activities/')).body.count).toBe(3)
  expect(await testNow()).toEqual({ tag: 't', status: 'PASS', reported: undefined })
  expect((await server.stranger.get('/jobs/a/passrate/')).body).toEqual({ passrate: 100 })
})

test.each(['put', 'patch'] as const)(
  'a status that %s gives to an activity completes the test',
  async (method) => {
    await server.client.post('/jobs/a/tests/1/activities/', { activity: 'TEST_ENDED', time })
    const ended = { activity: 'TEST_ENDED', time, status: 'CANCEL' }
    await server.client[method]('/jobs/a/tests/1/activities/1/', ended)
    expect(await testNow()).toEqual({ tag: 't', status: 'TEST_NA', reported: 'CANCEL' })
  },
)

test('an activity without a status leaves the test running', async () => {
  for (const status of [null, undefined]) {
    await server.client.post('/jobs/a/tests/1/activities/', { activity: `${status}`, time, status })
  }
  expect(await testNow()).toEqual({ tag: 't', status: null, reported: undefined })
})

test('an activity with a status that nobody knows is refused, and changes nothing', async () => {
  const refused = answer(400, { status: ['Object with name=DONE does not exist.'] })
  const body = { activity: 'TEST_ENDED', time, status: 'DONE' }
  expect(await server.client.post('/jobs/a/tests/1/activities/', body)).toEqual(refused)
  expect(await server.client.post('/jobs/a/test_activity/', { ...body, test_tag: 'new' })).toEqual(refused)
  expect((await server.stranger.get('/jobs/a/tests/1/activities/')).body).toEqual(page())
  expect((await server.stranger.get('/jobs/a/testcount/')).body).toEqual({ testcount: 1 })
})
