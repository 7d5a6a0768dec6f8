// Signing in and out, and who is signed in.

import { beforeEach, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import pino from 'pino'
import { hashToken } from '../../src/auth/credentials'
import { findUser } from '../../src/auth/queries'
import { addSession } from '../../src/auth/session-queries'
import { createApp } from '../../src/server/app'
import { createServices } from '../../src/server/services'
import { dynamicQuery, tables } from '../../src/storage/query'
import { ownQuery } from '../support/own-query'
import { ACT, NOW, withServer } from '../support/server'
import { asBrowser, browserUntil, cookieOf, signIn } from '../support/session'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const WRONG = answer(401, { detail: 'Invalid username/password.' })
const NOBODY = answer(200, { user: null, csrf_token: null, open: false, private: false })
const ADMIN = { id: 1, username: 'admin', role: 'administrator' }
const FOURTEEN_DAYS = 14 * 24 * 3600
const CREDENTIALS = { username: 'admin', password: 'secret' }

beforeEach(() => server.setPassword('secret'))

const login = () => server.stranger.post('/auth/login/', CREDENTIALS)
const browser = () => signIn(server.stranger, 'admin', 'secret')

const allSessions = dynamicQuery('allSessions')(() =>
  tables.selectFrom('session').select(['user', 'hash', 'created_at', 'expires_at']),
)
const storedSessions = async () =>
  (await server.database.read(ownQuery((connection) => connection.all(allSessions, {})))).map(
    ({ hash, ...row }) => ({
      ...row,
      hash: Buffer.from(hash).toString('hex'),
    }),
  )

test.each([
  ['JSON', () => CREDENTIALS],
  ['a form', () => new URLSearchParams(CREDENTIALS)],
])('POST /auth/login/ with %s answers who it is, and sets the cookie', async (_, body) => {
  const reply = await server.stranger.post('/auth/login/', body())
  expect(reply).toEqual(
    answer(200, {
      user: ADMIN,
      csrf_token: expect.stringMatching(/^[\w-]{43}$/),
      open: false,
      private: false,
    }),
  )
  const [cookie = '', ...others] = reply.headers.getSetCookie()
  expect(others).toEqual([])
  const [pair, ...attributes] = cookie.split('; ')
  expect(pair).toMatch(/^avocado_session=[\w-]{43}$/)
  expect(attributes.sort()).toEqual(['HttpOnly', `Max-Age=${FOURTEEN_DAYS}`, 'Path=/', 'SameSite=Strict'])
})

test('the cookie is Secure when the request came by https', async () => {
  const { database, files, diskSpace, config } = server
  const app = createApp(
    createServices({ database, files, diskSpace, config, clock: () => NOW, log: pino({ level: 'silent' }) }),
  )
  const request = new Request('https://localhost/auth/login/', {
    method: 'POST',
    body: JSON.stringify(CREDENTIALS),
    headers: { 'content-type': 'application/json' },
  })
  const [cookie = ''] = (await app.fetch(request)).headers.getSetCookie()
  expect(cookie.split('; ')).toContain('Secure')
})

test('of the secret in the cookie the SHA-256 is stored, for 14 days', async () => {
  const secret = cookieOf(await login()).replace('avocado_session=', '')
  const hash = createHash('sha256').update(secret).digest('hex')
  const expires_at = NOW + FOURTEEN_DAYS * 1_000_000
  expect(await storedSessions()).toEqual([{ user: 1, hash, created_at: NOW, expires_at }])
})

test('two browsers have secrets and tokens of their own', async () => {
  const [one, other] = [await login(), await login()]
  expect(cookieOf(one)).not.toBe(cookieOf(other))
  expect(one.body.csrf_token).not.toBe(other.body.csrf_token)
})

test.each([
  ['a wrong password', { username: 'admin', password: 'wrong' }],
  ['an unknown user', { username: 'nobody', password: 'secret' }],
  ['a user without a password', { username: 'passwordless', password: 'secret' }],
  ['a disabled user', { username: 'disabled', password: 'secret' }],
])('%s is 401, without the password box of the browser', async (_, credentials) => {
  await server.client.post('/users/', { username: 'passwordless' })
  const { body } = await server.client.post('/users/', { username: 'disabled', password: 'secret' })
  await server.client.patch(`/users/${body.id}/`, { disabled: true })
  const reply = await server.stranger.post('/auth/login/', credentials)
  expect(reply).toEqual(WRONG)
  expect(reply.headers.has('www-authenticate')).toBe(false)
  expect(reply.headers.getSetCookie()).toEqual([])
})

test('a password that is right, and another one before the session is stored: no session', async () => {
  const old =
    (await server.database.read(ownQuery((connection) => findUser(connection, 'admin'))))?.passwordHash ?? ''
  await server.setPassword('new')
  const session = { user: 1, passwordHash: old, hash: hashToken('s'), actor: ACT, expires: NOW + 1 }
  expect(await server.database.write(addSession, { ...session, replaced: null })).toBe(false)
  expect(await storedSessions()).toEqual([])
})

test('POST /auth/login/ names the fields that are missing or blank', async () => {
  const required = ['This field is required.']
  expect(await server.stranger.post('/auth/login/', {})).toEqual(
    answer(400, { username: required, password: required }),
  )
  expect(await server.stranger.post('/auth/login/', { username: 'admin', password: '' })).toEqual(
    answer(400, { password: ['This field may not be blank.'] }),
  )
})

test.each([
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'http://example.com' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'null' },
])('POST /auth/login/ is refused from a page of another site: %p', async (headers) => {
  for (const body of [CREDENTIALS, new URLSearchParams(CREDENTIALS)]) {
    const reply = await server.stranger.with(headers).post('/auth/login/', body)
    expect(reply).toEqual(
      answer(403, { detail: 'A page of another site sent this: sign in on a page of this server.' }),
    )
    expect(reply.headers.getSetCookie()).toEqual([])
  }
})

test('POST /auth/login/ is taken from our own pages, and from no page at all', async () => {
  const { host } = new URL(server.origin)
  for (const headers of [
    { 'sec-fetch-site': 'same-origin', origin: server.origin },
    { 'sec-fetch-site': 'none' },
    { origin: server.origin },
    { origin: `https://${host}` }, // behind a proxy that speaks TLS
  ]) {
    const { status } = await server.stranger
      .with(headers as Record<string, string>)
      .post('/auth/login/', CREDENTIALS)
    expect([headers, status]).toEqual([headers, 200])
  }
})

test('who signs in again needs no token for it, and the former session of the browser ends', async () => {
  const first = await login()
  const again = await server.stranger.with({ cookie: cookieOf(first) }).post('/auth/login/', CREDENTIALS)
  expect(again.status).toBe(200)
  expect(await asBrowser(server.stranger, first).get('/auth/me/')).toEqual(NOBODY)
  expect((await asBrowser(server.stranger, again).get('/auth/me/')).body.user).toEqual(ADMIN)
})

test('expired sessions are forgotten when somebody signs in', async () => {
  await browserUntil(server, NOW)
  await browserUntil(server, NOW + 1)
  await login()
  expect((await storedSessions()).map(({ expires_at }) => expires_at)).toEqual([
    NOW + 1,
    NOW + FOURTEEN_DAYS * 1_000_000,
  ])
})

test('POST /auth/logout/ ends the session and takes the cookie away', async () => {
  const [leaving, staying] = [await browser(), await browser()]
  const reply = await leaving.post('/auth/logout/')
  expect(reply).toEqual(answer(204, null))
  expect(reply.headers.getSetCookie()).toEqual([
    'avocado_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
  ])
  expect(await leaving.get('/auth/me/')).toEqual(NOBODY)
  expect((await staying.get('/auth/me/')).body.user).toEqual(ADMIN)
  expect(await storedSessions()).toHaveLength(1)
})

test('POST /auth/logout/ is 204 for nobody, and takes away only a cookie that was sent', async () => {
  const nobody = await server.stranger.post('/auth/logout/')
  expect(nobody).toEqual(answer(204, null))
  expect(nobody.headers.getSetCookie()).toEqual([])
  const stale = await server.stranger.with({ cookie: 'avocado_session=x' }).post('/auth/logout/')
  expect(stale).toEqual(answer(204, null))
  expect(cookieOf(stale)).toBe('avocado_session=')
})

test('GET /auth/me/ answers who asks, and a token only to a session', async () => {
  const me = { user: ADMIN, csrf_token: null, open: false, private: false }
  expect(await server.stranger.get('/auth/me/')).toEqual(NOBODY)
  expect(await server.client.get('/auth/me/')).toEqual(answer(200, me))
  expect(await server.stranger.as('admin', 'secret').get('/auth/me/')).toEqual(answer(200, me))
  const { body, headers } = await login()
  const reply = await server.stranger
    .with({ cookie: cookieOf({ status: 200, body, headers }) })
    .get('/auth/me/')
  expect(reply).toEqual(answer(200, { ...me, csrf_token: body.csrf_token }))
})

test.each([
  ['GET', '/auth/me/', 200],
  ['GET', '/auth/me', 200],
  ['HEAD', '/auth/me/', 200],
  ['POST', '/auth/login/', 400],
  ['POST', '/auth/logout/', 204],
  ['POST', '/auth/password/', 401],
  ['PUT', '/auth/login/', 405],
  ['GET', '/auth/nowhere/', 404],
])('%s %s is kept by no cache: %d', async (method, path, status) => {
  const reply = await server.stranger.send(method, path)
  expect([reply.status, reply.headers.get('cache-control')]).toEqual([status, 'no-store'])
})
