// Users, as administrators manage them.

import { expect, test } from 'bun:test'
import type { Client } from '../support/client'
import { withServer } from '../support/server'
import { signIn } from '../support/session'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const invalid = (field: string, sentence: string) => answer(400, { [field]: [sentence] })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const NOBODY = answer(200, { user: null, csrf_token: null, open: false, private: false })
const ADMIN = {
  id: 1,
  username: 'admin',
  email: '',
  role: 'administrator',
  disabled: false,
  created: '2026-11-24T12:00:00Z',
  has_password: false,
}
const BOB = { ...ADMIN, id: 2, username: 'bob', role: 'member' }

const long = (length: number) => 'x'.repeat(length)
const tooLong = (max: number) => `Ensure this field has no more than ${max} characters.`

const addUser = (user: object) => server.client.post('/users/', { username: 'bob', ...user })

/** Another administrator, with a password. */
async function addAnna(): Promise<Client> {
  await addUser({ username: 'anna', role: 'administrator', password: 'a' })
  return server.stranger.as('anna', 'a')
}

test('GET /users/ lists all users, a page at a time', async () => {
  await addUser({})
  expect(await server.client.get('/users/')).toEqual(
    answer(200, { count: 2, next: null, previous: null, results: [ADMIN, BOB] }),
  )
  expect(await server.client.get('/users/?page_size=1&page=2')).toEqual(
    answer(200, {
      count: 2,
      next: null,
      previous: `${server.origin}/users/?page_size=1`,
      results: [BOB],
    }),
  )
  expect(await server.client.get('/users/?page=2')).toEqual(NOT_FOUND)
})

test('POST /users/ adds a member without a password, unless told', async () => {
  const reply = await addUser({})
  expect(reply).toEqual(answer(201, BOB))
  expect(reply.headers.get('location')).toBe(`${server.origin}/users/2/`)
  expect(await server.client.get('/users/2/')).toEqual(answer(200, BOB))
})

test('POST /users/ takes an address, a role and a password, and as a form', async () => {
  const anna = { username: 'anna', email: 'a@example.com', role: 'administrator', password: 'p ü' }
  const reply = await server.client.post('/users/', new URLSearchParams(anna))
  const { password, ...shown } = anna
  expect(reply).toEqual(answer(201, { ...BOB, ...shown, has_password: true }))
  expect((await (await signIn(server.stranger, 'anna', 'p ü')).get('/users/')).status).toBe(200)
})

test.each([
  ['no username', {}, 'username', 'This field is required.'],
  ['a blank one', { username: '' }, 'username', 'This field may not be blank.'],
  ['one of 151 characters', { username: long(151) }, 'username', tooLong(150)],
  ['one that is taken', { username: 'admin' }, 'username', 'This field must be unique.'],
  ['an address of 255 characters', { username: 'x', email: long(255) }, 'email', tooLong(254)],
  ['an unknown role', { username: 'x', role: 'king' }, 'role', 'Object with name=king does not exist.'],
  ['no role', { username: 'x', role: null }, 'role', 'This field may not be null.'],
  ['a blank password', { username: 'x', password: '' }, 'password', 'This field may not be blank.'],
  ['a password of 1025 characters', { username: 'x', password: long(1025) }, 'password', tooLong(1024)],
])('POST /users/ refuses %s', async (_, body, field, sentence) => {
  expect(await server.client.post('/users/', body)).toEqual(invalid(field, sentence))
  expect((await server.client.get('/users/')).body.count).toBe(1)
})

test.each([
  ['a colon', 'a:b'],
  ['two lines', 'a\nb'],
  ['a NEL', 'a\u0085b'],
  ['a blank alone', ' '],
  ['a blank in front', ' a'],
  ['a blank behind', 'a '],
  ['a tabulator', 'a\tb'],
  ['a no-break space', 'a\u00a0b'],
  ['a wide blank', 'a\u3000b'],
  ['a zero-width space', 'ad\u200bmin'],
  ['a zero-width joiner', 'ad\u200dmin'],
  ['a soft hyphen', 'ad\u00admin'],
  ['a byte order mark', '\ufeffadmin'],
  ['an override of the direction', 'a\u202enimd'],
  ['an isolate of the direction', 'a\u2066dmin'],
  ['a mark of the direction', 'admin\u200f'],
  ['a line separator', 'a\u2028b'],
  ['a Hangul filler', 'admin\u3164'],
  ['a blank of Braille', 'admin\u2800'],
  ['a selector of variants', 'admin\ufe0f'],
  ['a tag', 'admin\u{e0061}'],
  ['what is of private use', 'a\ue000'],
])('POST /users/ refuses a name with %s', async (_, username) => {
  expect(await server.client.post('/users/', { username })).toEqual(
    invalid('username', 'A username has no colon, no invisible characters, and no blanks at its ends.'),
  )
  expect((await server.client.get('/users/')).body.count).toBe(1)
})

test.each(['a b', "o'neill@example.com", 'Zoë', '山田 太郎', 'Ελένη', 'عمر', '👩', '<b>&amp;'])(
  'POST /users/ takes the name %s',
  async (username) => {
    expect((await server.client.post('/users/', { username })).body.username).toBe(username)
  },
)

test('POST /users/ refuses the name of a disabled user', async () => {
  await addUser({})
  await server.client.patch('/users/2/', { disabled: true })
  expect(await addUser({})).toEqual(invalid('username', 'This field must be unique.'))
})

test('a username of 150 characters and a password of 1024 are taken', async () => {
  const [username, password] = ['𝕩'.repeat(150), 'x'.repeat(1024)]
  await addUser({ username, password })
  const { body } = await server.stranger.post('/auth/login/', { username, password })
  expect(body.user).toEqual({ id: 2, username, role: 'member' })
})

test('PATCH /users/ID/ changes what it names and keeps the rest, a name always', async () => {
  await addUser({ email: 'b@example.com' })
  const steps: [body: object, changed: object][] = [
    [{}, {}],
    [{ email: '' }, { email: '' }],
    [{ role: 'administrator' }, { role: 'administrator' }],
    [{ password: 'p' }, { has_password: true }],
    [{ disabled: true }, { disabled: true }],
    [{ disabled: 'false', username: 'other' }, { disabled: false }],
  ]
  let expected = { ...BOB, email: 'b@example.com' }
  for (const [body, changed] of steps) {
    expected = { ...expected, ...changed }
    expect(await server.client.patch('/users/2/', body)).toEqual(answer(200, expected))
    expect(await server.client.get('/users/2/')).toEqual(answer(200, expected))
  }
})

test.each([
  ['disabled', { disabled: 'maybe' }, 'Must be a valid boolean.'],
  ['disabled', { disabled: null }, 'This field may not be null.'],
  ['password', { password: null }, 'This field may not be null.'],
  ['role', { role: '' }, 'This field may not be null.'],
] as const)('PATCH /users/ID/ refuses a wrong %s: %p', async (field, body, sentence) => {
  await addUser({})
  expect(await server.client.patch('/users/2/', body)).toEqual(invalid(field, sentence))
  expect(await server.client.get('/users/2/')).toEqual(answer(200, BOB))
})

test.each(['/users/7/', '/users/0/', '/users/bob/', '/users/1e0/'])('%s names no user', async (path) => {
  expect(await server.client.get(path)).toEqual(NOT_FOUND)
  expect(await server.client.patch(path, { role: 'king' })).toEqual(NOT_FOUND)
})

test.each([{ password: 'new' }, { disabled: true }])(
  '%p ends the sessions of the user, and no others',
  async (change) => {
    await server.setPassword('secret')
    await addUser({ password: 'b' })
    const [admin, bob] = [
      await signIn(server.stranger, 'admin', 'secret'),
      await signIn(server.stranger, 'bob', 'b'),
    ]
    expect((await admin.patch('/users/2/', change)).status).toBe(200)
    expect(await bob.get('/auth/me/')).toEqual(NOBODY)
    expect((await admin.get('/auth/me/')).body.user.username).toBe('admin')
    // Enabled again, it stays ended.
    await admin.patch('/users/2/', { disabled: false })
    expect(await bob.get('/auth/me/')).toEqual(NOBODY)
  },
)

test('a change of address or role ends no session', async () => {
  await addUser({ password: 'b' })
  const bob = await signIn(server.stranger, 'bob', 'b')
  await server.client.patch('/users/2/', { email: 'b@example.com', role: 'administrator' })
  expect((await bob.get('/auth/me/')).body.user).toEqual({ id: 2, username: 'bob', role: 'administrator' })
})

test('a disabled user has no rights by password or token, and has them again when enabled', async () => {
  await addUser({ password: 'b' })
  const { token } = (await server.client.post('/users/2/tokens/', {})).body
  const clients = [server.stranger.as('bob', 'b'), server.stranger.with({ authorization: `Bearer ${token}` })]
  for (const [disabled, status] of [
    [false, 201],
    [true, 401],
    [false, 201],
  ] as const) {
    await server.client.patch('/users/2/', { disabled })
    for (const client of clients) expect((await client.post('/jobs/', {})).status).toBe(status)
  }
})

test.each([{ disabled: true }, { role: 'member' }])('nobody can do this to himself: %p', async (change) => {
  await addAnna()
  expect(await server.client.patch('/users/1/', { ...change, email: 'x' })).toEqual(
    answer(409, { detail: 'You cannot disable yourself or give up your role: another administrator can.' }),
  )
  expect(await server.client.get('/users/1/')).toEqual(answer(200, ADMIN))
})

test('an administrator may say of himself what is so already, and change the rest', async () => {
  const same = { disabled: false, role: 'administrator', email: 'a@example.com' }
  expect(await server.client.patch('/users/1/', same)).toEqual(
    answer(200, { ...ADMIN, email: 'a@example.com' }),
  )
})

test('of two administrators who demote each other at once, one is left', async () => {
  const anna = await addAnna()
  const replies = await Promise.all([
    server.client.patch('/users/2/', { role: 'member' }),
    anna.patch('/users/1/', { role: 'member' }),
  ])
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 403])
})

test('a member reads and writes', async () => {
  await addUser({ password: 'b' })
  const bob = server.stranger.as('bob', 'b')
  expect((await bob.post('/jobs/', { id: 'a1' })).status).toBe(201)
  expect((await bob.delete('/jobs/a1/')).status).toBe(204)
})
