import { expect, test } from 'bun:test'
import { ownQuery } from '../support/own-query'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const short = (value: unknown) => JSON.stringify(value).slice(0, 60)
const tests = (...statuses: (string | null)[]) =>
  statuses.map((status, index) => ({ tag: `${index + 1}-test`, status }))

/** How many rows each table below a job has. */
const rowsBelowJobs = () =>
  server.database.read(
    ownQuery(async ({ database }) =>
      Object.fromEntries(
        ['job', 'job_activity', 'job_data', 'test', 'test_activity', 'test_data'].map((table) => [
          table,
          database.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM ${table}`).get()?.rows,
        ]),
      ),
    ),
  )
const NO_ROWS = { job: 0, job_activity: 0, job_data: 0, test: 0, test_activity: 0, test_data: 0 }

const wholeJob = {
  id: 'whole',
  description: 'Sleep, fail and sync',
  time: '2013-05-02 00:00:01',
  elapsed_time: 5.25,
  status: 'FAIL',
  activities: [
    { activity: 'JOB_START', time: '2013-05-02T00:00:01Z' },
    { activity: 'JOB_FINISHED', time: '2013-05-02T00:01:01.5Z' },
  ],
  tests: [
    {
      tag: '1-sleeptest',
      status: 'SKIP',
      activities: [{ activity: 'TEST_STARTED', time: '2013-05-02T00:00:02Z' }],
      data: [
        { key: 'log', value: '' },
        { category: 'sysinfo', key: 'cmdline', value: 'rhgb quiet' },
      ],
    },
    {
      tag: '2-failtest',
      activities: [{ activity: 'TEST_ENDED', time: '2013-05-02T00:00:04Z', status: 'FAIL' }],
    },
  ],
}
const wholeJobAnswer = {
  id: 'whole',
  number: 1,
  description: 'Sleep, fail and sync',
  time: '2013-05-02T00:00:01Z',
  elapsed_time: 5.25,
  status: 'FAIL',
  activities: [
    { job: 'whole', activity: 'JOB_START', time: '2013-05-02T00:00:01Z' },
    { job: 'whole', activity: 'JOB_FINISHED', time: '2013-05-02T00:01:01.500000Z' },
  ],
  tests: [
    { id: 1, job: 'whole', tag: '1-sleeptest', status: 'TEST_NA', reported_status: 'SKIP' },
    { id: 2, job: 'whole', tag: '2-failtest', status: 'FAIL' },
  ],
}

test('POST /jobs/ refuses an id that exists, and says where it is', async () => {
  await server.makeJob({ id: 'a1' })
  const { status, body, headers } = await server.client.post('/jobs/', { id: 'A1' })
  expect({ status, body }).toEqual({ status: 400, body: { id: ['This field must be unique.'] } })
  expect(headers.get('location')).toBe(`${server.origin}/jobs/a1/`)
})

test('POST /jobs/ with nothing makes a job with defaults', async () => {
  const { status, body } = await server.client.post('/jobs/')
  expect({ status, body }).toEqual({
    status: 201,
    body: {
      id: expect.stringMatching(/^[0-9a-f]{40}$/),
      number: 1,
      description: null,
      time: '2026-11-24T12:00:00Z',
      elapsed_time: 0,
      status: null,
      activities: [],
      tests: [],
    },
  })
})

test('POST /jobs/ takes a whole job, and GET shows it as POST did', async () => {
  expect(await server.client.post('/jobs/', wholeJob)).toEqual(answer(201, wholeJobAnswer))
  expect(await server.stranger.get('/jobs/whole/')).toEqual(answer(200, wholeJobAnswer))
  expect(await server.stranger.get('/jobs/')).toEqual(
    answer(200, { count: 1, next: null, previous: null, results: [wholeJobAnswer] }),
  )
})

test('POST /jobs/ takes the activities and data of each test along', async () => {
  await server.makeJob(wholeJob)
  expect((await server.stranger.get('/jobs/whole/tests/1/activities/')).body.results).toEqual([
    { test: 1, activity: 'TEST_STARTED', time: '2013-05-02T00:00:02Z', status: null },
  ])
  expect((await server.stranger.get('/jobs/whole/tests/1/data/')).body.results).toEqual([
    { id: expect.any(Number), test: 1, category: 'default', key: 'log', value: '' },
    { id: expect.any(Number), test: 1, category: 'sysinfo', key: 'cmdline', value: 'rhgb quiet' },
  ])
  expect((await server.stranger.get('/jobs/whole/tests/2/activities/')).body.results).toEqual([
    { test: 2, activity: 'TEST_ENDED', time: '2013-05-02T00:00:04Z', status: 'FAIL' },
  ])
  expect((await server.stranger.get('/jobs/whole/tests/summary/')).body).toEqual({
    passed: 0,
    failed: 1,
    other: 1,
  })
})

test.each([
  ['an activity without a time', { activities: [...wholeJob.activities, { activity: 'NO_TIME' }] }],
  ['a test without a tag', { tests: [...wholeJob.tests, { status: 'PASS' }] }],
  ['an unknown status', { tests: [...wholeJob.tests, { tag: '3', status: 'UNHEARD_OF' }] }],
  [
    'an activity without a name',
    { tests: [...wholeJob.tests, { tag: '3', activities: [{ activity: '', time: '2013-05-02 00:00' }] }] },
  ],
  ['a datum without a key', { tests: [...wholeJob.tests, { tag: '3', data: [{ value: 'no key' }] }] }],
  ['one tag with two statuses', { tests: [...wholeJob.tests, { tag: '1-sleeptest', status: 'PASS' }] }],
  [
    'one key with two values',
    {
      tests: [
        {
          tag: '1',
          data: [
            { key: 'k', value: 'v' },
            { key: 'k', value: 'w' },
          ],
        },
      ],
    },
  ],
  ['tests that are no list', { tests: 'none' }],
  ['activities that are no list', { activities: {} }],
])('POST /jobs/ stores nothing of a job with %s', async (_, part) => {
  const reply = await server.client.post('/jobs/', { ...wholeJob, ...part })
  expect(reply).toEqual(answer(400, { [Object.keys(part)[0] as string]: [expect.any(String)] }))
  expect(await rowsBelowJobs()).toEqual(NO_ROWS)
})

test('POST /jobs/ stores nothing of a large job whose last test is wrong, and its id is free again', async () => {
  const large = Array.from({ length: 5000 }, (_, index) => ({ tag: `${index}`, status: 'PASS' }))
  const wrong = [...large, { tag: 'last', environment: 99 }]
  expect((await server.client.post('/jobs/', { id: 'large', tests: wrong })).status).toBe(400)
  expect(await rowsBelowJobs()).toEqual(NO_ROWS)
  expect((await server.client.post('/jobs/?omit=tests', { id: 'large', tests: large })).status).toBe(201)
})

test('nobody sees a large job before it is whole', async () => {
  const large = Array.from({ length: 5000 }, (_, index) => ({ tag: `${index}`, status: 'PASS' }))
  let posting = true
  const post = server.client.post('/jobs/', { id: 'large', status: 'PASS', tests: large }).finally(() => {
    posting = false
  })
  const seen = new Set<string>()
  let stepsSeen = 0
  while (posting) {
    const { test = 0 } = await rowsBelowJobs()
    if (test > 0 && test < 5000) stepsSeen++
    const replies = await Promise.all(
      ['/jobs/', '/jobs/summary/', '/jobs/large/', '/jobs/1/testcount/', '/jobs/1/tests/?page_size=1'].map(
        async (path) => (await server.stranger.get(path)).body,
      ),
    )
    const [list, summary, job, counted, listed] = replies
    seen.add(`${list.count} jobs`)
    seen.add(`${summary.passed} passed`)
    seen.add(`${job.detail ?? job.tests.length}`)
    seen.add(`${counted.detail ?? counted.testcount}`)
    seen.add(`${listed.detail ?? listed.count}`)
  }
  expect((await post).body.tests).toHaveLength(5000)
  const allowed = ['0 jobs', '1 jobs', '0 passed', '1 passed', 'Not found', '5000']
  expect([...seen].filter((sight) => !allowed.includes(sight))).toEqual([])
  expect(stepsSeen).toBeGreaterThan(0)
})

test('an answer of more than 100,000 tests is refused with a sentence that names omit', async () => {
  const refused = answer(400, { detail: expect.stringContaining('omit') })
  const body = { id: 'huge', tests: Array.from({ length: 100_001 }, (_, index) => ({ tag: `${index}` })) }
  const shown = {
    id: 'huge',
    number: 1,
    description: null,
    time: '2026-11-24T12:00:00Z',
    elapsed_time: 0,
    status: null,
    activities: [],
  }
  expect(await server.client.post('/jobs/', body)).toEqual(refused)
  expect(await rowsBelowJobs()).toEqual(NO_ROWS)
  expect(await server.client.post('/jobs/?omit=tests', body)).toEqual(answer(201, shown))
  expect(await server.stranger.get('/jobs/huge/')).toEqual(refused)
  expect(await server.stranger.get('/jobs/')).toEqual(refused)
  expect(await server.client.patch('/jobs/huge/', { status: 'PASS' })).toEqual(refused)
  expect(await server.stranger.get('/jobs/huge/?omit=tests')).toEqual(answer(200, shown))
  expect(await server.stranger.get('/jobs/huge/testcount/')).toEqual(answer(200, { testcount: 100_001 }))
})

test.each([
  ['tests', ['activities']],
  ['activities', ['tests']],
  ['tests,activities', []],
  ['activities,nonsense', ['tests']],
  ['', ['activities', 'tests']],
])('?omit=%s leaves a job with %j', async (omit, left) => {
  const { activities, tests, ...head } = wholeJobAnswer
  const shown = {
    ...head,
    ...(left.includes('activities') && { activities }),
    ...(left.includes('tests') && { tests }),
  }
  expect(await server.client.post(`/jobs/?omit=${omit}`, wholeJob)).toEqual(answer(201, shown))
  expect(await server.stranger.get(`/jobs/whole/?omit=${omit}`)).toEqual(answer(200, shown))
  expect((await server.stranger.get(`/jobs/?omit=${omit}`)).body.results).toEqual([shown])
})

test('?include=environment names the environment of a job, where it is known', async () => {
  await server.makeJob({ id: 'plain' })
  const url = '/jobs/plain/?omit=activities,tests'
  const { body } = await server.stranger.get(url)
  expect(await server.stranger.get(`${url}&include=environment`)).toEqual(
    answer(200, { ...body, environment: null }),
  )
})

test('?include=outcomes counts the tests of a job by outcome', async () => {
  const statuses = ['PASS', 'PASS', 'ERROR', 'FAIL', 'SKIP', 'WARN', null]
  const tests = statuses.map((status, index) => ({ tag: `${index + 1}-t`, status }))
  await server.makeJob({ id: 'counted', tests })
  const outcomes = { PASS: 2, ERROR: 1, FAIL: 1, TEST_NA: 1, WARN: 1, unfinished: 1 }
  const url = '/jobs/counted/?omit=activities,tests'
  const { body: without } = await server.stranger.get(url)
  expect(await server.stranger.get(`${url}&include=outcomes`)).toEqual(answer(200, { ...without, outcomes }))
  expect((await server.stranger.get('/jobs/?include=x,outcomes&omit=activities,tests')).body.results).toEqual(
    [{ ...without, outcomes }],
  )
  expect(without.outcomes).toBeUndefined()
})

test('POST /jobs/ takes the old names of its fields, in a form', async () => {
  const form = {
    name: 'Sleep and fail',
    uniqueident: 'fd6de777',
    timeout: '0',
    priority: 'high',
    elapsed_time: '5.5',
  }
  expect(await server.client.post('/jobs/', new URLSearchParams(form))).toEqual(
    answer(201, {
      id: 'fd6de777',
      number: 1,
      description: 'Sleep and fail',
      time: '2026-11-24T12:00:00Z',
      elapsed_time: 5.5,
      status: null,
      activities: [],
      tests: [],
    }),
  )
})

test('the new names of fields beat the old ones', async () => {
  const names = { uniqueident: 'old', id: 'new', name: 'old' }
  const { id, description } = await server.makeJob({ ...names, description: 'new' })
  expect({ id, description }).toEqual({ id: 'new', description: 'new' })
  expect(await server.makeJob({ id: 'other', name: 'old', description: null })).toMatchObject({
    description: null,
  })
})

test('POST /jobs/ takes every job status', async () => {
  const statuses = (await server.stranger.get('/jobstatuses/')).body.results.map(
    ({ name }: { name: string }) => name,
  )
  for (const status of statuses) expect(await server.makeJob({ status })).toMatchObject({ status })
})

test.each([
  ['an id of 40 characters', { id: 'a'.repeat(40) }],
  ['an id of all that is allowed', { id: 'Az09._:-' }],
  ['a description of 255 characters', { description: 'd'.repeat(255) }],
  ['a description of 255 code points', { description: '🥑'.repeat(255) }],
  ['an empty description', { description: '' }],
  ['a description with blanks around it', { description: '  not trimmed ' }],
  ['no description', { description: null }],
  ['no status', { status: null }],
  ['no elapsed time', { elapsed_time: 0 }],
])('POST /jobs/ takes %s', async (_, fields) => {
  expect(await server.makeJob(fields)).toMatchObject(fields)
})

const NULL = 'This field may not be null.'
const TIME_FORMAT =
  'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].'
const refusals: [object, string][] = [
  [{ id: 'a'.repeat(41) }, 'Ensure this field has no more than 40 characters.'],
  [{ id: '' }, 'This field may not be blank.'],
  [{ id: null }, NULL],
  [{ id: ['a'] }, 'Not a valid string.'],
  ...['1', '123456789012345', '.', '..', 'summary', 'latest', 'compare', 'search', 'export', 'events'].map(
    (id): [object, string] => [{ id }, 'This id is reserved.'],
  ),
  [{ description: 'd'.repeat(256) }, 'Ensure this field has no more than 255 characters.'],
  [{ description: '🥑'.repeat(256) }, 'Ensure this field has no more than 255 characters.'],
  [{ description: {} }, 'Not a valid string.'],
  [{ description: 'a\0b' }, 'Null characters are not allowed.'],
  [{ time: null }, NULL],
  [{ time: 'yesterday' }, TIME_FORMAT],
  [{ time: '2013-05-02' }, TIME_FORMAT],
  [{ elapsed_time: -0.5 }, 'Ensure this value is greater than or equal to 0.'],
  [{ elapsed_time: 'long' }, 'A valid number is required.'],
  [{ elapsed_time: null }, NULL],
  [{ status: 'DONE' }, 'Object with name=DONE does not exist.'],
]

const named = (cases: [object, string][]) =>
  cases.map(([fields, sentence]) => [short(fields), sentence, fields] as const)

test.each(named([...refusals, [{ activities: null }, NULL], [{ tests: null }, NULL]]))(
  'POST /jobs/ refuses %s: %s',
  async (_, sentence, fields) => {
    const body = { [Object.keys(fields)[0] as string]: [sentence] }
    expect(await server.client.post('/jobs/', fields)).toEqual(answer(400, body))
    expect(await rowsBelowJobs()).toEqual(NO_ROWS)
  },
)

test.each(named(refusals.filter(([fields]) => !('id' in fields))))(
  'PATCH /jobs/JOB/ refuses %s: %s',
  async (_, sentence, fields) => {
    await server.makeJob(wholeJob)
    const body = { [Object.keys(fields)[0] as string]: [sentence] }
    expect(await server.client.patch('/jobs/whole/', fields)).toEqual(answer(400, body))
    expect((await server.stranger.get('/jobs/whole/')).body).toEqual(wholeJobAnswer)
  },
)

test('POST /jobs/ tells everything that is wrong at once', async () => {
  const wrong = { id: 'a'.repeat(41), description: [], elapsed_time: -1, status: 'DONE', time: '' }
  const { status, body } = await server.client.post('/jobs/', wrong)
  expect({ status, body }).toEqual({
    status: 400,
    body: {
      id: ['Ensure this field has no more than 40 characters.'],
      description: ['Not a valid string.'],
      elapsed_time: ['Ensure this value is greater than or equal to 0.'],
      status: ['Object with name=DONE does not exist.'],
      time: [TIME_FORMAT],
    },
  })
})

test.each(['put', 'patch'] as const)(
  '%s /jobs/JOB/ changes what it names and nothing else',
  async (method) => {
    await server.makeJob(wholeJob)
    const changes = [
      { status: 'PASS' },
      { description: null, elapsed_time: '7' },
      { name: 'renamed', time: '2014-01-01T12:00+01:00' },
      {},
    ]
    const expected = [
      { ...wholeJobAnswer, status: 'PASS' },
      { ...wholeJobAnswer, status: 'PASS', description: null, elapsed_time: 7 },
      {
        ...wholeJobAnswer,
        status: 'PASS',
        description: 'renamed',
        elapsed_time: 7,
        time: '2014-01-01T11:00:00Z',
      },
    ]
    const after = [...expected, expected.at(-1)]
    for (const [index, change] of changes.entries()) {
      expect(await server.client[method]('/jobs/whole/', change)).toEqual(answer(200, after[index]))
      expect(await server.stranger.get('/jobs/whole/')).toEqual(answer(200, after[index]))
    }
  },
)

test.each(['put', 'patch'] as const)(
  '%s /jobs/JOB/ refuses another id, and takes its own',
  async (method) => {
    await server.makeJob(wholeJob)
    for (const names of [{ id: 'other' }, { uniqueident: 'other' }]) {
      expect(await server.client[method]('/jobs/whole/', { ...names, status: 'PASS' })).toEqual(
        answer(400, { id: [expect.any(String)] }),
      )
    }
    expect(await server.client[method]('/jobs/whole/', { id: 'whole' })).toEqual(answer(200, wholeJobAnswer))
  },
)

test.each(['get', 'put', 'patch', 'delete'] as const)(
  '%s /jobs/JOB/ is 404 where there is no job',
  async (method) => {
    expect(
      await server.client[method]('/jobs/none/', method === 'get' || method === 'delete' ? undefined : {}),
    ).toEqual(NOT_FOUND)
  },
)

test('DELETE /jobs/JOB/ takes everything below it along, and nothing of other jobs', async () => {
  const other = await server.makeJob({ id: 'other', tests: tests('PASS') })
  const before = await rowsBelowJobs()
  await server.makeJob(wholeJob)
  await server.client.post('/jobs/whole/data/', { key: 'k', value: 'v' })
  expect(await server.client.delete('/jobs/whole/')).toEqual(answer(204, null))
  expect(await rowsBelowJobs()).toEqual(before)
  expect(await server.stranger.get('/jobs/whole/')).toEqual(NOT_FOUND)
  expect((await server.stranger.get('/jobs/')).body.results).toEqual([other])
})

test('DELETE /jobs/JOB/ frees the id, but never the number nor the ids of the tests', async () => {
  await server.makeJob(wholeJob)
  await server.client.delete('/jobs/1/')
  const again = await server.makeJob({ id: 'whole', tests: tests('PASS') })
  expect({ number: again.number, tests: again.tests }).toEqual({
    number: 2,
    tests: [{ id: 3, job: 'whole', tag: '1-test', status: 'PASS' }],
  })
})

test('DELETE /jobs/JOB/ wants a prefix of 7 characters at least', async () => {
  await server.makeJob({ id: 'abcdefghij' })
  expect(await server.client.delete('/jobs/abcdef/')).toEqual(answer(400, { detail: expect.any(String) }))
  expect(await server.client.delete('/jobs/abcdefg/')).toEqual(answer(204, null))
})

test('GET /jobs/summary/ counts jobs by outcome, and follows every change', async () => {
  const summary = async () => (await server.stranger.get('/jobs/summary/')).body
  expect(await summary()).toEqual({ passed: 0, failed: 0, other: 0 })
  for (const status of ['PASS', 'PASS', 'FAIL', 'ERROR', 'WARN', 'ABORT', 'RUNNING', null])
    await server.makeJob({ status })
  expect(await summary()).toEqual({ passed: 2, failed: 2, other: 4 })
  await server.client.patch('/jobs/8/', { status: 'ERROR' })
  await server.client.patch('/jobs/1/', { status: null })
  expect(await summary()).toEqual({ passed: 1, failed: 3, other: 4 })
  await server.client.delete('/jobs/3/')
  await server.client.delete('/jobs/5/')
  expect(await summary()).toEqual({ passed: 1, failed: 2, other: 3 })
})

test.each([
  [[], 0],
  [['PASS', 'PASS', 'FAIL', 'PASS'], 75],
  [['PASS', 'FAIL', 'ERROR'], 33.33],
  [['PASS', 'PASS', 'WARN'], 66.67],
  [['PASS', 'SKIP', null, 'TEST_NA', 'CANCEL', 'INTERRUPTED', 'FAIL'], 14.29],
  [['FAIL', null], 0],
  [['PASS'], 100],
] as [(string | null)[], number][])('the passrate of %j is %d', async (statuses, passrate) => {
  await server.makeJob({ id: 'a', tests: tests(...statuses) })
  expect(await server.stranger.get('/jobs/a/passrate/')).toEqual(answer(200, { passrate }))
  expect(await server.stranger.get('/jobs/a/testcount/')).toEqual(answer(200, { testcount: statuses.length }))
})

test('passrate and testcount are 404 where there is no job', async () => {
  expect(await server.stranger.get('/jobs/none/passrate/')).toEqual(NOT_FOUND)
  expect(await server.stranger.get('/jobs/none/testcount/')).toEqual(NOT_FOUND)
})

test('a new database holds no jobs, and the kind, architecture and distro named unknown', async () => {
  const bodies = await Promise.all(
    [
      'jobs',
      'softwarecomponentkinds',
      'softwarecomponentarches',
      'softwarecomponents',
      'linuxdistros',
      'testenvironments',
    ].map(async (name) => (await server.stranger.get(`/${name}/`)).body),
  )
  const page = (...results: object[]) => ({ count: results.length, next: null, previous: null, results })
  expect(bodies).toEqual([
    page(),
    page({ id: 1, name: 'unknown' }),
    page({ id: 1, name: 'unknown' }),
    page(),
    page({ id: 1, name: 'unknown', version: '0', release: '0', arch: 'unknown' }),
    page(),
  ])
})
