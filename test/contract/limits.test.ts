import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer({ maxBodyBytes: 1000 })
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const TOO_LARGE = answer(413, { detail: expect.stringMatching(/\b1000 bytes\b/) })

/** JSON of this many bytes. */
const json = (bytes: number) => `{"timeout":"${'x'.repeat(bytes - 14)}"}`
const headers = { 'content-type': 'application/json' }

function stream(text: string) {
  return new ReadableStream({
    start(controller) {
      for (const part of text.match(/.{1,100}/g) ?? []) controller.enqueue(new TextEncoder().encode(part))
      controller.close()
    },
  })
}

test('a body as large as the limit is taken, one byte more is refused', async () => {
  await server.makeJob({ id: 'a1' })
  for (const [method, path, status] of [
    ['POST', '/jobs/', 201],
    ['PUT', '/jobs/a1/', 200],
    ['PATCH', '/jobs/a1/', 200],
  ] as const) {
    expect((await server.client.request(method, path, { body: json(1000), headers })).status).toBe(status)
    expect(await server.client.request(method, path, { body: json(1001), headers })).toEqual(TOO_LARGE)
  }
})

test('a body that comes without its length is measured, too', async () => {
  expect((await server.client.request('POST', '/jobs/', { body: stream(json(1000)), headers })).status).toBe(
    201,
  )
  expect(await server.client.request('POST', '/jobs/', { body: stream(json(1001)), headers })).toEqual(
    TOO_LARGE,
  )
})

test('forms are measured, too', async () => {
  const form = new FormData()
  form.append('description', 'x'.repeat(1000))
  expect(await server.client.post('/jobs/', form)).toEqual(TOO_LARGE)
  expect(await server.client.post('/jobs/', new URLSearchParams({ x: 'x'.repeat(999) }))).toEqual(TOO_LARGE)
})

test('the limit counts bytes, not characters', async () => {
  expect(await server.client.post('/jobs/', { x: '🥑'.repeat(250) })).toEqual(TOO_LARGE)
})

test('what was refused is not stored', async () => {
  await server.client.request('POST', '/jobs/', { body: json(1001), headers })
  expect((await server.client.get('/jobs/')).body).toEqual({
    count: 0,
    next: null,
    previous: null,
    results: [],
  })
})

test('a size is told before a media type, a syntax error, an unknown job and wrong fields', async () => {
  const body = 'x'.repeat(1001)
  const text = { 'content-type': 'text/plain' }
  expect(await server.client.request('POST', '/jobs/nope/tests/', { body, headers: text })).toEqual(TOO_LARGE)
  expect(await server.client.request('POST', '/jobs/nope/tests/', { body, headers })).toEqual(TOO_LARGE)
  expect(await server.client.request('PUT', '/jobs/nope/', { body, headers })).toEqual(TOO_LARGE)
})

test('an unknown URL, a wrong method, credentials and rights are told before a size', async () => {
  await server.setPassword('secret')
  const init = { body: json(1001), headers }
  const browser = server.stranger.as('admin', 'secret').with({ 'sec-fetch-site': 'cross-site' })
  const form = new URLSearchParams({ x: 'x'.repeat(1000) })
  const replies = [
    await server.stranger.request('POST', '/nowhere/', init),
    await server.stranger.request('PUT', '/jobs/', init),
    await server.stranger.request('POST', '/jobs/', init),
    await server.client.request('POST', '/jobstatuses/', init),
    await browser.post('/jobs/', form),
  ]
  expect(replies.map(({ status }) => status)).toEqual([404, 405, 401, 403, 403])
})
