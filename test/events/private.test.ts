// With --private, a stream of events is for those who may read, for as long as they may.

import { beforeEach, expect, test } from 'bun:test'
import { changeJob } from '../../src/results/jobs/queries'
import { Database } from '../../src/storage/database'
import { EventStream, eventually } from '../support/events'
import { withServer } from '../support/server'
import { cookieOf } from '../support/session'

const server = withServer({ private: true })
const basic = (password: string) => `Basic ${btoa(`bob:${password}`)}`
const login = () => server.stranger.post('/auth/login/', { username: 'bob', password: 'secret' })
const change = (value: object) => server.client.patch('/users/2/', value)

beforeEach(async () => {
  await server.client.post('/users/', { username: 'bob', password: 'secret' })
})

async function newToken(): Promise<string> {
  return `Bearer ${(await server.client.post('/users/2/tokens/')).body.token}`
}

const ends: Record<
  string,
  [credentials: () => Promise<Record<string, string>>, end: () => Promise<unknown>]
> = {
  'a session, and its user is disabled': [
    async () => ({ cookie: cookieOf(await login()) }),
    () => change({ disabled: true }),
  ],
  'a session, and the password is changed': [
    async () => ({ cookie: cookieOf(await login()) }),
    () => change({ password: 'new' }),
  ],
  'a password, and another is set': [
    async () => ({ authorization: basic('secret') }),
    () => change({ password: 'new' }),
  ],
  'a password, and its user is disabled': [
    async () => ({ authorization: basic('secret') }),
    () => change({ disabled: true }),
  ],
  'a token, and it is ended': [
    async () => ({ authorization: await newToken() }),
    () => server.client.delete('/users/2/tokens/2/'),
  ],
}

test.each(Object.keys(ends))('by %s: the stream ends before anything more is told', async (name) => {
  const [credentials, end] = ends[name] as (typeof ends)[string]
  using stream = await EventStream.connect(server.origin, { headers: await credentials() })
  expect((await stream.next()).event).toBe('hello')
  await server.makeJob({ id: 'before' })
  expect((await stream.next()).data.jobs).toMatchObject([{ id: 'before' }])
  expect((await end()) as object).toMatchObject({ status: expect.any(Number) })
  await server.makeJob({ id: 'after' })
  expect(await stream.nextBlock()).toBeUndefined()
  await eventually(() => server.events.readerCount === 0)
})

test('whose rights have only changed otherwise is told on', async () => {
  using stream = await EventStream.connect(server.origin, { headers: { cookie: cookieOf(await login()) } })
  expect((await stream.next()).event).toBe('hello')
  await change({ role: 'administrator', email: 'bob@lab.example' })
  await server.makeJob({ id: 'after' })
  expect((await stream.next()).data.jobs).toMatchObject([{ id: 'after' }])
})

test('what another process changes is told, also when it is noticed while something else is told', async () => {
  const { number } = await server.makeJob({ id: 'first' })
  const headers = { authorization: server.authorization }
  using stream = await EventStream.connect(server.origin, { headers })
  expect((await stream.next()).event).toBe('hello')
  await server.makeJob({ id: 'told' })
  expect((await stream.next()).data.jobs).toMatchObject([{ id: 'told' }])

  await server.makeJob({ id: 'waits' }) // some 200 ms, and nobody asks anything meanwhile
  const { database: other } = Database.open(server.database.path)
  await other.write(changeJob, { job: number, value: { description: 'changed' } })
  await other.close()
  expect((await stream.next()).data.jobs).toMatchObject([{ id: 'waits' }])
  expect((await stream.next()).event).toBe('reset')
})
