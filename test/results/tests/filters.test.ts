// GET /jobs/JOB/tests/?status=&search=&include=details, and the orderings that go with them.

import { expect, test } from 'bun:test'
import { withServer } from '../../support/server'

const server = withServer()

const list = async (query: string) => {
  const { body } = await server.stranger.get(`/jobs/a/tests/?page_size=100&${query}`)
  expect(body.count).toBe(body.results.length)
  return body.results.map(({ tag }: { tag: string }) => tag).join(' ')
}

async function makeTests() {
  await server.makeJob({
    id: 'a',
    tests: [
      { tag: '1-a.py:Boot', status: 'PASS', elapsed_time: 3, started: '2026-11-24T10:00:03Z' },
      { tag: '2-a.py:Boot;run-Fast', status: 'FAIL', elapsed_time: 1, started: '2026-11-24T10:00:01Z' },
      { tag: '3-b.py:Net', status: 'SKIP' },
      { tag: '4-b.py:Net_1', status: null, elapsed_time: 2 },
      { tag: '5-c%', status: 'INTERRUPTED' },
      { tag: '6-c', status: 'WARN' },
      { tag: '7-É', status: 'TEST_NA' },
    ],
  })
  await server.makeJob({ id: 'other', tests: [{ tag: '1-a.py:Boot', status: 'FAIL' }] })
}

const all = '1-a.py:Boot 2-a.py:Boot;run-Fast 3-b.py:Net 4-b.py:Net_1 5-c% 6-c 7-É'

test.each([
  ['', all],
  ['status=', all],
  ['status=FAIL', '2-a.py:Boot;run-Fast'],
  ['status=fail,pass', '1-a.py:Boot 2-a.py:Boot;run-Fast'],
  ['status=none', '4-b.py:Net_1'],
  ['status=TEST_NA', '3-b.py:Net 7-É'],
  ['status=SKIP', '3-b.py:Net'],
  ['status=ERROR', '5-c%'],
  ['status=INTERRUPTED,none', '4-b.py:Net_1 5-c%'],
  ['status=CANCEL', ''],
  ['search=boot', '1-a.py:Boot 2-a.py:Boot;run-Fast'],
  ['search=RUN-fast', '2-a.py:Boot;run-Fast'],
  ['search=2-A.PY', '2-a.py:Boot;run-Fast'],
  ['search=%25', '5-c%'],
  ['search=_', '4-b.py:Net_1'],
  ['search=%C3%89', '7-É'],
  ['search=net&status=SKIP', '3-b.py:Net'],
  ['ordering=severity', '5-c% 2-a.py:Boot;run-Fast 4-b.py:Net_1 6-c 3-b.py:Net 7-É 1-a.py:Boot'],
  ['ordering=-severity,tag', '1-a.py:Boot 3-b.py:Net 7-É 6-c 4-b.py:Net_1 2-a.py:Boot;run-Fast 5-c%'],
  ['ordering=elapsed_time&status=PASS,FAIL,none', '2-a.py:Boot;run-Fast 4-b.py:Net_1 1-a.py:Boot'],
  ['ordering=-started&search=boot', '1-a.py:Boot 2-a.py:Boot;run-Fast'],
])('GET /jobs/JOB/tests/?%s', async (query, tags) => {
  await makeTests()
  expect(await list(query)).toBe(tags)
})

test('an unknown status is refused', async () => {
  await makeTests()
  expect(await server.stranger.get('/jobs/a/tests/?status=PASS,BAD')).toEqual({
    status: 400,
    body: {
      status: [
        '"BAD" is no test status: use PASS, ERROR, FAIL, TEST_NA, WARN, SKIP, CANCEL, INTERRUPTED or none.',
      ],
    },
    headers: expect.anything(),
  })
})

test('count and links are those of the filtered list', async () => {
  await makeTests()
  const path = '/jobs/a/tests/?search=boot&page_size=1'
  const { body } = await server.stranger.get(path)
  expect({ ...body, results: body.results.length }).toEqual({
    count: 2,
    next: `${server.origin}${path}&page=2`,
    previous: null,
    results: 1,
  })
})

test('include=details shows of each test what its own page shows', async () => {
  await makeTests()
  await server.client.post('/jobs/a/tests/', { tag: '8-d;v', status: 'FAIL', fail_reason: 'No route' })
  const { body } = await server.stranger.get('/jobs/a/tests/?include=details&search=8-d')
  const { id } = body.results[0]
  expect(body.results).toEqual([
    {
      id,
      job: 'a',
      tag: '8-d;v',
      status: 'FAIL',
      name: 'd',
      variant: 'v',
      started: null,
      elapsed_time: null,
      fail_reason: 'No route',
      environment: null,
    },
  ])
  expect((await server.stranger.get(`/jobs/a/tests/${id}/`)).body).toEqual(body.results[0])
})
