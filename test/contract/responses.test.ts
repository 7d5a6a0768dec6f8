import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

test.each([
  [200, 'GET', '/jobs/', undefined],
  [200, 'OPTIONS', '/jobs/', undefined],
  [201, 'POST', '/jobs/', {}],
  [200, 'POST', '/jobs/a1/tests/', { tag: 'new' }],
  [400, 'POST', '/jobs/', []],
  [400, 'POST', '/jobs/', { id: 'a1' }],
  [404, 'GET', '/jobs/nope/', undefined],
  [404, 'GET', '/jobs/?page=2', undefined],
  [405, 'PUT', '/jobs/', {}],
  [403, 'PUT', '/jobstatuses/', {}],
  [409, 'DELETE', '/softwarecomponentarches/1/', undefined],
])('an answer %d is JSON, for every site: %s %s', async (status, method, path, body) => {
  await server.makeJob({ id: 'a1' })
  const reply = await server.client.send(method, path, body)
  expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'application/json'])
  expect(reply.headers.get('access-control-allow-origin')).toBe('*')
})

test('an answer to a request without the right, and one that is not JSON, is for every site, too', async () => {
  await server.makeJob({ id: 'a1' })
  const replies = [
    await server.stranger.post('/jobs/', {}),
    await server.client.as('admin', 'wrong').get('/jobs/'),
    await server.client.get('/nowhere/'),
    await server.client.get('/swagger'),
    await server.client.get('/swagger/json'),
    await server.client.delete('/jobs/a1/'),
    await server.client.send('HEAD', '/jobs/'),
  ]
  expect(replies.map(({ status }) => status)).toEqual([401, 401, 404, 200, 200, 204, 200])
  expect(replies.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual(Array(7).fill('*'))
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])('Accept with indent=%d pretty-prints', async (indent) => {
  const headers = { accept: `application/json; indent=${indent}` }
  const text = await (await fetch(`${server.origin}/`, { headers })).text()
  expect(text).toBe(JSON.stringify(JSON.parse(text), null, indent))
  expect(text).toContain(`\n${' '.repeat(indent)}"jobstatuses": "`)
})

test.each(['application/json', 'application/json; indent=0', 'application/json; indent=9', 'x; indent=x'])(
  'Accept: %s does not pretty-print',
  async (accept) => {
    const text = await (await fetch(`${server.origin}/`, { headers: { accept } })).text()
    expect(text).toBe(JSON.stringify(JSON.parse(text)))
  },
)

test('errors are pretty-printed, too', async () => {
  const headers = { accept: 'application/json; indent=4' }
  const response = await fetch(`${server.origin}/jobs/nope/`, { headers })
  expect(await response.text()).toBe('{\n    "detail": "Not found"\n}')
})

test.each(['*/*', 'text/html', 'image/png', 'nonsense', ';;', 'application/xml;q=0.9'])(
  'Accept: %s still gets JSON',
  async (accept) => {
    const reply = await server.client.with({ accept }).get('/jobs/')
    expect(reply).toEqual(answer(200, { count: 0, next: null, previous: null, results: [] }))
  },
)

test.each([
  ['GET', '/nowhere/', '/nowhere/'],
  ['GET', '/nowhere?page=2', '/nowhere'],
  ['POST', '/jobs/a1/nowhere/', '/jobs/a1/nowhere/'],
  ['PUT', '/jobs/a1/tests/1/data/1/1/', '/jobs/a1/tests/1/data/1/1/'],
  ['DELETE', "/it's&so/", '/it&#x27;s&amp;so/'],
  ['OPTIONS', '/nowhere/', '/nowhere/'],
])('%s %s names no API: an HTML page repeats the path, escaped', async (method, path, shown) => {
  const { status, headers, body } = await server.stranger.send(method, path)
  expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
  expect(body).toMatch(/^<!doctype html>/i)
  expect(body).toContain(`>${shown}<`)
})

test('every method works without the slash at the end', async () => {
  const steps: [method: string, path: string, body: object | undefined, status: number][] = [
    ['POST', '/jobs', { id: 'a1' }, 201],
    ['PUT', '/jobs/a1', { description: 'd' }, 200],
    ['PATCH', '/jobs/a1', { status: 'PASS' }, 200],
    ['POST', '/jobs/a1/tests', { tag: 't' }, 200],
    ['PUT', '/jobs/a1/tests/t', { tag: 'u' }, 200],
    ['PATCH', '/jobs/a1/tests/u', { status: 'PASS' }, 200],
    ['POST', '/jobs/a1/tests/u/data', { key: 'k', value: 'v' }, 200],
    ['PATCH', '/jobs/a1/tests/u/data/1', { value: 'w' }, 200],
    ['DELETE', '/jobs/a1/tests/u/data/1', undefined, 204],
    ['DELETE', '/jobs/a1/tests/u', undefined, 204],
    ['POST', '/jobs/a1/activity', { activity: 'a', time: '2013-05-02T05:00:01Z' }, 200],
    ['OPTIONS', '/jobs/a1', undefined, 200],
    ['POST', '/jobstatuses', {}, 403],
  ]
  for (const [method, path, body, status] of steps) {
    const reply = await server.client.send(method, path, body)
    expect([method, path, reply.status]).toEqual([method, path, status])
  }
  expect(await server.client.get('/jobs/a1')).toEqual(
    answer(200, {
      id: 'a1',
      number: 1,
      description: 'd',
      time: '2026-11-24T12:00:00Z',
      elapsed_time: 0,
      status: 'PASS',
      activities: [{ job: 'a1', activity: 'a', time: '2013-05-02T05:00:01Z' }],
      tests: [],
    }),
  )
  expect(await server.client.delete('/jobs/a1')).toEqual(answer(204, null))
})

test('the links of a page asked for without the slash have it', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: '1a' }, { tag: '2a' }] })
  expect(await server.client.get('/jobs/a1/tests?page_size=1')).toEqual(
    answer(200, {
      count: 2,
      next: `${server.origin}/jobs/a1/tests/?page_size=1&page=2`,
      previous: null,
      results: [{ id: 1, job: 'a1', tag: '1a', status: null }],
    }),
  )
})

test('no path, whatever is in it, makes the server fail', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: 't' }] })
  const part = fc.oneof(
    fc.constantFrom('jobs', 'a1', 'tests', '1', 'data', 'activities', 'linuxdistros', 'swagger', 'json'),
    fc.constantFrom('', '%', '%ff', '%00', '%2F', '%2e', '.', '..', '%ED%A0%80', '1e400', '9'.repeat(40)),
    fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
  )
  const path = fc.array(part, { maxLength: 7 }).map((parts) => `/${parts.join('/')}`)
  const method = fc.constantFrom('GET', 'OPTIONS', 'PUT', 'PATCH')
  await fc.assert(
    fc.asyncProperty(method, path, async (method, path) => {
      expect((await server.client.send(method, path)).status).toBeLessThan(500)
    }),
    { numRuns: 300 },
  )
})

const broken = { body: '{"tag"', headers: { 'content-type': 'application/json' } }
const text = { body: '{}', headers: { 'content-type': 'text/plain' } }
const foreign = { 'sec-fetch-site': 'cross-site' }
const NOT_FOUND = answer(404, { detail: 'Not found' })

test('an unknown URL is told before a wrong method and wrong credentials', async () => {
  const { status, headers } = await server.stranger.as('admin', 'wrong').request('PUT', '/nowhere/', broken)
  expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
})

test.each(['/jobs/', '/jobs/summary/', '/jobs/nope/tests/', '/linuxdistros/'])(
  'a wrong method is told before wrong credentials, a bad body and an unknown job: PUT %s',
  async (path) => {
    const reply = await server.client.as('admin', 'wrong').request('PUT', path, text)
    expect(reply).toEqual(answer(405, { detail: 'Method "PUT" not allowed.' }))
  },
)

test('missing and wrong credentials are told before a foreign form, a bad body and an unknown job', async () => {
  const stranger = server.stranger.with(foreign)
  expect(await stranger.request('POST', '/jobs/nope/tests/', text)).toEqual(
    answer(401, { detail: 'Authentication credentials were not provided.' }),
  )
  expect(await stranger.as('admin', 'wrong').request('POST', '/jobs/nope/tests/', text)).toEqual(
    answer(401, { detail: 'Invalid username/password.' }),
  )
})

test('a missing right is told before a bad body and an unknown job', async () => {
  await server.setPassword('secret')
  const browser = server.stranger.as('admin', 'secret').with(foreign)
  expect(await browser.request('POST', '/jobs/nope/tests/', text)).toEqual(
    answer(403, { detail: expect.any(String) }),
  )
  expect(await server.client.request('POST', '/jobstatuses/99/', broken)).toEqual(
    answer(403, { detail: 'You do not have permission to perform this action.' }),
  )
})

test('a media type is told before a syntax error and an unknown job', async () => {
  const headers = { 'content-type': 'text/plain' }
  expect(await server.client.request('POST', '/jobs/nope/tests/', { ...broken, headers })).toEqual(
    answer(415, { detail: 'Unsupported media type "text/plain" in request.' }),
  )
})

test.each(['/jobs/nope/tests/', '/jobs/a/tests/', '/jobs/nope/activities/', '/jobs/a1/tests/9/data/'])(
  'a syntax error is told before the objects that the URL names: POST %s',
  async (path) => {
    await server.makeJob({ id: 'a1' })
    await server.makeJob({ id: 'a2' })
    expect(await server.client.request('POST', path, broken)).toEqual(
      answer(400, { detail: expect.stringMatching(/^JSON parse error - ./) }),
    )
  },
)

test.each([
  ['POST', '/jobs/nope/tests/'],
  ['POST', '/jobs/nope/activities/'],
  ['POST', '/jobs/nope/activity/'],
  ['POST', '/jobs/nope/test_activity/'],
  ['POST', '/jobs/nope/data/'],
  ['POST', '/jobs/a1/tests/9/activities/'],
  ['POST', '/jobs/a1/tests/9/data/'],
  ['PUT', '/jobs/nope/'],
  ['PUT', '/jobs/a1/tests/9/'],
  ['PUT', '/jobs/a1/activities/9/'],
  ['PUT', '/jobs/a1/data/9/'],
  ['PUT', '/linuxdistros/9/'],
])('an object that does not exist is told before wrong fields: %s %s', async (method, path) => {
  await server.makeJob({ id: 'a1' })
  const fields = { tag: '', activity: '', key: '', name: '', elapsed_time: -1 }
  expect(await server.client.send(method, path, fields)).toEqual(NOT_FOUND)
})

test.each([
  ['POST', '/jobs/a/tests/'],
  ['POST', '/jobs/a/test_activity/'],
  ['PATCH', '/jobs/a/'],
  ['PATCH', '/jobs/a/tests/1/'],
])('a prefix that fits several jobs is told before wrong fields: %s %s', async (method, path) => {
  await server.makeJob({ id: 'a1' })
  await server.makeJob({ id: 'a2' })
  const reply = await server.client.send(method, path, { tag: '', elapsed_time: -1 })
  expect(reply).toEqual(answer(409, { detail: 'Conflict.' }))
})
