// Of several things that are wrong with a request, which is told first; and what `Accept` changes.

import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const broken = { body: '{"tag"', headers: { 'content-type': 'application/json' } }
const text = { body: '{}', headers: { 'content-type': 'text/plain' } }
const foreign = { 'sec-fetch-site': 'cross-site' }
const NOT_FOUND = answer(404, { detail: 'Not found' })

// No test changes them: what they ask for is refused.
beforeAll(async () => {
  await server.makeJob({ id: 'a1' })
  await server.makeJob({ id: 'a2' })
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
  const fields = { tag: '', activity: '', key: '', name: '', elapsed_time: -1 }
  expect(await server.client.send(method, path, fields)).toEqual(NOT_FOUND)
})

test.each([
  ['POST', '/jobs/a/tests/'],
  ['POST', '/jobs/a/test_activity/'],
  ['PATCH', '/jobs/a/'],
  ['PATCH', '/jobs/a/tests/1/'],
])('a prefix that fits several jobs is told before wrong fields: %s %s', async (method, path) => {
  const reply = await server.client.send(method, path, { tag: '', elapsed_time: -1 })
  expect(reply).toEqual(answer(409, { detail: 'Conflict.' }))
})
