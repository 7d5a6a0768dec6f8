// An answer has a size: 32 MiB. What would be larger is 400 with a sentence that says how to ask for less, on every list.

import { expect, test } from 'bun:test'
import { sql } from 'kysely'
import { defineWrite } from '../../src/storage/database'
import { dynamicQuery, tables } from '../../src/storage/query'
import { ApiDocument } from '../support/fuzz/document'
import { withServer } from '../support/server'
import { settle } from '../support/settled'

const server = withServer()
const MIB = 1024 ** 2

/** As many characters as a text of a job or test may have, in rows that were stored before there was a limit. */
const swell = defineWrite('swell', async (connection) => {
  const long = 'x'.repeat(MIB)
  for (const table of ['test_data', 'job_data'] as const) {
    await connection.run(
      dynamicQuery('swell')(() => tables.updateTable(table).set({ value: long })),
      {},
    )
  }
})

const TOO_LARGE = (advice: string) => ({
  status: 400,
  body: { detail: `This answer would be larger than 32 MiB: ${advice}.` },
  headers: expect.anything(),
})
const FEWER = 'ask for fewer a page with page_size'
const PARTS = 'leave out what it carries with omit=tests,activities'

async function makeLargeData() {
  const data = Array.from({ length: 40 }, (_, index) => ({ key: `key ${index}`, value: 'x' }))
  await server.makeJob({ id: 'large', tests: [{ tag: 'a', data }] })
  for (const datum of data) await server.client.post('/jobs/large/data/', datum)
  await server.database.write(swell, null)
}

test('a list of data that are too long together names page_size, and with 10 a page it is answered', async () => {
  await makeLargeData()
  for (const path of ['/jobs/large/data/', '/jobs/large/tests/a/data/']) {
    expect(await server.stranger.get(`${path}?page_size=40`)).toEqual(TOO_LARGE(FEWER))
    const { status, body } = await server.stranger.get(path)
    expect([status, body.results.length]).toEqual([200, 10])
    expect((await server.stranger.get(`${path}?page_size=31`)).status).toBe(200)
  }
})

test('the rows of such a list are not read to the end', async () => {
  await makeLargeData()
  await server.database.write(
    defineWrite('double', async (connection) => {
      const more = dynamicQuery('double')(() =>
        tables.updateTable('test_data').set({ value: 'x'.repeat(16 * MIB) }),
      )
      await connection.run(more, {})
    }),
    null,
  )
  const before = process.memoryUsage.rss()
  expect((await server.stranger.get('/jobs/large/tests/a/data/?page_size=40')).status).toBe(400)
  // 40 of them have 640 MiB.
  expect(process.memoryUsage.rss() - before).toBeLessThan(300 * MIB)
}, 60_000)

/** With tags as no client may send them today. */
async function makeLargeJobs(jobs: number, tests: number, tagBytes: number) {
  for (let job = 0; job < jobs; job++) {
    const all = Array.from({ length: tests }, (_, test) => ({ tag: `${job}-${test}` }))
    expect((await server.client.post('/jobs/?omit=tests', { id: `job-${job}`, tests: all })).status).toBe(201)
  }
  const swellTags = defineWrite(`swell ${jobs}`, async (connection) => {
    const set = { text: sql<string>`text || ${'t'.repeat(tagBytes)}` }
    await connection.run(
      dynamicQuery('swell')(() => tables.updateTable('testcase').set(set)),
      {},
    )
  })
  await server.database.write(swellTags, null)
}

test('jobs whose tests are too long together name page_size and omit', async () => {
  await makeLargeJobs(4, 100, 100_000)
  expect(await server.stranger.get('/jobs/')).toEqual(TOO_LARGE(`${FEWER}, or ${PARTS}`))
  for (const path of ['/jobs/?page_size=3', '/jobs/?omit=tests', '/jobs/job-1/']) {
    expect([path, (await server.stranger.get(path)).status]).toEqual([path, 200])
  }
}, 60_000)

test('a job whose tests are too long together names omit, and is not changed where it could not be shown', async () => {
  await makeLargeJobs(1, 6000, 6000)
  expect(await server.stranger.get('/jobs/job-0/')).toEqual(TOO_LARGE(PARTS))
  expect(await server.client.patch('/jobs/job-0/', { description: 'changed' })).toEqual(TOO_LARGE(PARTS))
  const { body } = await server.stranger.get('/jobs/job-0/?omit=tests')
  expect(body.description).toBeNull()
  expect((await server.client.patch('/jobs/job-0/?omit=tests', { description: 'changed' })).status).toBe(200)
}, 60_000)

test('a job that could not be shown is not stored, unless its parts are left out of the answer', async () => {
  const tests = Array.from({ length: 90_000 }, (_, index) => ({ tag: `${index}-${'t'.repeat(150)}` }))
  const indented = server.client.with({ accept: 'application/json; indent=8' })
  expect(await indented.post('/jobs/', { id: 'a1', tests })).toEqual(TOO_LARGE(`${FEWER}, or ${PARTS}`))
  expect((await server.stranger.get('/jobs/a1/')).status).toBe(404)
  expect((await indented.post('/jobs/?omit=tests,activities', { id: 'a1', tests })).status).toBe(201)
}, 60_000)

/** What some lists have to be asked, with as many a page as they allow. */
const NEEDED: Record<string, string> = {
  '/testenvironments/steps/': 'steps=1:1&limit=100',
  '/tests/history/': 'name=short&page_size=1000',
  '/jobs/compare/': 'job=short&base=short-before&page_size=100',
  '/triage/{cause}/tests/': 'since=2026-01-01T00:00&page_size=1000',
}

/** What fills a page of each list with rows of 64 KiB: none is answered beyond the limit, whatever it lists. */
test('no list of the API is answered with more, with however many a page', async () => {
  await makeLargeJobs(2, 1000, 64 * 1024)
  await server.makeJob({ id: 'short-before' })
  await server.makeJob({
    id: 'short',
    status: 'FAIL',
    tests: [{ tag: '1-short', status: 'FAIL', fail_reason: 'It broke' }],
  })
  const issue = { template: 'It broke', report_subject: 'It breaks', report_url: 'https://bugs.example/1' }
  expect((await server.client.post('/known-issues/', issue)).status).toBe(201)
  await settle(server)
  const clusters = (await server.client.get('/clusters/')).body.results as { id: number }[]
  const { body: list } = await server.client.get('/triage/?since=2026-01-01T00:00')
  const cause = JSON.stringify(list).match(/"id":"([^"]+)"/)?.[1] as string
  expect(cause).toBeDefined()
  const { operations } = await ApiDocument.of(server.origin)
  const lists = operations.filter(
    ({ method, parameters }) =>
      method === 'GET' && parameters.some(({ name }) => /^(page_size|limit)$/.test(name)),
  )
  expect(lists.length).toBeGreaterThan(15)
  const refused: string[] = []
  for (const { template, parameters } of lists) {
    const size = parameters.find(({ name }) => /^(page_size|limit)$/.test(name))?.name
    const path = template
      .replace('{job}', 'job-0')
      .replace('{test}', '1')
      .replace('{cause}', cause)
      .replace('/clusters/{id}/', `/clusters/${clusters[0]?.id}/`)
      .replace(/\{\w+\}/g, '1')
    const query = NEEDED[template]
    const { status, body } = await server.client.get(`${path}?${query ?? `${size}=1000`}`)
    if (query) expect([path, status]).toEqual([path, 200])
    expect([path, status < 500]).toEqual([path, true])
    if (status === 200) expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(32 * MIB)
    else {
      expect([path, body.detail ?? body.message]).toEqual([path, expect.stringMatching(/page_size/)])
      refused.push(path)
    }
  }
  expect(refused.sort()).toEqual([
    ...['/api/v2.0/results', '/api/v2.0/testcases', '/jobs/', '/jobs/job-0/tests/'],
    ...['/matrix/', '/tests/', '/tests/runs/'],
  ])
}, 120_000)
