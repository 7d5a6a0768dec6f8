import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const time = '2013-05-02T05:00:01Z'
const HUGE = '12345678901234567890'

/** Which test of a job a reference gives: its id and tag, or the status of the refusal. */
async function named(job: string, reference: string | number) {
  const { status, body } = await server.stranger.get(`/jobs/${job}/tests/${encodeURIComponent(reference)}/`)
  return status === 200 ? [body.id, body.tag] : status
}

/** A job with tests of these tags. */
const makeTests = (id: string, ...tags: string[]) =>
  server.makeJob({ id, tests: tags.map((tag) => ({ tag })) })

/** The methods and paths of a test, and a body that would do. */
const below: [method: string, rest: string, body: object | undefined, status: number][] = [
  ['GET', '', undefined, 200],
  ['PUT', '', { tag: 'renamed' }, 200],
  ['PATCH', '', { status: 'PASS' }, 200],
  ['DELETE', '', undefined, 204],
  ['GET', 'activities/', undefined, 200],
  ['POST', 'activities/', { activity: 'a', time }, 200],
  ['GET', 'data/', undefined, 200],
  ['POST', 'data/', { key: 'k' }, 200],
  ['GET', 'data/1/', undefined, 200],
  ['PATCH', 'data/1/', { value: 'v' }, 200],
  ['DELETE', 'data/1/', undefined, 204],
  ['GET', 'activities/1/', undefined, 200],
  ['DELETE', 'activities/1/', undefined, 204],
]

test.each(below)('%s /jobs/JOB/tests/TEST/%s takes an id or a tag', async (method, rest, body, status) => {
  const parts = { activities: [{ activity: 'first', time }], data: [{ key: 'first' }] }
  for (const job of ['by-id', 'by-tag']) {
    const { tests } = await server.makeJob({ id: job, tests: [{ tag: 'a/b', ...parts }] })
    const name = job === 'by-id' ? tests[0].id : 'a%2Fb'
    const dataId = (await server.client.get(`/jobs/${job}/tests/a%2Fb/data/`)).body.results[0].id
    const reply = await server.client.send(
      method,
      `/jobs/${job}/tests/${name}/${rest.replace('data/1/', `data/${dataId}/`)}`,
      body,
    )
    expect([job, reply.status]).toEqual([job, status])
  }
})

test.each(below)(
  '%s /jobs/JOB/tests/TEST/%s is 404 for a test of another job',
  async (method, rest, body) => {
    const parts = { activities: [{ activity: 'first', time }], data: [{ key: 'first' }] }
    const other = await server.makeJob({ id: 'other', tests: [{ tag: 't', ...parts }] })
    await server.makeJob({ id: 'mine', tests: [{ tag: 'mine', ...parts }] })
    for (const name of [other.tests[0].id, 't']) {
      expect(await server.client.send(method, `/jobs/mine/tests/${name}/${rest}`, body)).toEqual(NOT_FOUND)
    }
    expect(await named('other', 't')).toEqual([1, 't'])
  },
)

test('a list has the tests of its job only, and all ids are different', async () => {
  const [one, two] = [await makeTests('one', 'a', 'b'), await makeTests('two', 'a')]
  const ids = async (job: string) =>
    (await server.stranger.get(`/jobs/${job}/tests/`)).body.results.map(({ id }: { id: number }) => id)
  expect([await ids('one'), await ids('two')]).toEqual([[1, 2], [3]])
  expect([one.tests.length, two.tests.length]).toEqual([2, 1])
})

test('digits are the id if the job has it, else the tag', async () => {
  await makeTests('one', 'x', '1', '3')
  await makeTests('two', '1', '2')
  expect([await named('one', 1), await named('one', 2), await named('one', 3)]).toEqual([
    [1, 'x'],
    [2, '1'],
    [3, '3'],
  ])
  expect([
    await named('two', 1),
    await named('two', 2),
    await named('two', 4),
    await named('two', 3),
  ]).toEqual([[4, '1'], [5, '2'], [4, '1'], 404])
})

test('a tag of more digits than any id has is a tag', async () => {
  await makeTests('a', HUGE)
  expect([await named('a', HUGE), await named('a', '9'.repeat(400))]).toEqual([[1, HUGE], 404])
})

test('a tag is taken whole, and in its own case', async () => {
  await makeTests('a', '1-sleeptest', '1-Sleeptest;run-1')
  const references = [
    '1-sleeptest',
    '1-sleep',
    '1-SLEEPTEST',
    'sleeptest',
    '1-Sleeptest',
    '1-Sleeptest;run-1',
  ]
  expect(await Promise.all(references.map((reference) => named('a', reference)))).toEqual([
    [1, '1-sleeptest'],
    404,
    404,
    404,
    404,
    [2, '1-Sleeptest;run-1'],
  ])
})

test.each(['summary', '.', '..'])('a test with the tag %s is named by its id', async (tag) => {
  await makeTests('a', tag)
  expect(await named('a', 1)).toEqual([1, tag])
  expect(await server.client.patch('/jobs/a/tests/1/', { status: 'PASS' })).toEqual(
    answer(200, expect.objectContaining({ id: 1, tag, status: 'PASS' })),
  )
  expect(await server.client.delete('/jobs/a/tests/1/')).toEqual(answer(204, null))
})

test('summary is the summary, whatever tags there are', async () => {
  await makeTests('a', 'summary')
  expect(await server.stranger.get('/jobs/a/tests/summary/')).toEqual(
    answer(200, { passed: 0, failed: 0, other: 1 }),
  )
})

test('every tag is a name when it is percent-encoded', async () => {
  const reserved = /^(\d+|summary|\.|\.\.)$/
  const tag = fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      'a/b',
      '%',
      '%2F',
      '%zz',
      '?',
      '#',
      '+',
      ' ',
      ';',
      '&=',
      '\\',
      '"',
      '\u0001',
      '🥑',
      '...',
    ),
    fc.constantFrom(
      '001-a;b;c',
      '1-',
      ';',
      '1-;',
      'Summary',
      '1.5',
      '-1',
      '1e3',
      ' 1',
      '/bin/sh -c "a;b"',
      'é',
      'e\u0301',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => !text.includes('\0')),
  )
  let jobs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        tag.filter((text) => !reserved.test(text)),
        { minLength: 1, maxLength: 8 },
      ),
      async (tags) => {
        const id = `job-${++jobs}`
        const { tests } = await makeTests(id, ...tags)
        for (const [index, text] of tags.entries())
          expect(await named(id, text)).toEqual([tests[index].id, text])
        const path = `/jobs/${id}/tests/${encodeURIComponent(tags[0] ?? '')}/`
        expect(await server.client.post(`${path}data/`, { key: 'k' })).toEqual(
          answer(200, { status: 'test data added' }),
        )
        expect(await server.client.delete(path)).toEqual(answer(204, null))
        expect(await named(id, tags[0] ?? '')).toBe(404)
      },
    ),
  )
})

test.each(['%', '%zz', '%ff', '%ED%A0%80', '%00', '+', '%20'])(
  'the reference %s names nothing',
  async (reference) => {
    await makeTests('a', 't')
    expect(await server.stranger.get(`/jobs/a/tests/${reference}/`)).toEqual(NOT_FOUND)
  },
)

test('Location names a new test by its id', async () => {
  await server.makeJob({ id: 'abc' })
  const { headers } = await server.client.post('/jobs/ab/tests/', { tag: '..' })
  expect(headers.get('location')).toBe(`${server.origin}/jobs/abc/tests/1/`)
})

test('the id of a test is never given again, after its own deletion or that of its job', async () => {
  await makeTests('a', 't')
  await server.client.delete('/jobs/a/tests/t/')
  await server.client.post('/jobs/a/tests/', { tag: 't' })
  expect(await named('a', 't')).toEqual([2, 't'])
  await server.client.delete('/jobs/a/')
  await makeTests('a', 't')
  expect(await named('a', 't')).toEqual([3, 't'])
})
