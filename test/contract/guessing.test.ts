// Guessing passwords: who does so waits, and nobody else. The proxy of the tests says where a request comes from.

import { describe, expect, test } from 'bun:test'
import { argon2id } from '../../src/auth/hashing'
import type { Client, Reply } from '../support/client'
import { withServer } from '../support/server'
import { signIn } from '../support/session'

const server = withServer({ trustProxy: true })
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const WRONG = answer(401, { detail: 'Invalid username/password.' })
const WAIT = answer(429, {
  detail: expect.stringMatching(/^Too many wrong passwords from here: try again in \d+ seconds\.$/),
})

const from = (address: string, { stranger } = server): Client => stranger.with({ 'x-forwarded-for': address })
const login = (client: Client, username: string, password: string) =>
  client.post('/auth/login/', { username, password })

/** Sends different wrong passwords, one after the other. */
async function guess(client: Client, username: string, times: number): Promise<Reply[]> {
  const replies: Reply[] = []
  for (let count = 0; count < times; count++) replies.push(await login(client, username, `wrong ${count}`))
  return replies
}

/** Wrong passwords of as many users, which is what shuts out a whole network. */
async function guessAround(client: Client, users: number): Promise<void> {
  for (let count = 0; count < users; count += 5) {
    await Promise.all(Array.from({ length: 5 }, (_, index) => login(client, `user ${count + index}`, 'x')))
  }
}

test.each(['admin', 'nobody'])(
  'ten wrong passwords of %s are 401, then one has to wait',
  async (username) => {
    await server.setPassword('secret')
    const guesser = from('192.0.2.1')
    expect(await guess(guesser, username, 10)).toEqual(Array(10).fill(WRONG))
    const replies = [
      await login(guesser, username, 'secret'),
      await guesser.as(username, 'secret').get('/jobs/'),
      await guesser.as(username, 'secret').post('/jobs/', {}),
    ]
    expect(replies).toEqual([WAIT, WAIT, WAIT])
    for (const { headers } of replies) {
      const seconds = Number(headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(10)
    }
  },
)

test('who signs in from elsewhere is not kept out, nor another user from the same address', async () => {
  await server.setPassword('secret')
  await server.client.post('/users/', { username: 'anna', password: 'a' })
  await guess(from('192.0.2.1'), 'admin', 12)
  expect((await login(from('192.0.2.2'), 'admin', 'secret')).status).toBe(200)
  expect((await login(from('192.0.2.1'), 'anna', 'a')).status).toBe(200)
})

test('credentials that were right, tokens and sessions never wait', async () => {
  await server.setPassword('secret')
  const here = from('192.0.2.1')
  const [basic, browser] = [here.as('admin', 'secret'), await signIn(here, 'admin', 'secret')]
  expect((await basic.post('/jobs/', {})).status).toBe(201)
  await guess(here, 'admin', 12)
  await guessAround(here, 50)
  const token = server.client.with({ 'x-forwarded-for': '192.0.2.1' })
  const replies = [basic, browser, token].map((client) => client.post('/jobs/', {}))
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([201, 201, 201])
})

test('who guesses around is kept out with all names, but for those who have signed in from there', async () => {
  await server.setPassword('secret')
  await server.client.post('/users/', { username: 'anna', password: 'a' })
  const here = from('192.0.2.1')
  await login(here, 'anna', 'a')
  await guessAround(here, 50)
  expect(await login(here, 'admin', 'secret')).toEqual(WAIT)
  expect((await login(here, 'anna', 'a')).status).toBe(200)
  expect((await here.as('anna', 'wrong').get('/jobs/')).status).toBe(401)
  expect((await login(from('192.0.2.2'), 'admin', 'secret')).status).toBe(200)
})

test('who has a password of his own cannot guess on by using it in between', async () => {
  await server.client.post('/users/', { username: 'anna', password: 'a' })
  const here = from('192.0.2.1')
  for (let count = 0; count < 10; count++) {
    expect((await login(here, 'admin', `wrong ${count}`)).status).toBe(401)
    expect((await login(here, 'anna', 'a')).status).toBe(200)
  }
  expect(await login(here, 'admin', 'another')).toEqual(WAIT)
})

test('a right password makes the wrong ones of its user forgotten', async () => {
  await server.setPassword('secret')
  const here = from('192.0.2.1')
  await guess(here, 'admin', 9)
  expect((await login(here, 'admin', 'secret')).status).toBe(200)
  expect(await login(here, 'admin', 'typo')).toEqual(WRONG)
})

test('the first 64 bits of an IPv6 address count: all others belong to the same machine', async () => {
  await server.setPassword('secret')
  for (let count = 0; count < 10; count++) {
    expect(await login(from(`2001:db8:1:2::${count}`), 'admin', `wrong ${count}`)).toEqual(WRONG)
  }
  expect(await login(from('2001:db8:1:2:ffff::1'), 'admin', 'secret')).toEqual(WAIT)
  expect((await login(from('2001:db8:1:3::1'), 'admin', 'secret')).status).toBe(200)
})

test('the same wrong credentials, sent for ever, are 401, then wait, and are let in once they are right', async () => {
  await server.setPassword('secret')
  const client = from('192.0.2.1').as('admin', 'new')
  expect(await client.post('/jobs/', {})).toEqual(WRONG)
  const replies = await Promise.all(Array.from({ length: 110 }, () => client.post('/jobs/', {})))
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(100)
  expect(replies.filter(({ status }) => status === 429)).toEqual(Array(10).fill(WAIT))
  expect((await login(from('192.0.2.1'), 'admin', 'secret')).status).toBe(200)
  await server.setPassword('new')
  expect((await client.post('/jobs/', {})).status).toBe(201)
})

describe('at the cost that passwords have for users', () => {
  const costly = withServer({ trustProxy: true }, {}, { hashing: argon2id })

  test('of 200 guesses at once a few are tried, all others are sent away, and others sign in quickly', async () => {
    await costly.setPassword('secret')
    const [alone] = await timed(() => login(from('192.0.2.3', costly), 'admin', 'secret'))
    const guesser = from('192.0.2.1', costly)
    const flood = Promise.all(Array.from({ length: 200 }, (_, count) => login(guesser, `user ${count}`, 'x')))
    await Bun.sleep(20)
    const [milliseconds, other] = await timed(() => login(from('192.0.2.2', costly), 'admin', 'secret'))
    const statuses = Map.groupBy(await flood, ({ status }) => status)
    expect(other.status).toBe(200)
    // Ten of the guesser's are before it, two at a time, and the machine may be busy.
    expect(milliseconds).toBeLessThan(alone * 40 + 2000)
    expect(statuses.get(401)?.length).toBeLessThanOrEqual(50)
    expect((statuses.get(401)?.length ?? 0) + (statuses.get(503)?.length ?? 0)).toBe(200)
    expect(statuses.get(503)?.[0]).toEqual(
      answer(503, { detail: 'Too many passwords are being checked: try again in 2 seconds.' }),
    )
    expect(statuses.get(503)?.[0]?.headers.get('retry-after')).toBe('2')
  })

  test('an unknown user is told as slowly as a wrong password', async () => {
    await costly.setPassword('secret')
    // What the processor does for them, and not the time it takes, because others may use the machine.
    const times: Record<'admin' | 'nobody', number[]> = { admin: [], nobody: [] }
    for (let round = 0; round < 7; round++) {
      for (const username of ['admin', 'nobody'] as const) {
        const before = process.cpuUsage()
        expect(await login(from(`192.0.2.${round}`, costly), username, `${round}`)).toEqual(WRONG)
        times[username].push(process.cpuUsage(before).user)
      }
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[3] ?? 0
    const ratio = median(times.admin) / median(times.nobody)
    expect(ratio).toBeGreaterThan(0.5)
    expect(ratio).toBeLessThan(2)
  })
})

async function timed<T>(work: () => Promise<T>): Promise<[milliseconds: number, result: T]> {
  const start = performance.now()
  const result = await work()
  return [performance.now() - start, result]
}
