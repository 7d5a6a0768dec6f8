// What fetch does not let a test send: requests as they go over the wire.

import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { hashToken, makeToken } from '../../src/auth/credentials'
import { addToken } from '../../src/auth/token-queries'
import { ACT, withServer } from '../support/server'

const server = withServer()

/** Sends the lines of a request's head, and whatever follows them; returns the first answer, as it came. */
async function exchange(head: string[], following = '') {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
  let received = ''
  socket.on('data', (data) => {
    received += data
    const [answerHead = '', body] = received.split('\r\n\r\n', 2)
    const length = Number(/^content-length: (\d+)/im.exec(answerHead)?.[1])
    if (body !== undefined && Buffer.byteLength(body) >= length) resolve(received)
  })
  socket.on('close', () => reject(new Error(`closed; received: ${received}`)))
  socket.on('error', reject)
  socket.write(`${head.join('\r\n')}\r\n\r\n${following}`)
  const [answerHead = '', body = ''] = (await promise).split('\r\n\r\n', 2)
  socket.destroy()
  const [statusLine = '', ...lines] = answerHead.split('\r\n')
  const headers = new Headers(lines.map((line) => /^([^:]+): (.*)$/.exec(line)?.slice(1) as [string, string]))
  return { status: Number(statusLine.split(' ')[1]), headers, body }
}

async function authorization() {
  const token = makeToken()
  const row = { username: 'admin', label: '', hash: hashToken(token), expires: null, actor: ACT }
  await server.database.write(addToken, row)
  return `Authorization: Bearer ${token}`
}

test.each(['lab', 'a', 'lab:80', 'lab.example.com', '127.0.0.1', '[::1]:9405', 'x'.repeat(60)])(
  'links are made from the Host header: %s',
  async (host) => {
    await server.makeJob({ id: 'a1', tests: [{ tag: 'a' }, { tag: 'b' }] })
    const { status, body } = await exchange(['GET /jobs/a1/tests/?page_size=1 HTTP/1.1', `Host: ${host}`])
    expect({ status, body: JSON.parse(body) }).toEqual({
      status: 200,
      body: {
        count: 2,
        next: `http://${host}/jobs/a1/tests/?page_size=1&page=2`,
        previous: null,
        results: [{ id: 1, job: 'a1', tag: 'a', status: null }],
      },
    })
  },
)

test.each(['lab', 'a', 'localhost:9405'])('every path is found at the host %s', async (host) => {
  await server.makeJob({ id: 'a1' })
  const ask = (path: string) => exchange([`GET ${path} HTTP/1.1`, `Host: ${host}`])
  const replies = [
    await ask('/jobs/a1/testcount/'),
    await ask('/jobs/a1/testcount'),
    await ask('//jobs/a1/testcount/'),
  ]
  expect(replies.map(({ body }) => JSON.parse(body))).toEqual(Array(3).fill({ testcount: 0 }))
  expect((await ask('/nowhere/')).status).toBe(404)
})

test('a short host takes a POST, and Location is made from it', async () => {
  const body = '{"id":"a1"}'
  const { status, headers } = await exchange(
    [
      'POST /jobs/ HTTP/1.1',
      'Host: lab',
      await authorization(),
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ],
    body,
  )
  expect([status, headers.get('location')]).toEqual([201, 'http://lab/jobs/a1/'])
})

// Bun's fetch sends one slash where the URL has two.
test.each(['127.0.0.1:9405', 'lab'])(
  'a path that begins with // means the same as with one: %s',
  async (host) => {
    await server.makeJob({ id: 'a1', tests: [{ tag: 'a' }, { tag: 'b' }] })
    const ask = (path: string) => exchange([`GET ${path} HTTP/1.1`, `Host: ${host}`])
    for (const path of [
      '/',
      '/jobs/',
      '/jobs/a1',
      '/jobs/a1/tests/?page_size=1',
      '/jobs/nope/',
      '/version/',
    ]) {
      const one = await ask(path)
      for (const slashes of ['/', '//']) {
        const { status, body } = await ask(`${slashes}${path}`)
        expect({ path, status, body }).toEqual({ path, status: one.status, body: one.body })
      }
    }
    const body = '{"tag":"new"}'
    const head = [
      'POST //jobs/a1/tests/ HTTP/1.1',
      `Host: ${host}`,
      await authorization(),
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]
    const posted = await exchange(head, body)
    expect({ status: posted.status, body: JSON.parse(posted.body) }).toEqual({
      status: 200,
      body: { status: 'test added' },
    })
  },
)

test.each(['"><script>', 'a b', 'user@evil.example', 'evil.example/path', 'evil.example:port'])(
  'what is no host does not come back as a link: %s',
  async (host) => {
    await server.makeJob({ id: 'a1', tests: [{ tag: 'a' }, { tag: 'b' }] })
    const { body } = await exchange(['GET /jobs/a1/tests/?page_size=1 HTTP/1.1', `Host: ${host}`])
    expect(JSON.parse(body).next).toBe('http://localhost/jobs/a1/tests/?page_size=1&page=2')
  },
)

test('markup in a path does not come back as markup', async () => {
  const { status, body } = await exchange(['GET /<script>alert("1")</script>/ HTTP/1.1', 'Host: lab'])
  expect(status).toBe(404)
  expect(body).not.toContain('<script>')
})

test.each(['PROPFIND', 'TRACE', 'REPORT'])('%s is refused as any other wrong method', async (method) => {
  const { status, headers, body } = await exchange([`${method} /jobs/ HTTP/1.1`, 'Host: lab'])
  expect({ status, body: JSON.parse(body) }).toEqual({
    status: 405,
    body: { detail: `Method "${method}" not allowed.` },
  })
  expect(headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST'])
  expect(headers.get('access-control-allow-origin')).toBe('*')
})

test('credentials are asked for before any of a body has come', async () => {
  const { status, body } = await exchange([
    'POST /jobs/ HTTP/1.1',
    'Host: lab',
    'Content-Type: application/json',
    'Content-Length: 1000',
  ])
  expect({ status, body: JSON.parse(body) }).toEqual({
    status: 401,
    body: { detail: 'Authentication credentials were not provided.' },
  })
})

test('a body of more than 16 MiB is refused before any of it has come', async () => {
  const limit = 16 * 1024 * 1024
  const { status, body } = await exchange([
    'POST /jobs/ HTTP/1.1',
    'Host: lab',
    await authorization(),
    'Content-Type: application/json',
    `Content-Length: ${limit + 1}`,
  ])
  expect({ status, body: JSON.parse(body) }).toEqual({
    status: 413,
    body: { detail: expect.stringContaining(String(limit)) },
  })
})
