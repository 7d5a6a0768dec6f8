// Who did what, as administrators read it.

import { expect, test } from 'bun:test'
import { commandLineActor } from '../../src/audit/log'
import { addFailedLogins, deleteOldEntries, listEntries } from '../../src/audit/queries'
import { deleteToken } from '../../src/auth/token-queries'
import { ownQuery } from '../support/own-query'
import { ACT, NOW, withServer } from '../support/server'
import { signIn } from '../support/session'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const TIME = '2026-11-24T12:00:00Z'
const HOUR = 3600 * 1_000_000
const admin = { user: 1, name: 'admin', address: '127.0.0.1' }
const command = { user: null, name: 'command line', address: '-' }
const nobody = { user: null, name: '-', address: '127.0.0.1' }

/** An entry; `id` counts from 3 on: what made the server ready comes before. */
const entry = (id: number, who: object, action: string, object: string, detail = '') => ({
  id,
  time: TIME,
  until: TIME,
  times: 1,
  ...who,
  action,
  object,
  detail,
})

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
async function entries(query = ''): Promise<any[]> {
  const { status, body } = await server.client.get(`/audit/?page_size=1000&${query}`)
  expect(status).toBe(200)
  return body.results.reverse()
}

/** Without those that made the server ready. */
const happened = async (query = '') => (await entries(query)).filter(({ id }) => id > 2)

const summaries = async (query: string) =>
  (await happened(query)).map(({ action, object }) => `${action} ${object}`)

test('GET /audit/ lists who did what, the newest first, a page at a time', async () => {
  await server.client.post('/users/', { username: 'bob' })
  const made = entry(1, command, 'user-added', 'user admin', 'administrator')
  const token = entry(2, command, 'token-made', 'token 1 of admin', 'administrator')
  const added = entry(3, admin, 'user-added', 'user bob', 'member')
  expect(await server.client.get('/audit/')).toEqual(
    answer(200, { count: 3, next: null, previous: null, results: [added, token, made] }),
  )
  expect(await server.client.get('/audit/?page_size=1&page=2')).toEqual(
    answer(200, {
      count: 3,
      next: `${server.origin}/audit/?page_size=1&page=3`,
      previous: `${server.origin}/audit/?page_size=1`,
      results: [token],
    }),
  )
})

test('signing in and out, and a new password, are told with the user, and neither password nor session', async () => {
  await server.setPassword('secret')
  const browser = await signIn(server.stranger, 'admin', 'secret')
  const change = { current_password: 'secret', new_password: 'other secret' }
  expect((await browser.post('/auth/password/', change)).status).toBe(204)
  await browser.post('/auth/logout/')
  await browser.post('/auth/logout/')
  expect(await happened()).toEqual([
    entry(3, command, 'password-changed', 'user admin'),
    entry(4, admin, 'signed-in', 'user admin'),
    entry(5, admin, 'password-changed', 'user admin'),
    entry(6, admin, 'signed-out', 'user admin'),
  ])
  expect(JSON.stringify(await entries())).not.toContain('secret')
})

test('what changes about a user is told, and what does not is not', async () => {
  await server.client.post('/users/', { username: 'bob' })
  for (const change of [
    { email: 'a@b.example', role: 'reporter' },
    { disabled: true },
    { disabled: false, password: 'secret' },
    { role: 'reporter' },
  ]) {
    expect((await server.client.patch('/users/2/', change)).status).toBe(200)
  }
  expect((await happened()).slice(1)).toEqual([
    entry(4, admin, 'user-changed', 'user bob', 'email, role member -> reporter'),
    entry(5, admin, 'user-changed', 'user bob', 'disabled'),
    entry(6, admin, 'user-changed', 'user bob', 'enabled'),
    entry(7, admin, 'password-changed', 'user bob'),
  ])
})

test('tokens that are made and ended are told, and not what makes them valid', async () => {
  const { token } = (await server.client.post('/users/1/tokens/', { role: 'reader', label: 'lab' })).body
  await server.client.delete('/users/1/tokens/2/')
  expect(await happened()).toEqual([
    entry(3, admin, 'token-made', 'token 2 of admin', 'reader'),
    entry(4, admin, 'token-revoked', 'token 2 of admin'),
  ])
  expect(JSON.stringify(await entries())).not.toContain(token)
})

test('what is deleted is told, by its name, and who did it', async () => {
  const happenedOnce = { activity: 'HAPPENED', time: TIME }
  const tests = [
    { tag: '1-a', activities: [happenedOnce], data: [{ key: 'log', value: 'x' }] },
    { tag: '2-b' },
  ]
  await server.makeJob({ id: 'A1', activities: [happenedOnce], tests })
  await server.client.post('/jobs/a1/data/', { key: 'log', value: 'x' })
  const kind = await server.client.post('/softwarecomponentkinds/', { name: 'k' })
  const kindPath = new URL(kind.headers.get('location') ?? '').pathname
  for (const path of [
    '/jobs/a1/tests/1/activities/1/',
    '/jobs/a1/tests/1/data/1/',
    '/jobs/a1/activities/1/',
    '/jobs/a1/data/1/',
    '/jobs/a1/tests/1/',
    '/jobs/a1/',
    kindPath,
  ]) {
    expect((await server.client.delete(path)).status).toBe(204)
  }
  expect(await happened()).toEqual([
    entry(3, admin, 'deleted', 'activity 1 of test 1 of job A1'),
    entry(4, admin, 'deleted', 'datum 1 of test 1 of job A1'),
    entry(5, admin, 'deleted', 'activity 1 of job A1'),
    entry(6, admin, 'deleted', 'datum 1 of job A1'),
    entry(7, admin, 'deleted', 'test 1-a of job A1', 'id 1'),
    entry(8, admin, 'deleted', 'job A1', 'number 1, 1 tests'),
    entry(9, admin, 'deleted', `component kind ${kindPath.split('/')[2]}`),
  ])
})

test('where anyone may write, nobody may delete something, from an address', async () => {
  await server.makeJob({ id: 'a1' })
  server.config.open = true
  expect((await server.stranger.delete('/jobs/a1/')).status).toBe(204)
  expect(await happened()).toEqual([entry(3, nobody, 'deleted', 'job a1', 'number 1, 0 tests')])
})

test('what was refused, or not there, is not told as done', async () => {
  await server.makeJob({ id: 'a1' })
  await server.client.delete('/jobs/nope/')
  await server.client.delete('/jobs/a1/tests/7/')
  await server.client.delete('/users/1/tokens/7/')
  await server.client.post('/users/', { username: 'admin' })
  await server.client.patch('/users/1/', { disabled: true })
  expect(await happened()).toEqual([])
  const gone = await server.database.write(deleteToken, { id: 7, actor: ACT }).catch((error) => error)
  expect(gone.code).toBe('not_found')
})

test('refused sign-ins are counted in one entry for each user and address', async () => {
  await server.setPassword('secret')
  const wrong = server.stranger.as('admin', 'wrong')
  for (let turn = 0; turn < 3; turn++) expect((await wrong.get('/jobs/')).status).toBe(401)
  await server.stranger.post('/auth/login/', { username: 'admin', password: 'guess' })
  const three = entry(4, nobody, 'sign-in-refused', 'user admin')
  expect((await happened()).slice(1)).toEqual([{ ...three, times: 4 }])
  await server.stranger.as('admin', 'wrong').get('/jobs/')
  expect((await happened()).slice(1)).toEqual([{ ...three, times: 5 }])
})

test('a name of nobody is not kept: it may be a password in the wrong field', async () => {
  await server.stranger.post('/auth/login/', { username: 'my secret password', password: 'x' })
  await server.stranger.as('correct horse', 'x').get('/jobs/')
  expect(await happened()).toEqual([{ ...entry(3, nobody, 'sign-in-refused', 'an unknown user'), times: 2 }])
})

const refused = (address: string, at: number, object = 'user admin') => ({
  object,
  address,
  at,
  until: at,
  times: 1,
})

test('guesses from any number of addresses do not fill the disk', async () => {
  const many = Array.from({ length: 1500 }, (_, index) => refused(`10.0.0.${index}`, NOW))
  await server.database.write(addFailedLogins, { failedLogins: many })
  await server.database.write(addFailedLogins, { failedLogins: many })
  expect((await server.client.get('/audit/?action=sign-in-refused')).body.count).toBe(1001)
  const { body } = await server.client.get('/audit/?action=sign-in-refused&address=-')
  expect(body.results).toEqual([
    { ...entry(1003, { ...nobody, address: '-' }, 'sign-in-refused', 'some user'), times: 1000 },
  ])
})

test('after an hour a refused sign-in is an entry of its own', async () => {
  for (const at of [NOW, NOW + HOUR - 1, NOW + HOUR]) {
    await server.database.write(addFailedLogins, { failedLogins: [refused('10.0.0.1', at)] })
  }
  expect((await happened()).map(({ id, time, until, times }) => ({ id, time, until, times }))).toEqual([
    { id: 3, time: TIME, until: '2026-11-24T12:59:59.999999Z', times: 2 },
    { id: 4, time: '2026-11-24T13:00:00Z', until: '2026-11-24T13:00:00Z', times: 1 },
  ])
})

test('the entries of a user are not those of another whose name differs in case alone', async () => {
  for (const [index, username] of ['bob', 'Bob'].entries()) {
    await server.client.post('/users/', { username })
    await server.client.post(`/users/${index + 2}/tokens/`, {})
  }
  expect(await summaries('user=bob')).toEqual(['user-added user bob', 'token-made token 2 of bob'])
  expect(await summaries('user=Bob')).toEqual(['user-added user Bob', 'token-made token 3 of Bob'])
})

test('the list is narrowed by user, action, address and time', async () => {
  await server.client.post('/users/', { username: 'bob', role: 'administrator', password: 'b' })
  await server.client.post('/users/', { username: 'b_b' })
  const bob = server.stranger.as('bob', 'b')
  await bob.post('/users/2/tokens/', {})
  await server.client.post('/users/3/tokens/', {})
  await server.makeJob({ id: 'a1' })
  await bob.delete('/jobs/a1/')
  const ofBob = ['user-added user bob', 'token-made token 2 of bob', 'deleted job a1']
  expect(await summaries('user=bob')).toEqual(ofBob)
  expect(await summaries('user=b_b')).toEqual(['user-added user b_b', 'token-made token 3 of b_b'])
  expect(await summaries('user=bob&action=deleted,signed-in')).toEqual(['deleted job a1'])
  expect(await summaries('action=DELETED')).toEqual(['deleted job a1'])
  expect((await happened('address=127.0.0.1')).length).toBe(5)
  expect(await happened('address=10.0.0.1')).toEqual([])
  expect((await happened(`time_after=${TIME}`)).length).toBe(5)
  expect(await happened('time_after=2026-11-24T12:00:00.000001Z')).toEqual([])
  expect(await happened(`time_before=${TIME}`)).toEqual([])
})

test.each([
  ['action=nothing', 'action'],
  ['time_after=yesterday', 'time_after'],
])('GET /audit/?%s is refused at that parameter', async (query, field) => {
  const { status, body } = await server.client.get(`/audit/?${query}`)
  expect({ status, body }).toEqual({ status: 400, body: { [field]: [expect.any(String)] } })
})

test('what is too old is forgotten, and nothing else', async () => {
  await server.client.post('/users/', { username: 'bob' })
  expect(await server.database.write(deleteOldEntries, { before: NOW })).toBe(true)
  expect((await entries()).length).toBe(3)
  await server.database.write(deleteOldEntries, { before: NOW + 1 })
  expect(await entries()).toEqual([])
  await server.client.post('/users/', { username: 'carol' })
  expect(await entries()).toEqual([entry(4, admin, 'user-added', 'user carol', 'member')])
})

test('an entry outlives a change of what it tells of', async () => {
  await server.database.write(deleteToken, { id: 1, actor: commandLineActor(NOW) })
  const all = await server.database.read(
    ownQuery((connection) => listEntries(connection, {}, { limit: 10, offset: 0 })),
  )
  expect(all.map(({ action, object }) => [action, object])).toEqual([
    ['token-revoked', 'token 1 of admin'],
    ['token-made', 'token 1 of admin'],
    ['user-added', 'user admin'],
  ])
})
