// What a browser that is signed in may do, and what other pages cannot make it do.

import { beforeEach, expect, test } from 'bun:test'
import { defineWrite } from '../../src/storage/database'
import { dynamicQuery, tables } from '../../src/storage/query'
import { ownQuery } from '../support/own-query'
import { NOW, withServer } from '../support/server'
import { browserUntil, cookieOf, signIn } from '../support/session'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const MISSING = answer(401, { detail: 'Authentication credentials were not provided.' })
const WRONG = answer(401, { detail: 'Invalid username/password.' })
const RELOAD_SENTENCE = 'X-CSRF-Token is missing or of another session: reload the page and try again.'
const RELOAD = answer(403, { detail: RELOAD_SENTENCE })
const NOBODY = answer(200, { user: null, csrf_token: null, open: false, private: false })
const ADMIN = { id: 1, username: 'admin', role: 'administrator' }

beforeEach(() => server.setPassword('secret'))

const login = () => server.stranger.post('/auth/login/', { username: 'admin', password: 'secret' })

test('a signed-in browser writes, and what it stores is its own', async () => {
  expect((await (await signIn(server.stranger, 'admin', 'secret')).post('/jobs/', { id: 'a1' })).status).toBe(
    201,
  )
  const authors = dynamicQuery('authors')(() => tables.selectFrom('job').select(['id', 'created_by']))
  expect(await server.database.read(ownQuery((connection) => connection.all(authors, {})))).toEqual([
    { id: 'a1', created_by: 1 },
  ])
})

test('the cookie is found among others', async () => {
  const reply = await login()
  const client = server.stranger.with({ cookie: `a=%zz; ${cookieOf(reply)}; b=1` })
  expect((await client.get('/auth/me/')).body.user).toEqual(ADMIN)
})

const changes: [method: string, path: string][] = [
  ['POST', '/jobs/'],
  ['PUT', '/jobs/a1/'],
  ['PATCH', '/jobs/a1/'],
  ['DELETE', '/jobs/a1'],
  ['POST', '/imports/'],
  ['PUT', '/jobstatuses/'],
  ['POST', '/users/'],
  ['POST', '/auth/logout/'],
  ['POST', '/auth/password/'],
]

test.each(changes)('%s %s by cookie wants the token of the session', async (method, path) => {
  await server.makeJob({ id: 'a1' })
  const [reply, other] = [await login(), await login()]
  const client = server.stranger.with({ cookie: cookieOf(reply) })
  expect(await client.send(method, path, {})).toEqual(RELOAD)
  for (const token of ['', 'x', `${reply.body.csrf_token}x`, other.body.csrf_token]) {
    expect(await client.with({ 'x-csrf-token': token }).send(method, path, {})).toEqual(RELOAD)
  }
  expect((await client.get('/auth/me/')).body.user).toEqual(ADMIN)
  expect((await client.get('/jobs/a1/')).status).toBe(200)
})

test('a result of ResultsDB by cookie wants the token of the session, too', async () => {
  const reply = await server.stranger
    .with({ cookie: cookieOf(await login()) })
    .post('/api/v2.0/groups', { description: 'g' })
  expect(reply).toEqual(answer(403, { message: RELOAD_SENTENCE }))
})

test('reading by cookie wants no token', async () => {
  const client = server.stranger.with({ cookie: cookieOf(await login()) })
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    expect([method, (await client.send(method, '/users/')).status]).toEqual([method, 200])
  }
})

test('a request with an Authorization header is judged by that, not by the cookie', async () => {
  const client = server.stranger.with({ cookie: cookieOf(await login()) })
  expect(await client.as('admin', 'wrong').get('/jobs/')).toEqual(WRONG)
  expect((await client.as('admin', 'secret').post('/jobs/', {})).status).toBe(201)
  expect((await server.client.with({ cookie: 'avocado_session=x' }).post('/jobs/', {})).status).toBe(201)
  expect(await client.with({ authorization: 'Digest x' }).get('/auth/me/')).toEqual(NOBODY)
})

test('a session is good until it expires, and not then', async () => {
  expect((await (await browserUntil(server, NOW + 1)).get('/auth/me/')).body.user).toEqual(ADMIN)
  expect(await (await browserUntil(server, NOW)).get('/auth/me/')).toEqual(NOBODY)
})

test('the session of somebody whom another program disabled in the database is nobody', async () => {
  const client = await browserUntil(server, NOW + 1)
  const disable = dynamicQuery('disable')(() => tables.updateTable('user').set({ disabled: 1 }))
  await server.database.write(
    defineWrite('disable', (connection) => connection.run(disable, {})),
    null,
  )
  expect(await client.get('/auth/me/')).toEqual(NOBODY)
})

test.each([
  ['unknown', 'avocado_session=x'],
  ['empty', 'avocado_session='],
  ['not percent-encoded', 'avocado_session=%zz'],
])('with a cookie that is %s the sender is nobody, and that alone is no failure', async (_, cookie) => {
  const client = server.stranger.with({ cookie, 'x-csrf-token': 'x' })
  expect(await client.get('/auth/me/')).toEqual(NOBODY)
  expect((await client.get('/jobs/')).status).toBe(200)
  expect(await client.post('/jobs/', {})).toEqual(MISSING)
})

test('our own pages get no WWW-Authenticate, where there is no Sec-Fetch-Site, either', async () => {
  const own = await server.stranger.with({ 'x-csrf-token': '' }).post('/jobs/', {})
  expect(own).toEqual(MISSING)
  expect(own.headers.has('www-authenticate')).toBe(false)
})
