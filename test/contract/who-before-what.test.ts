// Who sends a body is known before more than 4 KiB of it are looked at, on every route, and it has to stay so while the
// body comes.

import { expect, test } from 'bun:test'
import { hashToken, makeToken } from '../../src/auth/credentials'
import { addUser } from '../../src/auth/queries'
import { addToken, deleteToken } from '../../src/auth/token-queries'
import type { Role } from '../../src/lib/roles'
import { ApiDocument, type Operation } from '../support/fuzz/document'
import { RawRequest } from '../support/raw-request'
import { ACT, cheapHash, NOW, withServer } from '../support/server'

const server = withServer()
/** What may be looked at of a body before it is known who sent it. */
const KNOWN_BY = 4096
const PIECE = 512
const API = '/api/v2.0'

/** A user with this role. @returns the header by which a token of that user is sent */
async function userWith(role: Role, expires: number | null = null) {
  await server.database.write(addUser, {
    ...{ username: 'bob', email: '', role, actor: ACT },
    hash: await cheapHash('secret of bob'),
  })
  return tokenOfBob(expires)
}

async function tokenOfBob(expires: number | null = null) {
  const token = makeToken()
  const row = { username: 'bob', label: '', hash: hashToken(token), expires, actor: ACT }
  const { id } = await server.database.write(addToken, row)
  return { token, id, authorization: `Bearer ${token}` }
}

function pathOf({ template }: Operation): string {
  return template.replace(/\{\w+\}/g, '1')
}

/** Everything that takes a body, imports among them. */
async function operationsWithBody(): Promise<Operation[]> {
  const { operations } = await ApiDocument.of(server.origin)
  return operations.filter(({ method, bodies }) => method !== 'GET' && Object.keys(bodies).length > 0)
}

/** Sends pieces of a body without an end until an answer comes. */
async function sendUntilAnswered(request: RawRequest, send: (piece: string) => void) {
  const beginning = '{"description": "'
  send(beginning)
  let sent = beginning.length
  while (!request.isAnswered && sent < 4 * KNOWN_BY) {
    await Bun.sleep(2)
    if (request.isAnswered) break
    send('x'.repeat(PIECE))
    sent += PIECE
  }
  const answer = await request.answer()
  return { status: answer?.status ?? 0, sent }
}

const headers = { 'content-type': 'application/json' }
/** Signing in has no right but what the body says: more than that it cannot be. */
const expected = (path: string, status: number) => (path === '/auth/login/' ? 413 : status)

test('a body without an end and without rights is answered when 4 KiB of it have come, on every route', async () => {
  const { authorization } = await userWith('reader')
  const operations = await operationsWithBody()
  expect(operations.map(pathOf)).toContain('/imports/')
  for (const operation of operations) {
    const { method } = operation
    const path = pathOf(operation)
    for (const [who, status] of [
      [{}, 401],
      [{ authorization }, 403],
    ] as const) {
      // One's own password, tokens and mark of what was looked at are a reader's, too.
      if (status === 403 && /^\/(auth\/(login|password)|triage\/looked)\//.test(path)) continue
      using chunked = await RawRequest.begin(server.origin, method, path, {
        ...{ ...headers, ...who, 'transfer-encoding': 'chunked' },
      })
      const slow = await sendUntilAnswered(chunked, (piece) => chunked.sendChunk(piece))
      expect([method, path, slow.status]).toEqual([method, path, expected(path, status)])
      // What was on its way when the answer left.
      expect(slow.sent).toBeLessThanOrEqual(KNOWN_BY + 4 * PIECE)
      using announced = await RawRequest.begin(server.origin, method, path, {
        ...{ ...headers, ...who, 'content-length': String(2 ** 30) },
      })
      announced.send(`{"description": "${'x'.repeat(KNOWN_BY - 17)}`)
      expect([method, path, (await announced.answer())?.status]).toEqual([
        method,
        path,
        expected(path, status),
      ])
    }
  }
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
}, 60_000)

const long = 'y'.repeat(3 * KNOWN_BY)

test.each([
  [
    'in front',
    (token: string | null) =>
      `{"_auth_token": "${token}", "uuid": "a1", "description": null, "x": "${long}"}`,
    201,
  ],
  [
    'in the first 4 KiB, deeper things before it',
    (token: string | null) =>
      `{"data": {"_auth_token": "no", "a": ["]", {"b\\"": 1}]}, "_auth_token": "${token}", "uuid": "a1", "x": "${long}"}`,
    201,
  ],
  [
    'behind the first 4 KiB',
    (token: string | null) => `{"uuid": "a1", "x": "${long}", "_auth_token": "${token}"}`,
    401,
  ],
  [
    'below another field',
    (token: string | null) => `{"uuid": "a1", "data": {"_auth_token": "${token}"}, "x": "${long}"}`,
    401,
  ],
  ['at the end of a short body', (token: string | null) => `{"uuid": "a1", "_auth_token": "${token}"}`, 201],
  ['wrong', () => `{"_auth_token": "avocado_wrong", "uuid": "a1", "x": "${long}"}`, 401],
  [
    'right in front and wrong at the end',
    (token: string | null) =>
      `{"_auth_token": "${token}", "uuid": "a1", "x": "${long}", "_auth_token": "wrong"}`,
    401,
  ],
])('a token in the body of ResultsDB is taken where it can be found: %s', async (_, body, status) => {
  const { token } = await userWith('reporter')
  const init = { body: body(token), headers }
  expect((await server.stranger.request('POST', `${API}/groups`, init)).status).toBe(status)
})

test('a form of ResultsDB may have its token in the first 4 KiB, too', async () => {
  const { token } = await userWith('reporter')
  const post = (...fields: [string, string][]) =>
    server.stranger.post(`${API}/groups`, new URLSearchParams(fields))
  const id: [string, string] = ['uuid', 'a1']
  expect((await post(['_auth_token', token], id, ['x', long])).status).toBe(201)
  expect((await post(id, ['x', long], ['_auth_token', token])).status).toBe(401)
  expect((await post(id, ['_auth_token', token])).status).toBe(201)
})

test('the stock client, whose long body ends with no token, sends its password in the head', async () => {
  await userWith('reporter')
  const body = { outcome: 'FAILED', testcase: 'a', groups: ['a1'], note: long, data: {}, _auth_token: null }
  const { status } = await server.stranger.as('bob', 'secret of bob').post(`${API}/results`, body)
  expect(status).toBe(201)
})

test('a long body of ResultsDB without credentials is told where to put them', async () => {
  const { status, body } = await server.stranger.post(`${API}/groups`, {
    uuid: 'a1',
    x: long,
    _auth_token: null,
  })
  expect([status, body.message]).toEqual([
    401,
    'Authentication credentials were not provided. Send them in the header Authorization, or a token as _auth_token in the first 4096 bytes of the body.',
  ])
})

test('a form of another site is taken only where its token says who sent it', async () => {
  const { token } = await userWith('reporter')
  const form = (_auth_token: string) => new URLSearchParams({ uuid: 'a1', _auth_token })
  const foreign = { 'sec-fetch-site': 'cross-site' }
  const browser = server.stranger.as('bob', 'secret of bob').with(foreign)
  // The password that the browser remembers has said who it is.
  for (const text of ['anything', '', token]) {
    expect((await browser.post(`${API}/groups`, form(text))).status).toBe(403)
  }
  expect((await server.stranger.with(foreign).post(`${API}/groups`, form('anything'))).status).toBe(401)
  expect((await server.stranger.with(foreign).post(`${API}/groups`, form(token))).status).toBe(201)
})

/** Each ends the right of bob, who is a member, to send what he is sending. */
const endings: [string, (bob: { id: number; expires: number }) => Promise<unknown> | unknown, number][] = [
  ['the token is deleted', ({ id }) => server.database.write(deleteToken, { id, actor: ACT }), 401],
  ['the user is disabled', () => server.client.patch('/users/2/', { disabled: true }), 401],
  [
    'the token expires',
    ({ expires }) => {
      server.now = expires
    },
    401,
  ],
  ['the role is lowered', () => server.client.patch('/users/2/', { role: 'reader' }), 403],
]

const lines = (id: string) => `${JSON.stringify({ id, tests: [{ tag: 'a' }] })}\n`
const uploads: [string, string, string, string][] = [
  ['POST', '/jobs/', '{"id": "a1", ', '"tests": []}'],
  ['POST', '/imports/?format=ndjson', ' ', lines('a1')],
  ['POST', '/imports/?format=tap', 'TAP version 13\n', '1..1\nok 1 a\n'],
  ['POST', `${API}/groups`, '{"uuid": "a1", ', '"description": null}'],
  ['PATCH', '/jobs/old/', '{"description": ', '"changed"}'],
]

test.each(endings)(
  '%s during an upload: nothing of it is stored',
  async (_, end, status) => {
    const expires = NOW + 3_600_000_000
    const first = await userWith('member')
    await server.makeJob({ id: 'old', description: 'as it was' })
    for (const isChunked of [true, false]) {
      for (const [method, path, beginning, rest] of uploads) {
        await server.client.patch('/users/2/', { disabled: false, role: 'member' })
        server.now = NOW
        const { id, authorization } = await tokenOfBob(expires)
        const length = { 'content-length': String(beginning.length + rest.length) }
        using request = await RawRequest.begin(server.origin, method, path, {
          ...{ ...headers, authorization },
          ...(isChunked ? { 'transfer-encoding': 'chunked' } : length),
        })
        const send = (text: string) => (isChunked ? request.sendChunk(text) : request.send(text))
        send(beginning)
        await Bun.sleep(20) // the route has begun to read
        await end({ id, expires })
        send(rest)
        if (isChunked) request.send('0\r\n\r\n')
        expect([method, path, isChunked, (await request.answer())?.status]).toEqual([
          method,
          path,
          isChunked,
          status,
        ])
      }
    }
    expect((await server.stranger.get('/jobs/')).body.results).toEqual([
      expect.objectContaining({ id: 'old', description: 'as it was' }),
    ])
    expect(first.id).toBeGreaterThan(0)
  },
  30_000,
)

test('a session that ends during an upload ends the upload', async () => {
  await userWith('member')
  const signedIn = await server.stranger.post('/auth/login/', { username: 'bob', password: 'secret of bob' })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] as string
  const browser = { ...headers, cookie, 'x-csrf-token': signedIn.body.csrf_token as string }
  using request = await RawRequest.begin(server.origin, 'POST', '/jobs/', {
    ...browser,
    'content-length': '12',
  })
  request.send('{"id": ')
  await Bun.sleep(20)
  expect((await server.stranger.with(browser).post('/auth/logout/')).status).toBe(204)
  request.send('"a1"}')
  expect((await request.answer())?.status).toBe(401)
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})

test('a password that is changed during an upload ends the upload, and other changes of the user do not', async () => {
  await userWith('member')
  const authorization = `Basic ${btoa('bob:secret of bob')}`
  const upload = async (id: string, change: object) => {
    using request = await RawRequest.begin(server.origin, 'POST', '/jobs/', {
      ...{ ...headers, authorization, 'content-length': '12' },
    })
    request.send('{"id": ')
    await Bun.sleep(200) // argon2 takes its time
    expect((await server.client.patch('/users/2/', change)).status).toBe(200)
    request.send(`"${id}"}`)
    return (await request.answer())?.status
  }
  expect(await upload('a1', { email: 'bob@example.com' })).toBe(201)
  expect(await upload('a2', { role: 'administrator' })).toBe(201)
  expect(await upload('a3', { password: 'another secret' })).toBe(401)
})
