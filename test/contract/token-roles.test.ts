// What a token may do, and who makes it: everybody for himself, with no more than he may do himself.

import { expect, test } from 'bun:test'
import { roleNames } from '../../src/lib/roles'
import type { Client } from '../support/client'
import { withServer } from '../support/server'
import { signIn } from '../support/session'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const DENIED = answer(403, { detail: 'You do not have permission to perform this action.' })
const BY_TOKEN = answer(403, { detail: 'A token manages no tokens: sign in, or send your password.' })

const bearing = (token: string) => server.stranger.with({ authorization: `Bearer ${token}` })

/** User 2, with a password. */
async function addBob(role: string): Promise<Client> {
  await server.client.post('/users/', { username: 'bob', role, password: 'b' })
  return server.stranger.as('bob', 'b')
}

test.each(roleNames.slice(1))(
  'a %s makes, lists and ends tokens of his own, and of nobody else',
  async (role) => {
    const bob = await addBob(role)
    const made = await bob.post('/users/2/tokens/', { label: 'lab' })
    expect({ status: made.status, role: made.body.role }).toEqual({ status: 201, role })
    const { token, ...shown } = made.body
    expect((await bob.get('/users/2/tokens/')).body.results).toEqual([shown])
    expect(await bob.get('/users/2/tokens/2/')).toEqual(answer(200, shown))
    expect((await bearing(token).get('/auth/me/')).body.user).toEqual({ id: 2, username: 'bob', role })
    for (const path of ['/users/1/tokens/', '/users/7/tokens/', '/users/02/tokens/']) {
      expect(await bob.get(path)).toEqual(DENIED)
      expect(await bob.post(path, {})).toEqual(DENIED)
    }
    expect(await bob.delete('/users/1/tokens/1/')).toEqual(DENIED)
    expect(await bob.delete('/users/2/tokens/1/')).toEqual(answer(404, { detail: 'Not found' }))
    expect(await bob.delete('/users/2/tokens/2/')).toEqual(answer(204, null))
    expect((await bearing(token).get('/auth/me/')).status).toBe(401)
  },
)

test('somebody who is signed in in a browser manages his tokens with the header that shows it', async () => {
  await addBob('member')
  const browser = await signIn(server.stranger, 'bob', 'b')
  expect((await browser.post('/users/2/tokens/', { role: 'reporter' })).body.role).toBe('reporter')
  const without = browser.with({ 'x-csrf-token': '' })
  expect((await without.post('/users/2/tokens/', {})).status).toBe(403)
  expect((await without.delete('/users/2/tokens/2/')).status).toBe(403)
})

test('a token manages no tokens, but that of an administrator', async () => {
  const bob = await addBob('administrator')
  const reporter = bearing((await bob.post('/users/2/tokens/', { role: 'reporter' })).body.token)
  expect(await reporter.get('/users/2/tokens/')).toEqual(BY_TOKEN)
  expect(await reporter.post('/users/2/tokens/', {})).toEqual(BY_TOKEN)
  expect(await reporter.delete('/users/2/tokens/2/')).toEqual(BY_TOKEN)
  expect(await reporter.get('/users/')).toEqual(DENIED)
  const whole = bearing((await bob.post('/users/2/tokens/', {})).body.token)
  expect((await whole.post('/users/1/tokens/', {})).status).toBe(201)
})

test.each([
  ['reader', 'reporter'],
  ['reporter', 'member'],
  ['member', 'administrator'],
])('of a %s no token is %s', async (role, more) => {
  const bob = await addBob(role)
  const refused = answer(400, { role: [`A token of bob is ${role} at most, as the user is.`] })
  expect(await bob.post('/users/2/tokens/', { role: more })).toEqual(refused)
  expect(await server.client.post('/users/2/tokens/', { role: more })).toEqual(refused)
})

test('POST /users/ID/tokens/ refuses a role that is none', async () => {
  const refused = answer(400, { role: ['Object with name=root does not exist.'] })
  expect(await server.client.post('/users/1/tokens/', { role: 'root' })).toEqual(refused)
})

test('a token is worth what it was made for, and no more than its user is now', async () => {
  const bob = await addBob('member')
  const member = bearing((await bob.post('/users/2/tokens/', {})).body.token)
  const reporter = bearing((await bob.post('/users/2/tokens/', { role: 'reporter' })).body.token)
  const rolesNow = async () => [
    (await member.get('/auth/me/')).body.user.role,
    (await reporter.get('/auth/me/')).body.user.role,
    (await server.client.get('/users/2/tokens/')).body.results.map(({ role }: { role: string }) => role),
  ]
  for (const [role, ...worth] of [
    ['administrator', 'member', 'reporter'],
    ['reporter', 'reporter', 'reporter'],
    ['reader', 'reader', 'reader'],
    ['member', 'member', 'reporter'],
  ]) {
    await server.client.patch('/users/2/', { role })
    expect(await rolesNow()).toEqual([...worth, worth])
  }
})

test("a reporter's token adds a job and what is below it, and deletes nothing", async () => {
  const bob = await addBob('member')
  const lab = bearing((await bob.post('/users/2/tokens/', { role: 'reporter' })).body.token)
  expect((await lab.post('/jobs/', { id: 'a1' })).status).toBe(201)
  expect((await lab.post('/jobs/a1/tests/', { tag: 't', status: 'PASS' })).status).toBe(200)
  expect((await lab.patch('/jobs/a1/', { status: 'PASS' })).status).toBe(200)
  expect(await lab.delete('/jobs/a1/')).toEqual(
    answer(403, {
      detail:
        'The role reporter does not allow this. Reads, and adds results; changes only jobs that it made, and deletes nothing: for lab machines.',
    }),
  )
  // It is bob's job: he may delete it with his password.
  expect((await bob.delete('/jobs/a1/')).status).toBe(204)
})
