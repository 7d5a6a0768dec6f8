// Changing one's own password.

import { beforeEach, expect, test } from 'bun:test'
import { withServer } from '../support/server'
import { signIn } from '../support/session'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const MISSING = answer(401, { detail: 'Authentication credentials were not provided.' })
const WRONG = answer(401, { detail: 'Invalid username/password.' })
const NOBODY = answer(200, { user: null, csrf_token: null, open: false, private: false })
const ADMIN = { id: 1, username: 'admin', role: 'administrator' }

beforeEach(() => server.setPassword('secret'))

const browser = () => signIn(server.stranger, 'admin', 'secret')

test('POST /auth/password/ changes the password, and ends all other sessions of the user', async () => {
  const { body } = await server.client.post('/users/', { username: 'bob', password: 'b' })
  const [own, other, bob] = [await browser(), await browser(), await signIn(server.stranger, 'bob', 'b')]
  const change = { current_password: 'secret', new_password: 'new' }
  expect(await own.post('/auth/password/', change)).toEqual(answer(204, null))
  expect((await own.get('/auth/me/')).body.user).toEqual(ADMIN)
  expect(await other.get('/auth/me/')).toEqual(NOBODY)
  expect((await bob.get('/auth/me/')).body.user).toEqual({ id: body.id, username: 'bob', role: 'member' })
  expect(await server.stranger.as('admin', 'secret').get('/jobs/')).toEqual(WRONG)
  expect((await server.stranger.as('admin', 'new').get('/jobs/')).status).toBe(200)
})

test('POST /auth/password/ says what is wrong with which field, and changes nothing', async () => {
  const client = await browser()
  const steps: [body: object, fields: Record<string, string>][] = [
    [{ current_password: 'wrong', new_password: 'new' }, { current_password: 'This is not your password.' }],
    [{}, { current_password: 'This field is required.', new_password: 'This field is required.' }],
    [{ current_password: 'secret', new_password: '' }, { new_password: 'This field may not be blank.' }],
    [
      { current_password: 'secret', new_password: 'x'.repeat(1025) },
      { new_password: 'Ensure this field has no more than 1024 characters.' },
    ],
  ]
  for (const [body, fields] of steps) {
    const sentences = Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, [text]]))
    expect(await client.post('/auth/password/', body)).toEqual(answer(400, sentences))
  }
  expect((await server.stranger.as('admin', 'secret').get('/jobs/')).status).toBe(200)
})

test('POST /auth/password/ is for somebody, by any credentials', async () => {
  const change = { current_password: 'secret', new_password: 'secret' }
  expect(await server.stranger.post('/auth/password/', change)).toEqual(MISSING)
  expect((await server.client.post('/auth/password/', change)).status).toBe(204)
  expect((await server.stranger.as('admin', 'secret').post('/auth/password/', change)).status).toBe(204)
})

test('a form of another site cannot change the password that the browser remembers', async () => {
  const form = new URLSearchParams({ current_password: 'secret', new_password: 'x' })
  const foreign = server.stranger.as('admin', 'secret').with({ 'sec-fetch-site': 'cross-site' })
  expect(await foreign.post('/auth/password/', form)).toEqual(
    answer(403, { detail: 'A page of another site sent this form: only a token may do that.' }),
  )
})

test('a password set by the command line ends the sessions of the user', async () => {
  const client = await browser()
  await server.setPassword('secret')
  expect(await client.get('/auth/me/')).toEqual(NOBODY)
})
