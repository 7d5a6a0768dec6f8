// The id by which a request is found in the log.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer()
const idOf = async (path: string, headers = {}, method = 'GET') =>
  (await server.stranger.with(headers).send(method, path)).headers.get('x-request-id')

test('every answer has one of its own, whatever its status', async () => {
  const ids = [
    await idOf('/jobs/'),
    await idOf('/version/'),
    await idOf('/nowhere/'),
    await idOf('/jobs/', {}, 'POST'),
    await idOf('/jobs/nope/'),
    await idOf('/jobs/', {}, 'OPTIONS'),
    await idOf('/', { accept: 'text/html' }),
    await idOf('/dashboard/'),
    await idOf('/swagger/json'),
    await idOf('/auth/logout/', {}, 'POST'),
  ]
  expect(ids).toEqual(ids.map(() => expect.stringMatching(/^[0-9a-f]{12}$/)))
  expect(new Set(ids).size).toBe(ids.length)
})

test('the id that a client sends comes back, from memory, too', async () => {
  const headers = { 'x-request-id': 'lab-7:run/42@x=+_.' }
  for (const path of ['/jobs/', '/jobs/', '/nowhere/', '//jobs/'])
    expect(await idOf(path, headers)).toBe(headers['x-request-id'])
})

test('an answer from memory bears no id of another request', async () => {
  await idOf('/jobs/', { 'x-request-id': 'first' })
  await idOf('/jobs/', { 'x-request-id': 'second' })
  expect(await idOf('/jobs/')).toBeNull()
})

test.each(['', ' ', 'a b', 'a"b', '<b>', 'ä', 'x'.repeat(129), 'a,b', '$'])(
  'what is no plain name is not taken for one: %j',
  async (id) => {
    expect(await idOf('/version/', { 'x-request-id': id })).toMatch(/^[0-9a-f]{12}$/)
  },
)
