// Avocado's resultsdb plugin, as its Python client speaks: what it posts, what it needs back, what people ask then.

import { expect, spyOn, test } from 'bun:test'
import { hideJob } from '../../../../src/results/jobs/deletion'
import { defineWrite } from '../../../../src/storage/database'
import { dynamicQuery, tables } from '../../../../src/storage/query'
import { SqliteConnection } from '../../../../src/storage/sqlite/sqlite-connection'
import { ACT, withServer } from '../../../support/server'

const server = withServer()
const API = '/api/v2.0'
const JOB = 'aa0d4a76ce502ecca8734f93314519f0ac88eeaf'

const group = { uuid: JOB, ref_url: null, description: 'job-2026-11-23T18.20-aa0d4a7', _auth_token: null }

function result(number: string, testcase: string, status: string, more: object = {}) {
  const outcome = { PASS: 'PASSED', FAIL: 'FAILED', ERROR: 'NEEDS_INSPECTION' }[status] ?? 'INFO'
  const folder = `${number}${testcase.replace(/[/;:]/g, '_')}`
  return {
    outcome,
    testcase,
    groups: [JOB],
    note: null,
    ref_url: null,
    data: {
      time_elapsed: '0.06 s',
      time_start: '2026-11-23 18:20:17',
      logdir: `/var/lib/avocado/job-results/test-results/${folder}`,
      status,
      'param sleep': '1 (path: /run)',
    },
    _auth_token: null,
    ...more,
  }
}

const post = (path: string, body: object) =>
  server.client.with({ accept: 'text/plain' }).post(API + path, body)
const messages = async (path: string) => (await server.stranger.get(API + path)).body.data

test('a group is a job, and the answer is as ResultsDB has it', async () => {
  const { status, body } = await post('/groups', group)
  const href = `${server.origin}${API}/groups/${JOB}`
  const results = `${server.origin}${API}/results?groups=${JOB}`
  expect({ status, body }).toEqual({
    status: 201,
    body: { uuid: JOB, description: group.description, ref_url: null, results, results_count: 0, href },
  })
  expect((await server.stranger.get(`/jobs/${JOB}/`)).body.description).toBe(group.description)
  expect((await server.stranger.get(`${API}/groups/${JOB}`)).body).toEqual(body)
})

test('data of results that begin with label. are labels of the job, besides being data', async () => {
  const labelled = (number: string, data: object) => {
    const plain = result(number, 'passtest.py:PassTest.test', 'PASS')
    return post('/results', { ...plain, data: { ...plain.data, ...data } })
  }
  expect((await labelled('01-', { 'label.branch': 'main', 'label.tag': ['a', 'b'] })).status).toBe(201)
  // What is no label is kept as data; another branch does not replace the first.
  const odd = { 'label.a b': 'x', 'label.empty': '', 'label.branch': 'next', 'label.host': 'rack7' }
  expect((await labelled('02-', odd)).status).toBe(201)
  const { body } = await server.stranger.get(`/jobs/${JOB}/`)
  expect(body.labels).toEqual({ branch: 'main', host: 'rack7', tag: ['a', 'b'] })
  const [newest] = await messages('/results?limit=1')
  expect(newest.data).toMatchObject({ 'label.a b': ['x'], 'label.branch': ['next'] })
  expect((await server.stranger.get('/jobs/?label=branch:main&host=rack7')).body.count).toBe(1)
})

test('a result is a test with the true status, the number of its folder and its data', async () => {
  await post('/groups', group)
  const { status, body } = await post(
    '/results',
    result('02-', 'failtest.py:FailTest.test', 'FAIL', { note: 'no luck' }),
  )
  expect({ status, body }).toEqual({
    status: 201,
    body: {
      id: 1,
      outcome: 'FAILED',
      testcase: {
        name: 'failtest.py:FailTest.test',
        ref_url: null,
        href: `${server.origin}${API}/testcases/failtest.py%3AFailTest.test`,
      },
      groups: [JOB],
      note: 'no luck',
      ref_url: null,
      submit_time: '2026-11-24T12:00:00.000000',
      data: {
        time_elapsed: ['0.06 s'],
        time_start: ['2026-11-23 18:20:17'],
        logdir: ['/var/lib/avocado/job-results/test-results/02-failtest.py_FailTest.test'],
        status: ['FAIL'],
        'param sleep': ['1 (path: /run)'],
      },
      href: `${server.origin}${API}/results/1`,
    },
  })
  expect((await server.stranger.get(`/jobs/${JOB}/tests/1/`)).body).toEqual({
    id: 1,
    job: JOB,
    tag: '02-failtest.py:FailTest.test',
    status: 'FAIL',
    name: 'failtest.py:FailTest.test',
    variant: null,
    started: null,
    elapsed_time: 0.06,
    fail_reason: 'no luck',
    environment: null,
  })
})

test.each([
  ['PASS', 'PASS', undefined, 'PASSED'],
  ['WARN', 'WARN', undefined, 'INFO'],
  ['SKIP', 'TEST_NA', 'SKIP', 'INFO'],
  ['CANCEL', 'TEST_NA', 'CANCEL', 'INFO'],
  ['INTERRUPTED', 'ERROR', 'INTERRUPTED', 'INFO'],
  ['ERROR', 'ERROR', undefined, 'NEEDS_INSPECTION'],
])('%s is %s', async (word, status, reported, outcome) => {
  await post('/groups', group)
  const { body } = await post('/results', result('1-', 't', word))
  expect(body.outcome).toBe(outcome)
  const [stored] = (await server.stranger.get(`/jobs/${JOB}/tests/`)).body.results
  expect(stored).toEqual({
    id: 1,
    job: JOB,
    tag: '1-t',
    status,
    ...(reported && { reported_status: reported }),
  })
})

test('the job has a status made of its tests', async () => {
  await post('/groups', group)
  const status = async () => (await server.stranger.get(`/jobs/${JOB}/`)).body.status
  expect(await status()).toBeNull()
  // Nothing here tells the end of a job: see test/ingest/endings.test.ts.
  await post('/results', result('1-', 'a', 'PASS'))
  expect(await status()).toBe('RUNNING')
  await post('/results', result('2-', 'b', 'WARN'))
  expect(await status()).toBe('RUNNING')
  await post('/results', result('3-', 'c', 'FAIL'))
  expect(await status()).toBe('FAIL')
  await post('/results', result('4-', 'd', 'INTERRUPTED'))
  expect(await status()).toBe('ERROR')
  expect((await server.stranger.get('/jobs/summary/')).body).toEqual({ passed: 0, failed: 1, other: 0 })
})

test('a post that the client sends again is one test; a testcase that comes twice is two', async () => {
  await post('/groups', group)
  const first = await post('/results', result('1-', 'a', 'PASS'))
  expect((await post('/results', result('1-', 'a', 'PASS'))).body).toEqual(first.body)
  await post('/results', result('2-', 'a', 'PASS'))
  const bare = { outcome: 'PASSED', testcase: 'b', groups: [JOB] }
  await post('/results', bare)
  await post('/results', bare)
  const { results } = (await server.stranger.get(`/jobs/${JOB}/tests/`)).body
  expect(results.map(({ tag }: { tag: string }) => tag)).toEqual(['1-a', '2-a', 'b', 'b#2'])
})

test('results of one testcase that come at the same moment, or very often, are as many tests', async () => {
  await post('/groups', group)
  const bare = { outcome: 'PASSED', testcase: 'b', groups: [JOB] }
  await Promise.all(Array.from({ length: 20 }, () => post('/results', bare)))
  await server.client.delete(`/jobs/${JOB}/tests/b%2317/`)
  for (let again = 0; again < 3; again++) await post('/results', { ...bare, outcome: 'FAILED' })
  const { results } = (await server.stranger.get(`/jobs/${JOB}/tests/?page_size=100`)).body
  expect(new Set(results.map(({ tag }: { tag: string }) => tag)).size).toBe(22)
  expect(results.every(({ tag }: { tag: string }) => /^b(#\d+)?$/.test(tag))).toBe(true)
  const summary = (await server.stranger.get(`/jobs/${JOB}/tests/summary/`)).body
  expect(summary).toEqual({ passed: 19, failed: 3, other: 0 })
})

test('a numbered test that comes very often, each time with another folder, is as many tests', async () => {
  const at = (folder: number) => {
    const posted = result('1-', 'a', 'PASS')
    return { ...posted, data: { ...posted.data, logdir: `/${folder}/test-results/1-a` } }
  }
  for (let folder = 0; folder < 60; folder++) await post('/results', at(folder))
  const reads = spyOn(SqliteConnection.prototype, 'all')
  const newest = await post('/results', at(60))
  expect(reads.mock.calls.length).toBeLessThan(40)
  reads.mockRestore()
  expect((await post('/results', at(60))).body).toEqual(newest.body)
  const { results } = (await server.stranger.get(`/jobs/${JOB}/tests/?page_size=100`)).body
  expect(new Set(results.map(({ tag }: { tag: string }) => tag)).size).toBe(61)
})

test('a result of a group that was never posted makes the job', async () => {
  expect((await post('/results', result('1-', 'a', 'PASS'))).status).toBe(201)
  expect((await server.stranger.get(`/jobs/${JOB}/testcount/`)).body).toEqual({ testcount: 1 })
})

test('a token may come in the body, and a wrong one is refused', async () => {
  const token = (
    server.client as unknown as { headers: { authorization: string } }
  ).headers.authorization.slice(7)
  const bearing = (_auth_token: string) => server.stranger.post(`${API}/groups`, { ...group, _auth_token })
  expect((await bearing(token)).status).toBe(201)
  const refused = await bearing('avocado_wrong')
  expect([refused.status, refused.body]).toEqual([401, { message: 'Invalid token in _auth_token.' }])
  const nobody = await server.stranger.post(`${API}/groups`, group)
  expect([nobody.status, nobody.body]).toEqual([
    401,
    { message: 'Authentication credentials were not provided.' },
  ])
  const wrong = await server.stranger.as('admin', 'wrong').post(`${API}/groups`, group)
  expect([wrong.status, wrong.body]).toEqual([401, { message: 'Invalid username/password.' }])
})

test('lists are narrowed by outcome, testcase, group, time and data, and paged from 0', async () => {
  await post('/groups', group)
  await post('/results', result('1-', 'boot;run-a', 'PASS'))
  await post('/results', result('2-', 'boot;run-b', 'FAIL'))
  await post('/results', result('3-', 'migrate', 'SKIP', { data: { status: 'SKIP', host: ['h1', 'h2'] } }))
  const ids = async (query: string) =>
    (await messages(`/results?${query}`)).map(({ id }: { id: number }) => id)
  expect(await ids('')).toEqual([3, 2, 1])
  expect(await ids('outcome=PASSED,INFO')).toEqual([3, 1])
  expect(await ids('testcases=migrate,boot%3Brun-b')).toEqual([3, 2])
  expect(await ids('testcases:like=boot*')).toEqual([2, 1])
  expect(await ids(`groups=${JOB}`)).toEqual([3, 2, 1])
  expect(await ids('groups=other')).toEqual([])
  expect(await ids('since=2026-11-24T12:00:00')).toEqual([3, 2, 1])
  expect(await ids('since=2026-11-25')).toEqual([])
  expect(await ids('status=FAIL')).toEqual([2])
  expect((await messages('/results?testcases=migrate'))[0].data).toEqual({
    status: ['SKIP'],
    host: ['h1', 'h2'],
  })

  const first = (await server.stranger.get(`${API}/results?limit=2`)).body
  expect([first.prev, first.next]).toEqual([null, `${server.origin}${API}/results?limit=2&page=1`])
  const second = (await server.stranger.get(first.next.slice(server.origin.length))).body
  expect([second.prev, second.next, second.data.length]).toEqual([
    `${server.origin}${API}/results?limit=2&page=0`,
    null,
    1,
  ])
})

test('data is found by whole values, however long, several filters go together, and hidden jobs have no part', async () => {
  const beginning = '🙂'.repeat(70)
  const ids: number[] = []
  for (const [job, end, status] of [
    [JOB, 'a', 'PASS'],
    [JOB, 'b', 'PASS'],
    ['other', 'a', 'FAIL'],
    ['other', '', 'FAIL'],
  ] as const) {
    const data = { status, build: beginning + end }
    const { body } = await post('/results', result('', 't', status, { groups: [job], data }))
    ids.push(body.id)
  }
  const found = async (filter: Record<string, string>) =>
    (await messages(`/results?${new URLSearchParams(filter)}`)).map(({ id }: { id: number }) =>
      ids.indexOf(id),
    )
  const latest = async (filter: Record<string, string>) =>
    (await messages(`/results/latest?${new URLSearchParams(filter)}`)).map(({ id }: { id: number }) =>
      ids.indexOf(id),
    )
  expect(await found({ build: `${beginning}a` })).toEqual([2, 0])
  expect(await found({ build: beginning })).toEqual([3])
  expect(await found({ build: beginning.slice(0, -2) })).toEqual([])
  expect(await found({ build: `${beginning}a,${beginning}b` })).toEqual([2, 1, 0])
  expect(await found({ 'build:like': `${beginning}*` })).toEqual([3, 2, 1, 0])
  expect(await found({ 'build:like': '*no such end' })).toEqual([])
  expect(await found({ build: `${beginning}a`, status: 'PASS' })).toEqual([0])
  expect(await found({ groups: 'OTHER', status: 'FAIL,PASS', testcases: 't#2,t' })).toEqual([3, 2])
  expect(await found({ groups: `other,${JOB}`, outcome: 'PASSED' })).toEqual([1, 0])
  expect(await found({ since: '2026-11-24T12:00:00,2026-11-24T12:00:01', build: beginning })).toEqual([3])
  expect(await found({ since: '2026-11-01,2026-11-24T11:59:59' })).toEqual([])
  expect(await latest({ build: `${beginning}a` })).toEqual([2])
  expect(await latest({ groups: JOB, testcases: 't' })).toEqual([0])
  await server.database.write(hideJob, { job: 2, actor: ACT })
  expect(await found({ build: `${beginning}a` })).toEqual([0])
  expect(await found({ groups: 'other' })).toEqual([])
  expect(await latest({ 'testcases:like': 't*' })).toEqual([1, 0])
})

test('results/latest gives the newest of each testcase', async () => {
  await post('/groups', group)
  await post('/results', result('1-', 'a', 'FAIL'))
  await post('/results', result('2-', 'b', 'PASS'))
  await post('/results', { ...result('1-', 'a', 'PASS'), groups: ['another'] })
  const latest = await messages('/results/latest')
  expect(latest.map(({ id, outcome }: { id: number; outcome: string }) => [id, outcome])).toEqual([
    [3, 'PASSED'],
    [2, 'PASSED'],
  ])
})

test('testcases can be listed and asked for', async () => {
  await post('/results', result('1-', 'dir/a.py:T.t;run-1', 'PASS'))
  const name = 'dir/a.py:T.t;run-1'
  const testcase = {
    name,
    ref_url: null,
    href: `${server.origin}${API}/testcases/${encodeURIComponent(name)}`,
  }
  expect(await messages('/testcases')).toEqual([testcase])
  expect((await server.stranger.get(`${API}/testcases/${encodeURIComponent(name)}`)).body).toEqual(testcase)
})

test('a testcase whose name has half of a surrogate pair, or a NUL, is named with them replaced', async () => {
  const { status, body } = await post('/testcases', { name: 'a\ud800\0' })
  expect({ status, body }).toEqual({
    status: 201,
    body: {
      name: 'a\uFFFD\uFFFD',
      ref_url: null,
      href: `${server.origin}${API}/testcases/a%EF%BF%BD%EF%BF%BD`,
    },
  })
})

test.each([
  ['GET', '/results/99', undefined, 404, 'Result not found'],
  ['GET', '/groups/none', undefined, 404, 'Group not found'],
  ['GET', '/testcases/none', undefined, 404, 'Testcase not found'],
  [
    'POST',
    '/results',
    { testcase: 'a', groups: [JOB] },
    400,
    'outcome: must be one of PASSED, INFO, FAILED, NEEDS_INSPECTION.',
  ],
  [
    'POST',
    '/results',
    { outcome: 'PASSED', groups: [JOB] },
    400,
    'testcase: a name of 1 to 1000 characters is needed.',
  ],
  [
    'POST',
    '/results',
    { outcome: 'PASSED', testcase: 'a' },
    400,
    'groups: name the job that the result belongs to.',
  ],
  ['POST', '/groups', { uuid: 'a/b' }, 400, 'uuid: 1 to 40 letters, digits and . _ : - are allowed.'],
  ['POST', '/groups', { uuid: '12' }, 400, 'uuid: This id is reserved.'],
  ['POST', '/results', [], 400, 'The body must be a JSON object.'],
  ['DELETE', '/results', undefined, 405, 'Method "DELETE" not allowed.'],
])('%s %s %p is %i: %s', async (method, path, body, status, message) => {
  const reply = await server.client.send(method, API + path, body)
  expect({ status: reply.status, body: reply.body }).toEqual({ status, body: { message } })
})

test('a form of another site is refused, and a token or JSON is taken, as everywhere', async () => {
  await server.setPassword('secret')
  const foreign = { 'sec-fetch-site': 'cross-site' }
  const browser = server.stranger.as('admin', 'secret').with(foreign)
  const form = new URLSearchParams({ uuid: JOB })
  expect((await browser.post(`${API}/groups`, form)).status).toBe(403)
  expect((await browser.post(`${API}/groups`, { uuid: JOB })).status).toBe(201)
  expect((await server.client.with(foreign).post(`${API}/groups`, form)).status).toBe(201)
})

test('a list that names nothing reaches back 100,000 tests', async () => {
  const { id, tests } = await server.makeJob({ tests: [{ tag: '1-old' }, { tag: '2-new' }] })
  const move = dynamicQuery('move')(() =>
    tables
      .updateTable('test')
      .set({ id: tests[0].id + 100_000 })
      .where('id', '=', tests[1].id),
  )
  await server.database.write(
    defineWrite('move', (connection) => connection.run(move, {})),
    null,
  )
  const found = async (path: string) => {
    const { body } = await server.client.get(`/api/v2.0/${path}`)
    return body.data.map(({ testcase }: { testcase: { name: string } }) => testcase.name)
  }
  expect(await found('results')).toEqual(['new'])
  expect(await found('results/latest')).toEqual(['new'])
  expect(await found('results?testcases:like=*')).toEqual(['new'])
  expect(await found('results?testcases=old')).toEqual(['old'])
  expect(await found(`results?groups=${id}`)).toEqual(['new', 'old'])
})

test('a group that comes as an object with a result is changed, or made, with what it says', async () => {
  const post = async (group: unknown, testcase: string) => {
    const body = { outcome: 'PASSED', testcase, groups: [group] }
    const { status, body: result } = await server.client.post(`${API}/results`, body)
    expect(status).toBe(201)
    return result.groups[0].split('/').at(-1) as string
  }
  const groupOf = async (uuid: string) => {
    const { body } = await server.client.get(`${API}/groups/${uuid}`)
    return { description: body.description, ref_url: body.ref_url, results: body.results_count }
  }
  await server.client.post(`${API}/groups`, { uuid: JOB, description: 'before', ref_url: 'http://ci/1' })
  expect(await post({ uuid: JOB, description: 'after' }, 'a')).toBe(JOB)
  expect(await groupOf(JOB)).toEqual({ description: 'after', ref_url: 'http://ci/1', results: 1 })
  await post({ uuid: JOB }, 'b')
  await post(JOB, 'c')
  expect(await groupOf(JOB)).toEqual({ description: 'after', ref_url: 'http://ci/1', results: 3 })
  await post({ uuid: JOB, ref_url: 'http://ci/2' }, 'd')
  expect(await groupOf(JOB)).toEqual({ description: 'after', ref_url: 'http://ci/2', results: 4 })
  // As on the original, where null is a value.
  await post({ uuid: JOB, description: null, ref_url: null }, 'e')
  expect(await groupOf(JOB)).toEqual({ description: null, ref_url: null, results: 5 })
  await post({ uuid: 'new-one', description: 'made', ref_url: 'http://ci/3' }, 'a')
  expect(await groupOf('new-one')).toEqual({ description: 'made', ref_url: 'http://ci/3', results: 1 })
  const made = await post({ description: 'without a uuid' }, 'a')
  expect(await groupOf(made)).toEqual({ description: 'without a uuid', ref_url: null, results: 1 })
})

test('what is wrong with a group of a result changes nothing', async () => {
  const post = async (group: unknown) =>
    (await server.client.post(`${API}/results`, { outcome: 'PASSED', testcase: 'a', groups: [group] })).body
  expect(await post({ uuid: 7 })).toEqual({ message: 'groups: uuids of jobs are needed.' })
  expect(await post({ description: 7 })).toEqual({ message: 'description: a text is needed.' })
  expect(await post({ description: 'x'.repeat(256) })).toEqual({
    message: 'description: at most 255 characters.',
  })
  expect((await server.client.get(`${API}/groups`)).body.data).toEqual([])
})
