// What is made to be slow to look through, in one request: nobody else waits for it.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'

const MIB = 1024 ** 2
/** What another may wait, as a part of what the request takes: whoever waited for all of it would wait for nearly 1. */
const MAX_PART = 1 / 2
const RUNS = 4
const EVERY_MS = 5

const filled = (piece: string, bytes: number) => piece.repeat(Math.ceil(bytes / piece.length))
const failed = (reason: string) =>
  JSON.stringify({ tests: [{ tag: '1-a', status: 'FAIL', fail_reason: reason }] })

/** Each begins a password, or what looks like one, within the one before. */
const inputs: [what: string, path: string, body: string][] = [
  ['what is no escaped slash', '/jobs/', failed(`${filled('u002f', 4 * MIB)}u0040`)],
  ['names of a token in its own value', '/jobs/', failed(filled('_auth_token=a', 4 * MIB))],
  ['slashes', '/jobs/', failed(`${filled('/', 8 * MIB)}a:b@c`)],
  [
    'slashes of a results.json',
    '/imports/?format=results-json',
    JSON.stringify({
      job_id: 'slashes',
      tests: [{ id: '1-a', status: 'FAIL', fail_reason: `${filled('/', 8 * MIB)}a:b@c` }],
    }),
  ],
  [
    'data of one test',
    '/imports/?format=xml',
    `<testsuite><testcase name="a" ${Array.from(
      { length: 60_000 },
      (_, index) => `a${index}="//user:password@host"`,
    ).join(' ')}/></testsuite>`,
  ],
]

const folder = new Folder()
let server: Serving
beforeAll(async () => {
  server = await folder.serve(['--open'])
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test.each(inputs)('%s', async (_, path, body) => {
  const parts: number[] = []
  do parts.push(await longestWait(path, body))
  while (Math.min(...parts) > MAX_PART && parts.length < RUNS)
  expect(Math.min(...parts)).toBeLessThan(MAX_PART)
})

/** The longest that others wait for an answer while it is sent and stored, as a part of the time that this takes. */
async function longestWait(path: string, body: string): Promise<number> {
  const start = performance.now()
  let isUnderWay = true
  const headers = { 'content-type': 'application/json' }
  const sending = new Client(server.origin).request('POST', path, { body, headers }).finally(() => {
    isUnderWay = false
  })
  let longest = 0
  while (isUnderWay) {
    const asked = performance.now()
    await (await fetch(`${server.origin}/health/`)).text()
    longest = Math.max(longest, performance.now() - asked)
    await Bun.sleep(EVERY_MS)
  }
  expect((await sending).status).toBeOneOf([200, 201])
  return longest / (performance.now() - start)
}

test('more data than a test may have are left out, with a warning', async () => {
  const attributes = Array.from({ length: 100_003 }, (_, index) => `a${index}="1"`).join(' ')
  const { status, body } = await new Client(server.origin).request('POST', '/imports/?format=xml&job=many', {
    body: `<testsuite><testcase name="a" ${attributes}/></testsuite>`,
  })
  expect([status, body.jobs[0].warnings]).toEqual([
    201,
    ['The job or a test has more than 100000 data (1 of them): the first were stored.'],
  ])
  expect((await new Client(server.origin).get('/jobs/many/tests/a/data/?page_size=1')).body.count).toBe(
    100_000,
  )
})

test('outputs beyond the files that an import may have are left out, with a warning', async () => {
  await using few = await folder.serve([
    '--open',
    '--max-entries',
    '5',
    '--database',
    `${folder.path}/few.sqlite`,
  ])
  const { status, body } = await new Client(few.origin).request('POST', '/imports/?format=xml', {
    body: `<testsuite><testcase name="a">${'<system-out>text</system-out>'.repeat(8)}</testcase></testsuite>`,
  })
  expect([status, body.jobs[0].files, body.jobs[0].warnings]).toEqual([
    201,
    { added: 5, changed: 0, unchanged: 0 },
    ['The import has more than 5 files (--max-entries): 3 outputs were left out.'],
  ])
})

test('a pattern that nearly fits everywhere in long values is looked for, and others search meanwhile', async () => {
  const client = new Client(server.origin)
  for (let count = 0; count < 10; count++) {
    const data = { k: filled('a', 900_000) }
    const result = { outcome: 'PASSED', testcase: `t${count}`, groups: ['long'], data }
    expect((await client.post('/api/v2.0/results', result)).status).toBe(201)
  }
  // SQLite's GLOB took longer than the test may.
  const { status, body } = await client.get(`/api/v2.0/results?k:like=*${'a'.repeat(4000)}b`)
  expect([status, body.data]).toEqual([200, []])
  expect((await client.get(`/api/v2.0/results?k:like=*${'a'.repeat(4000)}&limit=1`)).body.data).toHaveLength(
    1,
  )
}, 60_000)
