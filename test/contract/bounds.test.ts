// What can be sent is bounded, with an answer that says so. The size of bodies: limits.test.ts.

import { describe, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { type TestServer, withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

/** A path and query of this many characters. */
const url = (length: number) => `/jobs/?_=${'x'.repeat(length - 9)}`

test('a URL of 8192 characters is taken, a longer one is 414, whatever it names and whoever asks', async () => {
  const TOO_LONG = answer(414, { detail: 'The URL is longer than 8192 characters.' })
  expect((await server.client.get(url(8192))).status).toBe(200)
  for (const path of [url(8193), `/nowhere/${'x'.repeat(9000)}`, `//jobs/?${'x'.repeat(9000)}`]) {
    expect(await server.client.get(path)).toEqual(TOO_LONG)
    expect(await server.stranger.as('admin', 'wrong').post(path, {})).toEqual(TOO_LONG)
  }
  const { headers } = await server.client.get(url(8193))
  expect(headers.get('access-control-allow-origin')).toBe('*')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('a query of 100 parameters is taken, one of 101 is 400', async () => {
  const query = (count: number) => Array.from({ length: count }, (_, index) => `a${index}=1`).join('&')
  expect((await server.client.get(`/version/?${query(100)}`)).status).toBe(200)
  expect(await server.client.get(`/version/?${query(101)}`)).toEqual(
    answer(400, { detail: 'The query has more than 100 parameters.' }),
  )
})

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
const json = { 'content-type': 'application/json' }

test('JSON of 100 levels is taken, deeper JSON is 400; brackets in texts do not count', async () => {
  const post = (body: string) => server.client.request('POST', '/jobs/', { body, headers: json })
  const TOO_DEEP = answer(400, { detail: 'JSON parse error - Nested more than 100 levels deep' })
  expect((await post(`{"id":"a1","ignored":${nested(99)}}`)).status).toBe(201)
  expect(await post(`{"ignored":${nested(100)}}`)).toEqual(TOO_DEEP)
  expect(await post(`${'{"a":'.repeat(101)}1${'}'.repeat(101)}`)).toEqual(TOO_DEEP)
  expect(await post('['.repeat(10_000_000))).toEqual(TOO_DEEP)
  const text = `"\\\\${'['.repeat(200)}\\"${'{'.repeat(50)}`
  expect(await post(`{"description":"${text.slice(1)}"}`)).toMatchObject({ status: 201 })
})

test('a line of NDJSON that is too deep is refused with its number', async () => {
  const body = `{"id":"a1"}\n{"ignored":${nested(100)}}\n`
  const reply = await server.client.request('POST', '/imports/?format=ndjson', { body })
  expect(reply.status).toBe(201)
  expect(reply.body.refused).toEqual([
    { line: 2, detail: 'JSON parse error - Nested more than 100 levels deep' },
  ])
})

test('a form of 1000 fields is taken, one of 1001 is 400', async () => {
  const TOO_MANY = answer(400, { detail: 'Form parse error - the form has more than 1000 fields.' })
  for (const empty of [() => new URLSearchParams(), () => new FormData()]) {
    const form = empty()
    form.append('description', 'x')
    for (let count = 1; count < 1000; count++) form.append(`a${count}`, 'x')
    expect((await server.client.post('/jobs/', form)).status).toBe(201)
    form.append('one', 'more')
    expect(await server.client.post('/jobs/', form)).toEqual(TOO_MANY)
  }
})

test('nobody signs in with more than 4 KiB', async () => {
  const reply = await server.stranger.post('/auth/login/', { username: 'a', password: 'x'.repeat(4096) })
  expect(reply).toEqual(answer(413, { detail: 'The request body is larger than 4096 bytes.' }))
})

/** A request with a body of 1000 bytes, of which the first is sent. */
async function begin(
  { origin, authorization }: TestServer,
  path = '/jobs/',
): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<string>()
  let received = ''
  socket.on('data', (data) => {
    received += data
  })
  socket.on('error', () => {})
  socket.on('close', () => resolve(received))
  await new Promise<void>((connected) => socket.once('connect', () => connected()))
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: lab',
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    'Content-Length: 1000',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n{`)
  return { socket, answer: promise }
}

const beginMany = (to: TestServer, count: number) =>
  Promise.all(Array.from({ length: count }, () => begin(to)))

describe('with --body-timeout', () => {
  const server = withServer({ bodyTimeoutSeconds: 3 })

  test.each(['/jobs/', '/imports/'])(
    'a body that comes too slowly is 408, and the connection ends: %s',
    async (path) => {
      const { socket, answer } = await begin(server, path)
      const drip = setInterval(() => socket.write(' '), 100)
      const start = performance.now()
      const [head = '', body = ''] = (await answer).split('\r\n\r\n')
      clearInterval(drip)
      expect(performance.now() - start).toBeGreaterThan(2900)
      expect(head).toStartWith('HTTP/1.1 408 ')
      expect(head).toMatch(/^connection: close$/im)
      expect(JSON.parse(body)).toEqual({
        detail:
          'The request body came too slowly: it may take 3 s, and one more for every 16 KiB (--body-timeout).',
      })
    },
  )

  test('a thousand slow senders are not noticed by others, and are gone after a while', async () => {
    const median = async () => {
      const times: number[] = []
      for (let count = 0; count < 20; count++) {
        const start = performance.now()
        expect((await server.client.post('/jobs/', {})).status).toBe(201)
        times.push(performance.now() - start)
      }
      return times.toSorted((a, b) => a - b)[10] ?? 0
    }
    await median()
    const before = await median()
    const slow = await beginMany(server, 1000)
    const beside = await median()
    const statuses = (await Promise.all(slow.map(({ answer }) => answer))).map((text) => text.slice(0, 12))
    expect(statuses).toEqual(Array(1000).fill('HTTP/1.1 408'))
    // What else the machine does may begin at any moment, and slows all three.
    expect(beside).toBeLessThan(Math.max(before, await median()) * 5 + 20)
  })
})

describe('with --max-requests', () => {
  const server = withServer({ maxRequests: 50 })

  test('with more under way, others are 503, and let in when there are fewer', async () => {
    const slow = await beginMany(server, 50)
    while ((await server.client.get('/version/')).status === 200) await Bun.sleep(10)
    const reply = await server.client.get('/jobs/')
    expect(reply).toEqual(
      answer(503, { detail: 'Too many requests are under way (--max-requests): try again in a second.' }),
    )
    expect(reply.headers.get('retry-after')).toBe('1')
    for (const { socket } of slow) socket.destroy()
    while ((await server.client.get('/version/')).status === 503) await Bun.sleep(10)
    expect((await server.client.post('/jobs/', {})).status).toBe(201)
  })
})
