// A list that is asked with a parameter that it does not know says so.

import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()

const lists = [
  '/jobs/',
  '/jobs/a/tests/',
  '/jobs/a/activities/',
  '/jobs/a/data/',
  '/jobs/a/files/',
  '/softwarecomponents/',
].concat([
  '/linuxdistros/',
  '/testenvironments/',
  '/softwarecomponentkinds/',
  '/jobs/a/tests/t/history/',
  '/audit/',
  '/tests/',
  '/tests/runs/',
  '/tests/reasons/',
  '/labels/',
  '/labels/host/',
  '/tests/history/?name=t',
  '/regressions/',
  '/flaky/',
  '/clusters/',
])

beforeAll(() => server.makeJob({ id: 'a', tests: [{ tag: 't', status: 'PASS' }] }))

test.each(lists)('%s refuses what it does not know, and names what is near', async (path) => {
  expect((await server.client.get(path)).status).toBe(200)
  const more = path.includes('?') ? '&' : '?'
  const { status, body } = await server.client.get(`${path}${more}pagesize=5`)
  expect({ status, body }).toEqual({
    status: 400,
    body: {
      detail: expect.stringMatching(
        /^Unknown parameter pagesize\. Did you mean page_size\? Known here are .*page/,
      ),
    },
  })
  expect((await server.client.get(`${path}${more}page_size=5&_=1&format=json`)).status).toBe(200)
})

test.each([
  ['failing/?day=7', 'days'],
  ['history/?intervall=hour', 'interval'],
])('/statistics/%s is refused, too: %s is meant', async (query, meant) => {
  const { status, body } = await server.stranger.get(`/statistics/${query}`)
  expect([status, body.detail]).toEqual([400, expect.stringContaining(`Did you mean ${meant}?`)])
  expect((await server.stranger.get(`/statistics/${query.split('?')[0]}`)).status).toBe(200)
})

test('what is near nothing is refused without a guess; the value does not matter, nor does how often it was asked', async () => {
  for (const query of ['?verbosely', '?verbosely=', '?page=1&verbosely=1', '?verbosely=1']) {
    const { status, body } = await server.stranger.get(`/jobs/${query}`)
    expect(status).toBe(400)
    expect(body.detail).toMatch(/^Unknown parameter verbosely\. Known here are /)
  }
  expect((await server.stranger.get('/jobs/?Status=PASS')).body.detail).toContain('Did you mean status?')
  expect((await server.stranger.get('/jobs/?statsu=PASS')).body.detail).toContain('Did you mean status?')
  expect((await server.stranger.get(`/jobs/?${'x'.repeat(3000)}`)).body.detail.length).toBeLessThan(500)
})

test('what is no list of ours, and what writes, takes any', async () => {
  for (const path of ['/jobs/a/?x=1', '/jobs/summary/?x=1', '/version/?x=1', '/jobs/a/tests/t/?x=1'])
    expect((await server.stranger.get(path)).status).toBe(200)
  expect((await server.client.post('/jobs/?x=1', {})).status).toBe(201)
})

test('wrong credentials come first', async () => {
  expect((await server.stranger.as('admin', 'wrong').get('/jobs/?x=1')).status).toBe(401)
})

test("what the original's dashboard asks is known", async () => {
  for (const query of ['?page_size=10&page=1&ordering=-time', '?ordering=-time', '?ordering=elapsed_time'])
    expect((await server.stranger.get(`/jobs/${query}`)).status).toBe(200)
})
