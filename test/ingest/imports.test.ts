// POST /imports/: what it answers, what it stores, and what it refuses.

import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownQuery } from '../support/own-query'
import { withServer } from '../support/server'
import { tar } from './archives'

const server = withServer()
const samples = join(import.meta.dir, '../fixtures/jobs')

function sample(name: string, file: string): string {
  const [job = ''] = readdirSync(join(samples, name))
  return readFileSync(join(samples, name, job, file), 'utf8')
}

const send = async (body: string | Uint8Array, query = '') => {
  const { status, body: reply } = await server.client.request('POST', `/imports/${query}`, {
    body: body as string,
  })
  return { status, body: reply }
}
const lines = (...jobs: object[]) => jobs.map((job) => JSON.stringify(job)).join('\n')
const no = { added: 0, changed: 0, unchanged: 0 }
const done = (id: string, tests: object, warnings: unknown[] = []) => ({
  id,
  url: `${server.origin}/jobs/${id}/`,
  tests: { ...no, ...tests },
  files: no,
  warnings,
})

test('NDJSON: a job a line; the same again adds nothing', async () => {
  const body = lines(
    {
      id: 'a',
      tests: [
        { tag: '1-x', status: 'PASS' },
        { tag: '2-y', status: 'SKIP' },
      ],
    },
    { id: 'b', status: 'WARN', tests: [{ tag: 'x', status: 'PASS', data: [{ key: 'k', value: 'v' }] }] },
  )
  expect(await send(body)).toEqual({
    status: 201,
    body: { jobs: [done('a', { added: 2 }), done('b', { added: 1 })] },
  })
  expect(await send(body)).toEqual({
    status: 200,
    body: { jobs: [done('a', { unchanged: 2 }), done('b', { unchanged: 1 })] },
  })
  const jobs = (await server.stranger.get('/jobs/?omit=tests,activities')).body.results
  expect(jobs.map(({ id, status }: Record<string, string>) => [id, status])).toEqual([
    ['a', 'PASS'],
    ['b', 'WARN'],
  ])
})

test('NDJSON: a line without an id is the same job when it is sent again', async () => {
  const body = lines({ description: 'nameless', tests: [{ tag: 'x', status: 'PASS' }] })
  const first = await send(body)
  expect(await send(body)).toEqual({
    status: 200,
    body: { jobs: [done(first.body.jobs[0].id, { unchanged: 1 })] },
  })
})

test('NDJSON: a bad line is refused with its number, the good ones are stored', async () => {
  const body = [
    '{"id": "a"}',
    'nonsense',
    '',
    '{"id": "12"}',
    '{"id": "b", "tests": [{}]}',
    '{"id": "c"}',
  ].join('\n')
  expect(await send(body, '?format=ndjson')).toEqual({
    status: 201,
    body: {
      jobs: [done('a', {}), done('c', {})],
      refused: [
        { line: 2, detail: expect.stringMatching(/^JSON parse error - /) },
        { line: 4, id: ['This id is reserved.'] },
        { line: 5, tests: ['Item 1: tag: This field is required.'] },
      ],
    },
  })
  expect(await send('nonsense\n', '?format=ndjson')).toEqual({
    status: 400,
    body: { jobs: [], refused: [{ line: 1, detail: expect.stringMatching(/^JSON parse error - /) }] },
  })
})

test('a job of 5,000 tests is stored in steps, and seen whole', async () => {
  const tests = Array.from({ length: 5000 }, (_, index) => ({ tag: `${index}-t`, status: 'PASS' }))
  const sending = send(lines({ id: 'big', tests }))
  const seen = new Set<number>()
  let ended = false
  sending.then(() => {
    ended = true
  })
  while (!ended) {
    const { status, body } = await server.stranger.get('/jobs/big/testcount/')
    if (status === 200) seen.add(body.testcount)
  }
  expect((await sending).status).toBe(201)
  expect([...seen].filter((count) => count !== 5000)).toEqual([])
  expect((await server.stranger.get('/jobs/big/passrate/')).body).toEqual({ passrate: 100 })
})

test('two imports of the same job at once: one job, nothing twice', async () => {
  const results = sample('all-statuses', 'results.json')
  const replies = await Promise.all([send(results), send(results), send(results)])
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 201])
  expect((await server.stranger.get('/jobs/')).body.count).toBe(1)
  expect((await server.stranger.get('/jobs/aa0d4a7/testcount/')).body).toEqual({ testcount: 41 })
})

test('what PowerShell writes in UTF-16 is read', async () => {
  for (const [file, added] of [
    ['results.tap', 41],
    ['results.json', 41],
  ] as const) {
    const bytes = new Uint8Array(Buffer.from(`\uFEFF${sample('all-statuses', file)}`, 'utf16le'))
    const { status, body } = await send(bytes)
    expect({ file, status, added: body.jobs?.[0].tests.added }).toEqual({ file, status: 201, added })
  }
})

test('xUnit and TAP are jobs of their own, found again', async () => {
  for (const file of ['results.xml', 'results.tap']) {
    const first = await send(sample('all-statuses', file))
    expect({ status: first.status, added: first.body.jobs[0].tests.added }).toEqual({
      status: 201,
      added: 41,
    })
    const again = await send(sample('all-statuses', file))
    expect({ status: again.status, tests: again.body.jobs[0].tests }).toEqual({
      status: 200,
      tests: { ...no, unchanged: 41 },
    })
  }
})

test('what a client has posted stays: an import completes it and says what it contradicts', async () => {
  await server.makeJob({
    id: 'a',
    description: 'mine',
    status: 'ALERT',
    tests: [{ tag: '1-x', status: 'PASS' }, { tag: '2-y' }],
  })
  const job = {
    id: 'a',
    description: 'theirs',
    tests: [
      { tag: '1-x', status: 'FAIL', fail_reason: 'why' },
      { tag: '2-y', status: 'CANCEL' },
      { tag: '3-z', status: 'PASS' },
    ],
  }
  expect(await send(lines(job))).toEqual({
    status: 200,
    body: {
      jobs: [
        done('a', { added: 1, changed: 2 }, [
          'Test 1-x has another status already: the stored one was kept.',
        ]),
      ],
    },
  })
  const { description, status, tests } = (await server.stranger.get('/jobs/a/')).body
  expect({ description, status, tests: tests.map(({ status }: { status: string }) => status) }).toEqual({
    description: 'mine',
    status: 'ALERT',
    tests: ['PASS', 'TEST_NA', 'PASS'],
  })
})

test.each([
  ['nothing', '', 400, /^The body is empty/],
  ['what is none of the formats', 'Dear friend', 400, /^The body is none of tar, gzip/],
  ['results.json of another shape', '{"job_id": "a", "tests": 7}', 400, /^results\.json: tests/],
  ['a cut-off gzip', '\x1f\x8b\x08', 400, /./],
  [
    'an archive without a job',
    tar([{ name: 'hello.txt', content: 'hello' }]),
    400,
    /^The archive holds no job/,
  ],
  [
    'a path out of the archive, and nothing else,',
    tar([{ name: '../../etc/passwd', content: 'x' }]),
    400,
    /holds no job.* "\.\.\/\.\.\/etc\/passwd" was left out: its path leaves the archive\.$/,
  ],
])('%s is refused in a sentence', async (_, body, status, sentence) => {
  const reply = await send(body)
  expect({ status: reply.status, body: reply.body }).toEqual({
    status,
    body: { detail: expect.stringMatching(sentence) },
  })
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})

test('an unknown format is refused, and credentials come before everything', async () => {
  expect((await send('x', '?format=docx')).body).toEqual({
    detail: expect.stringMatching(/^format is one of/),
  })
  expect((await server.stranger.request('POST', '/imports/', { body: 'x' })).status).toBe(401)
})

test('deleting a job deletes the files that nothing else names', async () => {
  const log = 'x'.repeat(100_000)
  const results = (id: string) =>
    JSON.stringify({ ...JSON.parse(sample('single-nosysinfo', 'results.json')), job_id: id, debuglog: null })
  const job = (id: string) =>
    tar([
      { name: 'results.json', content: results(id) },
      { name: 'job.log', content: log },
    ])
  await send(job('one'))
  await send(job('two'))
  const kept = () =>
    server.database.read(
      ownQuery(async ({ database }) => database.query('SELECT count(*) AS n FROM file').get()),
    )
  expect((await server.stranger.request('GET', '/jobs/one/files/job.log')).body).toBe(log)
  expect(await kept()).toEqual({ n: 3 }) // two results.json, one log
  await server.client.delete('/jobs/one/')
  expect(await kept()).toEqual({ n: 2 })
  expect((await server.stranger.request('GET', '/jobs/two/files/job.log')).body).toBe(log)
  await server.client.delete('/jobs/two/')
  expect(await kept()).toEqual({ n: 0 })
})

test('files are shown among the data, behind them', async () => {
  const log = 'test-results/1-_bin_true/debug.log'
  const results = sample('single-nosysinfo', 'results.json')
  await send(
    tar([
      { name: 'results.json', content: results },
      { name: log, content: 'a log' },
    ]),
  )
  await server.client.post('/jobs/1/tests/1/data/', { key: 'mine', value: 'v' })
  const data = async (query: string) => (await server.stranger.get(`/jobs/1/tests/1/data/${query}`)).body
  const mine = { id: expect.any(Number), test: 1, category: 'default', key: 'mine', value: 'v' }
  const file = { id: null, test: 1, category: 'log_file_path', key: 'debug.log', value: 'files/debug.log' }
  const { count, results: all } = await data('')
  expect(all.slice(-2)).toEqual([mine, file])
  expect((await data(`?page_size=1&page=${count}`)).results).toEqual([file])
  expect((await server.stranger.get('/jobs/1/tests/1/files/debug.log')).body).toBe('a log')
})

test('a test without a number brings its files to the one that has it, if that is there already', async () => {
  await server.client.post('/jobs/', { id: 'a' })
  await server.client.post('/jobs/a/tests/', { tag: '1-a.py:A.test', status: 'PASS' })
  const results = JSON.stringify({ job_id: 'a', total: 1, tests: [{ id: 'a.py:A.test', status: 'PASS' }] })
  const reply = await send(
    tar([
      { name: 'results.json', content: results },
      { name: 'test-results/a.py_A.test/debug.log', content: 'a log' },
    ]),
  )
  expect(reply).toMatchObject({ status: 200, body: { jobs: [{ tests: { added: 0 } }] } })
  const { body } = await server.stranger.request('GET', '/jobs/a/tests/1-a.py:A.test/files/debug.log')
  expect(body).toBe('a log')
})
