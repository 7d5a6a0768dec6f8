// The server's clock is set back, by an hour or by a year: nothing that was acknowledged is lost, and all goes on.

import { expect, test } from 'bun:test'
import { expireStaleJobs } from '../../src/results/jobs/expire-stale-jobs'
import { EventStream } from '../support/events'
import { NOW, withServer } from '../support/server'
import { signIn } from '../support/session'

const server = withServer()

const HOUR = 3600 * 1_000_000
const YEAR = 365 * 24 * HOUR
const steps: [string, number][] = [
  ['an hour', HOUR],
  ['a year', YEAR],
]

test.each(steps)('set back by %s, what is sent is stored, with the time that it is then', async (_, step) => {
  await server.makeJob({ id: 'before' })
  server.now -= step
  await server.makeJob({ id: 'after' })
  expect((await server.client.post('/jobs/before/tests/', { tag: '1-a', status: 'PASS' })).status).toBe(200)
  const { body } = await server.client.get('/jobs/?ordering=number&omit=tests,activities')
  const time = new Date((NOW - step) / 1000).toISOString().replace('.000', '')
  expect(body.results.map(({ id, time }: { id: string; time: string }) => ({ id, time }))).toEqual([
    { id: 'before', time: '2026-11-24T12:00:00Z' },
    { id: 'after', time },
  ])
  expect((await server.client.get('/jobs/before/testcount/')).body).toEqual({ testcount: 1 })
  expect((await server.client.get('/statistics/')).body).toMatchObject({ time, last_24_hours: { jobs: 1 } })
})

test.each(steps)('set back by %s, who is signed in stays so, and tokens hold', async (_, step) => {
  await server.setPassword('secret')
  const browser = await signIn(server.stranger, 'admin', 'secret')
  server.now -= step
  expect((await browser.post('/jobs/', { id: 'a' })).status).toBe(201)
  expect((await server.client.post('/jobs/', { id: 'b' })).status).toBe(201)
  expect((await signIn(server.stranger, 'admin', 'secret')).get('/auth/me/')).resolves.toMatchObject({
    body: { user: { username: 'admin' } },
  })
})

test('set back, those who read along hear of every change, with ids that grow', async () => {
  using stream = await EventStream.open(server)
  await server.makeJob({ id: 'before' })
  const first = await stream.next()
  server.now -= YEAR
  await server.makeJob({ id: 'after' })
  const second = await stream.next()
  expect([first?.data.jobs[0].id, second?.data.jobs[0].id]).toEqual(['before', 'after'])
  expect(second?.id).toBeGreaterThan(first?.id as number)
})

test('set back by a year, a job that nothing is heard of runs no more', async () => {
  const running = async () => (await server.client.get('/statistics/')).body.running
  const tap = 'TAP version 14\n1..2\nok 1 - a\n' // its second test never came
  await server.client.post('/jobs/', { id: 'posted', tests: [{ tag: '1-a' }] })
  await server.client.request('POST', '/imports/', { body: tap })
  expect(await running()).toBe(1)
  server.now -= YEAR
  await server.database.write(expireStaleJobs, { now: server.now })
  expect(await running()).toBe(0)
  await server.client.post('/jobs/posted/tests/', { tag: '2-b' })
  expect(await running()).toBe(1)
})
