import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer({ open: true })
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const WRONG = answer(401, { detail: 'Invalid username/password.' })

test('with --open, anyone may write', async () => {
  const steps: [method: string, path: string, body: object | undefined, status: number][] = [
    ['POST', '/jobs/', { id: 'a1' }, 201],
    ['PATCH', '/jobs/a1/', { status: 'PASS' }, 200],
    ['POST', '/jobs/a1/tests/', { tag: 't' }, 200],
    ['POST', '/jobs/a1/tests/t/data/', { key: 'k' }, 200],
    ['POST', '/softwarecomponentkinds/', { name: 'rpm' }, 201],
    ['DELETE', '/jobs/a1/', undefined, 204],
  ]
  for (const [method, path, body, status] of steps) {
    expect([path, (await server.stranger.send(method, path, body)).status]).toEqual([path, status])
  }
})

test('with --open, None:None is nobody', async () => {
  const replay = server.stranger.as('None', 'None')
  expect((await replay.post('/jobs/', {})).status).toBe(201)
  expect((await replay.get('/jobs/')).body.count).toBe(1)
})

test.each([
  ['admin', 'wrong'],
  ['None', 'wrong'],
  ['nobody', 'None'],
])('with --open, %s:%s is still wrong', async (username, password) => {
  expect(await server.stranger.as(username, password).post('/jobs/', {})).toEqual(WRONG)
  expect(await server.stranger.as(username, password).get('/jobs/')).toEqual(WRONG)
})

test('with --open, the fixed lists stay as they are', async () => {
  expect(await server.stranger.post('/jobstatuses/', {})).toEqual(
    answer(403, { detail: 'Authentication credentials were not provided.' }),
  )
})

test('with --open, a form of another site is refused, unless it bears a token', async () => {
  const form = new URLSearchParams({ id: 'a1' })
  const foreign = { 'sec-fetch-site': 'cross-site' }
  expect(await server.stranger.with(foreign).post('/jobs/', form)).toEqual(
    answer(403, { detail: expect.any(String) }),
  )
  expect((await server.client.with(foreign).post('/jobs/', form)).status).toBe(201)
})
