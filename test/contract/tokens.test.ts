// Tokens of users, as they and administrators manage them.

import { expect, test } from 'bun:test'
import { recordTokenUse } from '../../src/auth/token-queries'
import { NOW, withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const HOUR = 3600 * 1_000_000

/** The first after the one that `server.client` bears. */
const TOKEN = {
  id: 2,
  label: '',
  role: 'member',
  created: '2026-11-24T12:00:00Z',
  expires: null,
  last_used: null,
}

async function makeToken(token: object = {}, user = 2) {
  await server.client.post('/users/', { username: 'bob' })
  return server.client.post(`/users/${user}/tokens/`, token)
}

const bearing = (token: string) => server.stranger.with({ authorization: `Bearer ${token}` })

test('POST /users/ID/tokens/ makes a token, and shows it this once', async () => {
  const reply = await makeToken()
  expect(reply).toEqual(answer(201, { ...TOKEN, token: expect.stringMatching(/^avocado_[\w-]{43}$/) }))
  const location = `${server.origin}/users/2/tokens/2/`
  expect(reply.headers.get('location')).toBe(location)
  expect(await server.client.get('/users/2/tokens/2/')).toEqual(answer(200, TOKEN))
  expect(await server.client.get('/users/2/tokens/')).toEqual(
    answer(200, { count: 1, next: null, previous: null, results: [TOKEN] }),
  )
  expect((await bearing(reply.body.token).get('/auth/me/')).body.user).toEqual({
    id: 2,
    username: 'bob',
    role: 'member',
  })
})

test('a token has a label and an end', async () => {
  const ends = { label: 'x'.repeat(150), expires: '2026-11-24T13:00:00+01:00' }
  expect(await makeToken({ ...ends, expires: '2026-11-24T12:00:00.000001Z' })).toEqual(
    answer(201, {
      ...TOKEN,
      label: ends.label,
      expires: '2026-11-24T12:00:00.000001Z',
      token: expect.any(String),
    }),
  )
  expect(await makeToken(ends)).toEqual(answer(400, { expires: ['This time has passed.'] }))
})

test.each([null, ''])('a token whose end is %p never expires', async (expires) => {
  expect((await makeToken({ expires })).body.expires).toBeNull()
})

test.each([
  ['label', 'x'.repeat(151), 'Ensure this field has no more than 150 characters.'],
  ['label', null, 'This field may not be null.'],
  [
    'expires',
    '2026-11-24',
    'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
  ],
])('POST /users/ID/tokens/ refuses a wrong %s', async (field, value, sentence) => {
  expect(await makeToken({ [field]: value })).toEqual(answer(400, { [field]: [sentence] }))
  expect((await server.client.get('/users/2/tokens/')).body.count).toBe(0)
})

test('a disabled user gets no token', async () => {
  await makeToken()
  await server.client.patch('/users/2/', { disabled: true })
  expect(await server.client.post('/users/2/tokens/', { label: null })).toEqual(
    answer(409, { detail: 'This user is disabled, and so would be the token: enable it first.' }),
  )
})

test('DELETE /users/ID/tokens/TID/ ends a token at once, and no other', async () => {
  const [ended, other] = [await makeToken(), await makeToken()]
  expect((await bearing(ended.body.token).post('/jobs/', {})).status).toBe(201)
  expect(await server.client.delete('/users/2/tokens/2/')).toEqual(answer(204, null))
  expect(await bearing(ended.body.token).get('/jobs/')).toEqual(answer(401, { detail: 'Invalid token.' }))
  expect((await bearing(other.body.token).post('/jobs/', {})).status).toBe(201)
  expect(await server.client.delete('/users/2/tokens/2/')).toEqual(NOT_FOUND)
})

test.each([
  '/users/1/tokens/2/',
  '/users/2/tokens/1/',
  '/users/2/tokens/7/',
  '/users/7/tokens/2/',
  '/users/2/tokens/x/',
])('%s names no token of this user', async (path) => {
  const { token } = (await makeToken()).body
  expect(await server.client.get(path)).toEqual(NOT_FOUND)
  expect(await server.client.delete(path)).toEqual(NOT_FOUND)
  expect((await bearing(token).get('/jobs/')).status).toBe(200)
  expect((await server.client.get('/jobs/')).status).toBe(200)
})

test.each(['/users/7/tokens/', '/users/bob/tokens/'])('%s names no user', async (path) => {
  expect(await server.client.get(path)).toEqual(NOT_FOUND)
  expect(await server.client.post(path, { label: null })).toEqual(NOT_FOUND)
})

test('tokens come a page at a time', async () => {
  for (const label of ['a', 'b', 'c']) await makeToken({ label })
  const { body } = await server.client.get('/users/2/tokens/?page_size=2')
  expect(body).toEqual({
    count: 3,
    next: `${server.origin}/users/2/tokens/?page_size=2&page=2`,
    previous: null,
    results: [
      { ...TOKEN, label: 'a' },
      { ...TOKEN, id: 3, label: 'b' },
    ],
  })
})

/** When the token 2 was last used; what is still to be noted is on disk by then. */
async function lastUsed(): Promise<string | null> {
  await server.makeJob()
  return (await server.client.get('/users/2/tokens/2/')).body.last_used
}

test('a token knows when it was last used', async () => {
  const { token } = (await makeToken()).body
  expect(await lastUsed()).toBeNull()
  await bearing(token).get('/jobs/')
  expect(await lastUsed()).toBe('2026-11-24T12:00:00Z')
})

test.each([
  [HOUR - 1, '2026-11-24T11:00:00.000001Z'],
  [HOUR, '2026-11-24T12:00:00Z'],
])('the use of a token is noted once an hour: after %d microseconds it is %s', async (ago, noted) => {
  const { token } = (await makeToken()).body
  await server.database.write(recordTokenUse, { id: 2, now: NOW - ago })
  await Promise.all(Array.from({ length: 5 }, () => bearing(token).get('/jobs/')))
  expect(await lastUsed()).toBe(noted)
})

test('a token that is refused was not used', async () => {
  const { token } = (await makeToken()).body
  await server.client.patch('/users/2/', { disabled: true })
  expect((await bearing(token).get('/jobs/')).status).toBe(401)
  expect(await lastUsed()).toBeNull()
})
