// GET /jobs/?status=&outcome=&time_after=&time_before=, with each other, ordering and paging.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../../support/server'

const server = withServer()

/** The ids that a list has, in its order, and its count. */
const list = async (query: string) => {
  const { status, body } = await server.stranger.get(`/jobs/?omit=tests,activities&page_size=100&${query}`)
  if (status !== 200) throw new Error(`${query}: ${status} ${JSON.stringify(body)}`)
  return { count: body.count, ids: body.results.map(({ id }: { id: string }) => id).join(' ') }
}

const time = (day: number) => `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`
const tests = (...statuses: (string | null)[]) =>
  statuses.map((status, index) => ({ tag: `${index}-x`, status }))

async function makeJobs() {
  await server.makeJob({ id: 'a', time: time(5), status: 'PASS', tests: tests('PASS', 'PASS') })
  await server.makeJob({ id: 'b', time: time(4), status: 'FAIL', tests: tests('PASS', 'FAIL') })
  await server.makeJob({ id: 'c', time: time(3), tests: tests('WARN', null) })
  await server.makeJob({ id: 'd', time: time(2), status: 'ERROR', tests: tests('ERROR', 'SKIP') })
  await server.makeJob({ id: 'e', time: time(1), status: 'START' })
}

test.each([
  ['', 'e d c b a'],
  ['status=FAIL', 'b'],
  ['status=fail,Error', 'd b'],
  ['status=none', 'c'],
  ['status=none,PASS,', 'c a'],
  ['status=ALERT', ''],
  ['status=', 'e d c b a'],
  ['outcome=FAIL', 'b'],
  ['outcome=fail,error', 'd b'],
  ['outcome=PASS', 'b a'],
  ['outcome=TEST_NA', 'd'],
  ['outcome=WARN', 'c'],
  ['outcome=unfinished', 'c'],
  ['outcome=not_started', ''],
  [`time_after=${time(3)}`, 'c b a'],
  [`time_before=${time(3)}`, 'e d'],
  ['time_after=2026-11-02 12:00&time_before=2026-11-04 12:00', 'd c'],
  [`status=PASS,FAIL&outcome=FAIL&time_after=${time(1)}`, 'b'],
  [`status=FAIL&time_before=${time(4)}`, ''],
  ['outcome=PASS&ordering=-time', 'a b'],
  ['outcome=PASS,ERROR&ordering=-id', 'd b a'],
  [`time_after=${time(2)}&ordering=-failures,id`, 'b d a c'],
])('GET /jobs/?%s', async (query, ids) => {
  await makeJobs()
  expect(await list(query)).toEqual({ count: ids === '' ? 0 : ids.split(' ').length, ids })
})

test('pages of a filtered list keep the filter in their links', async () => {
  await makeJobs()
  const path = '/jobs/?outcome=PASS%2CERROR&page_size=1&omit=tests%2Cactivities'
  const { body } = await server.stranger.get(`${path}&page=2`)
  expect({ ...body, results: body.results.map(({ id }: { id: string }) => id) }).toEqual({
    count: 3,
    next: `${server.origin}${path}&page=3`,
    previous: `${server.origin}${path}`,
    results: ['b'],
  })
})

test.each([
  [
    'status=PASS,NOPE',
    {
      status: [
        '"NOPE" is no job status: use TEST_NA, ABORT, ERROR, FAIL, WARN, PASS, START, ALERT, RUNNING, NOSTATUS or none.',
      ],
    },
  ],
  [
    'outcome=SKIP',
    {
      outcome: ['"SKIP" is no outcome: use PASS, ERROR, FAIL, TEST_NA, WARN, unfinished or not_started.'],
    },
  ],
  [
    'time_after=yesterday&time_before=2026-11-02',
    {
      time_after: [
        'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
      ],
      time_before: [
        'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
      ],
    },
  ],
  ['search=a%00b', { search: ['Null characters are not allowed.'] }],
])('GET /jobs/?%s is refused', async (query, body) => {
  expect(await server.stranger.get(`/jobs/?${query}`)).toEqual({
    status: 400,
    body,
    headers: expect.anything(),
  })
})

test('an outcome comes and goes with the tests that have it', async () => {
  await server.makeJob({ id: 'a', tests: tests('PASS', null) })
  await server.client.patch('/jobs/a/tests/1-x/', { status: 'FAIL' })
  expect([await list('outcome=unfinished'), await list('outcome=FAIL')]).toEqual([
    { count: 0, ids: '' },
    { count: 1, ids: 'a' },
  ])
  await server.client.delete('/jobs/a/tests/1-x/')
  await server.client.post('/jobs/a/tests/', { tag: 'y', status: 'WARN' })
  expect([await list('outcome=FAIL'), await list('outcome=WARN')]).toEqual([
    { count: 0, ids: '' },
    { count: 1, ids: 'a' },
  ])
})

test('a job that lost tests has the outcome not_started', async () => {
  const results = {
    job_id: 'lost',
    total: 3,
    start: '2026-11-24 10:00:00',
    tests: [{ id: '1-a', name: '1-a', status: 'PASS' }],
  }
  const { status } = await server.client.post('/imports/?format=results-json', results)
  expect(status).toBe(201)
  expect(await list('outcome=not_started')).toEqual({ count: 1, ids: 'lost' })
})

const words = { status: ['PASS', 'FAIL', 'ERROR', 'none'], outcome: ['PASS', 'FAIL', 'ERROR', 'unfinished'] }

test('every combination of filters finds what a look at all jobs finds', async () => {
  const model: { id: string; status: string; outcomes: string[]; day: number }[] = []
  for (let index = 0; index < 40; index++) {
    const pick = <T>(of: T[], step: number) => of[Math.floor(index / step) % of.length] as T
    const job = {
      id: `j${String(index).padStart(2, '0')}`,
      status: pick(words.status, 1),
      outcomes: [pick(words.outcome, 3), pick(words.outcome, 7)],
      day: (index * 7) % 28,
    }
    model.push(job)
    await server.makeJob({
      id: job.id,
      time: time(1 + job.day),
      status: job.status === 'none' ? null : job.status,
      tests: tests(...job.outcomes.map((word) => (word === 'unfinished' ? null : word))),
    })
  }
  const some = (of: string[]) => fc.subarray(of, { minLength: 0 })
  const query = fc.record({
    status: some(words.status),
    outcome: some(words.outcome),
    after: fc.option(fc.integer({ min: 0, max: 28 })),
    before: fc.option(fc.integer({ min: 0, max: 28 })),
    ordering: fc.constantFrom('id', '-id', 'time,id', '-time', 'failures,id', 'tests_total'),
  })
  await fc.assert(
    fc.asyncProperty(query, async ({ status, outcome, after, before, ordering }) => {
      const ids = model
        .filter(
          (job) =>
            (status.length === 0 || status.includes(job.status)) &&
            (outcome.length === 0 || job.outcomes.some((word) => outcome.includes(word))) &&
            (after === null || job.day >= after) &&
            (before === null || job.day < before),
        )
        .map(({ id }) => id)
      const parameters = new URLSearchParams({ status: status.join(), outcome: outcome.join(), ordering })
      if (after !== null) parameters.set('time_after', time(1 + after))
      if (before !== null) parameters.set('time_before', time(1 + before))
      const found = await list(String(parameters))
      expect({ ...found, ids: found.ids.split(' ').sort().join(' ') }).toEqual({
        count: ids.length,
        ids: ids.sort().join(' '),
      })
    }),
    { numRuns: 60 },
  )
})
