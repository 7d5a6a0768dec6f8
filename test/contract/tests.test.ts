import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ownQuery } from '../support/own-query'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const page = (...results: object[]) => ({ count: results.length, next: null, previous: null, results })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const short = (value: unknown) => JSON.stringify(value).slice(0, 60)
const ADDED = answer(200, { status: 'test added' })
const TAG_TAKEN = answer(400, { non_field_errors: ['The fields job, tag must make a unique set.'] })

/** A test's own page, with nothing known but its tag. */
const ownPage = (tag: string, fields: object = {}) => ({
  id: 1,
  job: 'a',
  tag,
  status: null,
  name: tag,
  variant: null,
  started: null,
  elapsed_time: null,
  fail_reason: null,
  environment: null,
  ...fields,
})

test('POST /jobs/JOB/tests/ adds a test, and the list shows it', async () => {
  await server.makeJob({ id: 'a' })
  expect(await server.client.post('/jobs/a/tests/', { tag: 'sleeptest', status: 'PASS' })).toEqual(ADDED)
  expect(await server.client.post('/jobs/a/tests/', { tag: 'running' })).toEqual(ADDED)
  const sleeptest = { id: 1, job: 'a', tag: 'sleeptest', status: 'PASS' }
  const running = { id: 2, job: 'a', tag: 'running', status: null }
  expect(await server.stranger.get('/jobs/a/tests/')).toEqual(answer(200, page(sleeptest, running)))
  expect((await server.stranger.get('/jobs/a/')).body.tests).toEqual([sleeptest, running])
})

test('GET /jobs/JOB/tests/ lists the tests of this job only', async () => {
  await server.makeJob({ id: 'a', tests: [{ tag: 'same', status: 'PASS' }] })
  await server.makeJob({ id: 'b', tests: [{ tag: 'same', status: 'FAIL' }] })
  expect(await server.stranger.get('/jobs/b/tests/')).toEqual(
    answer(200, page({ id: 2, job: 'b', tag: 'same', status: 'FAIL' })),
  )
})

test.each([
  ['sleeptest', 'sleeptest', null],
  ['01-passtest.py:PassTest.test', 'passtest.py:PassTest.test', null],
  ['001-/bin/true;run-distro-fedora-7f69', '/bin/true', 'run-distro-fedora-7f69'],
  ['3-/bin/sh -c "a;b";run-1', '/bin/sh -c "a;b"', 'run-1'],
  ['12', '12', null],
])('the tag %s has the name %s and the variant %s', async (tag, name, variant) => {
  await server.makeJob({ id: 'a' })
  await server.client.post('/jobs/a/tests/', { tag })
  expect(await server.stranger.get('/jobs/a/tests/1/')).toEqual(answer(200, ownPage(tag, { name, variant })))
})

test("a test's own page tells when it started, how long it ran, why it failed and where", async () => {
  await server.makeJob({ id: 'a' })
  const distro = { name: 'fedora', version: '40', release: '1', arch: 'x86_64' }
  await server.client.post('/testenvironments/', { distro, installed_software_components: [] })
  const fields = { started: '2013-05-02 00:00:01.5', elapsed_time: 2.5, fail_reason: ' <b>why\n' }
  const body = { tag: 'failtest', status: 'FAIL', environment: 1, ...fields }
  expect(await server.client.post('/jobs/a/tests/', body)).toEqual(ADDED)
  expect(await server.stranger.get('/jobs/a/tests/failtest/')).toEqual(
    answer(200, ownPage('failtest', { ...body, started: '2013-05-02T00:00:01.500000Z' })),
  )
})

test.each([
  ...['PASS', 'ERROR', 'FAIL', 'TEST_NA', 'WARN'].flatMap((word) => [
    [word, { status: word }] as const,
    [word.toLowerCase(), { status: word }] as const,
  ]),
  ['SKIP', { status: 'TEST_NA', reported_status: 'SKIP' }],
  ['CANCEL', { status: 'TEST_NA', reported_status: 'CANCEL' }],
  ['INTERRUPTED', { status: 'ERROR', reported_status: 'INTERRUPTED' }],
  ['skip', { status: 'TEST_NA', reported_status: 'SKIP' }],
  ['interrupted', { status: 'ERROR', reported_status: 'INTERRUPTED' }],
  [null, { status: null }],
  [undefined, { status: null }],
] as const)('the status %s is shown as %j', async (word, shown) => {
  await server.makeJob({ id: 'a' })
  await server.client.post('/jobs/a/tests/', { tag: 't', status: word })
  const brief = { id: 1, job: 'a', tag: 't', ...shown }
  expect(await server.stranger.get('/jobs/a/tests/')).toEqual(answer(200, page(brief)))
  expect(await server.stranger.get('/jobs/a/tests/1/')).toEqual(answer(200, ownPage('t', shown)))
  expect((await server.stranger.get('/jobs/a/')).body.tests).toEqual([brief])
})

const refusals: [object, string][] = [
  [{ tag: '' }, 'This field may not be blank.'],
  [{ tag: null }, 'This field may not be null.'],
  [{ tag: 't'.repeat(1025) }, 'Ensure this field has no more than 1024 characters.'],
  [{ tag: ['t'] }, 'Not a valid string.'],
  [{ tag: 't\0' }, 'Null characters are not allowed.'],
  [{ status: 'PASSED' }, 'Object with name=PASSED does not exist.'],
  [{ status: 'ABORT' }, 'Object with name=ABORT does not exist.'],
  [{ elapsed_time: -1 }, 'Ensure this value is greater than or equal to 0.'],
]

test.each(refusals.map(([fields, sentence]) => [short(fields), sentence, fields] as const))(
  'POST and PATCH of a test refuse %s: %s',
  async (_, sentence, fields) => {
    await server.makeJob({ id: 'a', tests: [{ tag: 'old' }] })
    const refused = answer(400, { [Object.keys(fields)[0] as string]: [sentence] })
    expect(await server.client.post('/jobs/a/tests/', { tag: 'new', ...fields })).toEqual(refused)
    expect(await server.client.patch('/jobs/a/tests/old/', fields)).toEqual(refused)
    expect((await server.stranger.get('/jobs/a/tests/')).body).toEqual(
      page({ id: 1, job: 'a', tag: 'old', status: null }),
    )
  },
)

test.each(['post', 'put'] as const)('%s of a test wants a tag', async (method) => {
  await server.makeJob({ id: 'a', tests: [{ tag: 'old' }] })
  const path = method === 'post' ? '/jobs/a/tests/' : '/jobs/a/tests/old/'
  expect(await server.client[method](path, { status: 'PASS' })).toEqual(
    answer(400, { tag: ['This field is required.'] }),
  )
})

test.each([
  ['long', 't'.repeat(1024)],
  ['long, outside of the BMP', '🥑'.repeat(1024)],
  ['blanks around', ' not trimmed '],
  ['digits', '007'],
  ['what URLs are made of', 'ä;ö/%?#'],
])('a tag comes back as it was sent: %s', async (_, tag) => {
  await server.makeJob({ id: 'a' })
  expect(await server.client.post('/jobs/a/tests/', { tag })).toEqual(ADDED)
  const { body } = await server.stranger.get('/jobs/a/tests/')
  expect(body).toEqual(page({ id: 1, job: 'a', tag, status: null }))
})

test('an environment that does not exist is refused, and null is none', async () => {
  await server.makeJob({ id: 'a' })
  expect(await server.client.post('/jobs/a/tests/', { tag: 't', environment: 99 })).toEqual(
    answer(400, { environment: [expect.any(String)] }),
  )
  expect(await server.client.post('/jobs/a/tests/', { tag: 't', environment: null })).toEqual(ADDED)
})

test('PATCH of a test changes what it names and nothing else', async () => {
  const reported = { status: 'TEST_NA', reported_status: 'SKIP', fail_reason: 'why' }
  await server.makeJob({ id: 'a', tests: [{ tag: 't', status: 'SKIP', fail_reason: 'why' }] })
  const steps: [object, object][] = [
    [{}, ownPage('t', reported)],
    [{ tag: '2-u;v' }, ownPage('2-u;v', { ...reported, name: 'u', variant: 'v' })],
    [{ status: 'pass' }, ownPage('2-u;v', { status: 'PASS', fail_reason: 'why', name: 'u', variant: 'v' })],
    [{ tag: 't', status: null, fail_reason: null }, ownPage('t')],
  ]
  for (const [change, shown] of steps) {
    expect(await server.client.patch('/jobs/a/tests/1/', change)).toEqual(answer(200, shown))
    expect(await server.stranger.get('/jobs/a/tests/1/')).toEqual(answer(200, shown))
  }
})

test('PUT of a test replaces its fields', async () => {
  await server.makeJob({ id: 'a', tests: [{ tag: 't', status: 'PASS' }] })
  expect(await server.client.put('/jobs/a/tests/t/', { tag: 'u', status: 'CANCEL' })).toEqual(
    answer(200, ownPage('u', { status: 'TEST_NA', reported_status: 'CANCEL' })),
  )
  expect(await server.stranger.get('/jobs/a/tests/t/')).toEqual(NOT_FOUND)
})

test.each(['put', 'patch'] as const)('%s refuses the tag of another test of the job', async (method) => {
  await server.makeJob({ id: 'a', tests: [{ tag: 't' }, { tag: 'u' }] })
  await server.makeJob({ id: 'b', tests: [{ tag: 'v' }] })
  expect(await server.client[method]('/jobs/a/tests/t/', { tag: 'u' })).toEqual(TAG_TAKEN)
  expect((await server.client[method]('/jobs/a/tests/t/', { tag: 't' })).status).toBe(200)
  expect((await server.client[method]('/jobs/a/tests/t/', { tag: 'v' })).status).toBe(200)
})

test('DELETE of a test takes its activities and data along, and its id is never given again', async () => {
  const activities = [{ activity: 'STARTED', time: '2013-05-02T00:00:01Z' }]
  await server.makeJob({ id: 'a', tests: [{ tag: 't', activities, data: [{ key: 'k' }] }] })
  expect(await server.client.delete('/jobs/a/tests/1/')).toEqual(answer(204, null))
  expect(await server.stranger.get('/jobs/a/tests/')).toEqual(answer(200, page()))
  const left = await server.database.read(
    ownQuery(async ({ database }) =>
      database.query('SELECT test FROM test_activity UNION ALL SELECT test FROM test_data').all(),
    ),
  )
  expect(left).toEqual([])
  await server.client.post('/jobs/a/tests/', { tag: 't' })
  expect(await server.stranger.get('/jobs/a/tests/t/')).toEqual(answer(200, ownPage('t', { id: 2 })))
})

test.each(['get', 'put', 'patch', 'delete'] as const)(
  '%s of a test is 404 where the job named has no such test',
  async (method) => {
    await server.makeJob({ id: 'a', tests: [{ tag: 't', status: 'PASS' }] })
    await server.makeJob({ id: 'b' })
    const body = method === 'put' || method === 'patch' ? { tag: 'stolen' } : undefined
    for (const path of ['/jobs/b/tests/1/', '/jobs/b/tests/t/', '/jobs/a/tests/2/', '/jobs/none/tests/1/']) {
      expect(await server.client[method](path, body)).toEqual(NOT_FOUND)
    }
    expect(await server.stranger.get('/jobs/a/tests/1/')).toEqual(
      answer(200, ownPage('t', { status: 'PASS' })),
    )
  },
)

test('the tests and the summary of a job that is not there are 404', async () => {
  expect(await server.stranger.get('/jobs/none/tests/')).toEqual(NOT_FOUND)
  expect(await server.stranger.get('/jobs/none/tests/summary/')).toEqual(NOT_FOUND)
  expect(await server.client.post('/jobs/none/tests/', { tag: 't' })).toEqual(NOT_FOUND)
})

test('GET /jobs/JOB/tests/summary/ counts by outcome: failed is FAIL and ERROR, the rest other', async () => {
  const words = ['PASS', 'PASS', 'FAIL', 'ERROR', 'INTERRUPTED', 'WARN', 'SKIP', 'CANCEL', 'TEST_NA', null]
  await server.makeJob({ id: 'a', tests: words.map((status, index) => ({ tag: `${index}`, status })) })
  await server.makeJob({ id: 'b', tests: [{ tag: 't', status: 'PASS' }] })
  expect(await server.stranger.get('/jobs/a/tests/summary/')).toEqual(
    answer(200, { passed: 2, failed: 3, other: 5 }),
  )
})

const tag = fc.constantFrom('1-a', '2-b;v', '3-c', 'd')
const word = fc.constantFrom('PASS', 'FAIL', 'ERROR', 'WARN', 'TEST_NA', 'SKIP', 'CANCEL', 'INTERRUPTED')
const status = fc.option(word)
const activity = fc.record({
  activity: fc.constantFrom('STARTED', 'ENDED'),
  time: fc.constant('2013-05-02T00:00:04Z'),
  status,
})
const at = (tag: string) => `tests/${encodeURIComponent(tag)}/`
type Step = [method: string, path: string, body?: object]
const step = fc.oneof(
  fc.record({ tag, status }).map((body): Step => ['POST', 'tests/', body]),
  fc.tuple(tag, status).map(([tag, status]): Step => ['PATCH', at(tag), { status }]),
  fc.tuple(tag, fc.record({ tag, status })).map(([tag, body]): Step => ['PUT', at(tag), body]),
  tag.map((tag): Step => ['DELETE', at(tag)]),
  fc.tuple(tag, activity).map(([tag, body]): Step => ['POST', `${at(tag)}activities/`, body]),
  fc.tuple(tag, activity).map(([test_tag, body]): Step => ['POST', 'test_activity/', { ...body, test_tag }]),
  fc.tuple(tag, activity).map(([tag, body]): Step => ['PUT', `${at(tag)}activities/1/`, body]),
  tag.map((tag): Step => ['DELETE', `${at(tag)}activities/1/`]),
)

test('counters equal a recount of the listed tests after any changes', async () => {
  const sequences = fc.asyncProperty(
    fc.array(fc.record({ tag, status, activities: fc.array(activity, { maxLength: 2 }) }), { maxLength: 3 }),
    fc.array(step, { minLength: 1, maxLength: 12 }),
    async (posted, steps) => {
      const tests = [...new Map(posted.map((test) => [test.tag, test])).values()]
      const { id, number } = await server.makeJob({ tests })
      for (const [method, path, body] of steps) {
        const { status } = await server.client.send(method, `/jobs/${id}/${path}`, body)
        expect(status).toBeOneOf([200, 204, 400, 404])
      }

      const get = async (path: string) => (await server.stranger.get(`/jobs/${id}/${path}`)).body
      const listed: { status: string | null }[] = (await get('tests/?page_size=1000')).results
      const having = (...statuses: string[]) =>
        listed.filter((test) => statuses.includes(test.status ?? '')).length
      const [passed, failed] = [having('PASS'), having('FAIL', 'ERROR')]
      const passrate = listed.length === 0 ? 0 : Number(((100 * passed) / listed.length).toFixed(2))
      expect(await get('tests/?page_size=1000')).toEqual(page(...listed))
      expect(await get('tests/summary/')).toEqual({ passed, failed, other: listed.length - passed - failed })
      expect(await get('testcount/')).toEqual({ testcount: listed.length })
      expect(await get('passrate/')).toEqual({ passrate })
      const counters = await server.database.read(
        ownQuery(async ({ database }) =>
          database
            .query('SELECT warned, not_applicable, unfinished, errored FROM job WHERE number = ?')
            .get(number),
        ),
      )
      expect(counters).toEqual({
        warned: having('WARN'),
        not_applicable: having('TEST_NA'),
        unfinished: listed.filter(({ status }) => status === null).length,
        errored: having('ERROR'),
      })
    },
  )
  await fc.assert(sequences, { numRuns: 60 })
})
