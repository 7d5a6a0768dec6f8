// A reader that connects again.

import { afterEach, expect, test } from 'bun:test'
import pino from 'pino'
import { version } from '../../package.json'
import { changeJob } from '../../src/results/jobs/queries'
import { createApp } from '../../src/server/app'
import { startServer } from '../../src/server/listener'
import { createServices } from '../../src/server/services'
import { EventStream } from '../support/events'
import { NOW, withServer } from '../support/server'

const server = withServer({}, { quietMs: 200 })

const streams: EventStream[] = []
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close()
})

async function resume(lastEventId: string | number, { query = '' } = {}) {
  const headers = { 'last-event-id': String(lastEventId) }
  const stream = await EventStream.connect(server.origin, { headers, query })
  streams.push(stream)
  return stream
}

const change = (job: number, description = 'changed') =>
  server.database.write(changeJob, { job, value: { description } })
const hello = (id = server.database.change) => ({ id, event: 'hello', data: { version } })
const reset = () => ({ id: server.database.change, event: 'reset', data: {} })
const numbersOf = (jobs: { number: number }[]) => jobs.map(({ number }) => number)

test('who missed nothing is greeted, and told what comes then', async () => {
  const { number } = await server.makeJob()
  const last = server.database.change
  const stream = await resume(last)
  expect(await stream.next()).toEqual(hello(last))
  await change(number)
  expect((await stream.next()).id).toBe(last + 1)
})

test('what was missed comes at once in one event, each job once and as it is now', async () => {
  for (const id of ['a', 'b', 'c']) await server.makeJob({ id })
  const last = server.database.change
  await change(1)
  await change(3)
  await server.client.delete('/jobs/2/')
  await change(3, 'again')
  const stream = await resume(last)
  // Not with a newer id: a connection that broke off here would have missed what follows.
  expect(await stream.next()).toEqual(hello(last))
  const missed = await stream.next()
  const { body } = await server.stranger.get('/jobs/?omit=tests,activities&include=outcomes')
  const [first, third] = body.results
  expect(missed).toEqual({
    id: server.database.change,
    event: 'jobs',
    data: { jobs: [first, third, { number: 2, deleted: true }] },
  })
})

test('the id that came with an event is one to come back with', async () => {
  const { number } = await server.makeJob()
  using first = await EventStream.open(server)
  await change(number)
  const { id } = await first.next()
  await change(number, 'missed')
  const stream = await resume(id)
  await stream.next()
  expect((await stream.next()).data.jobs[0].description).toBe('missed')
})

test('changes that touched no job are not missed', async () => {
  await server.makeJob()
  const last = server.database.change
  await server.setPassword('secret')
  expect(await (await resume(last)).next()).toEqual(hello())
})

test.each([
  ['999999', 999999],
  ['-1', -1],
  ['1.5', -1],
  ['abc', -1],
  ['9'.repeat(30), -1],
])(
  'who comes with an id that is too new, or none at all, is told to ask anew: %s',
  async (lastEventId, id) => {
    await server.makeJob()
    const stream = await resume(lastEventId)
    expect([await stream.next(), await stream.next()]).toEqual([hello(id), reset()])
  },
)

test('a server that starts again knows nothing of before, but who missed nothing is not told to ask anew', async () => {
  await server.makeJob()
  await server.makeJob()
  const { database, files, diskSpace, config } = server
  const log = pino({ level: 'silent' })
  const app = createApp(createServices({ database, files, diskSpace, config, clock: () => NOW, log }))
  const again = startServer({ hostname: '127.0.0.1', port: 0 }, app.fetch)
  const origin = `http://127.0.0.1:${again.address.port}`
  const { change: now } = database

  using current = await EventStream.connect(origin, { query: `?last_event_id=${now}` })
  expect(await current.next()).toEqual(hello(now))
  using old = await EventStream.connect(origin, { query: `?last_event_id=${now - 1}` })
  expect([await old.next(), await old.next()]).toEqual([hello(now - 1), reset()])
  app.close()
  await again.stop()
})

test('after commits that changed no job the number of the last one is told, as an id without an event', async () => {
  await server.makeJob()
  using stream = await EventStream.open(server)
  await server.setPassword('one')
  await server.setPassword('two')
  const last = `id: ${server.database.change}`
  for (let block = await stream.nextBlock(); block !== last; block = await stream.nextBlock()) {
    expect(block).toMatch(/^id: \d+$/)
  }
  // A server that stops tells it at once.
  await server.setPassword('three')
  server.events.close()
  expect(await stream.nextBlock()).toBe(`id: ${server.database.change}`)
  expect(await stream.nextBlock()).toBeUndefined()
})

test('more than 100 jobs missed are a reset', async () => {
  const last = server.database.change
  await Promise.all(Array.from({ length: 101 }, () => server.makeJob()))
  const stream = await resume(last)
  expect([await stream.next(), await stream.next()]).toEqual([hello(last), reset()])
})

test('?last_event_id= does the same, the header comes before it, and an empty one is none', async () => {
  const { number } = await server.makeJob()
  const last = server.database.change
  await change(number)
  const { change: now } = server.database

  using asked = await EventStream.connect(server.origin, { query: `?last_event_id=${last}` })
  expect([await asked.next(), numbersOf((await asked.next()).data.jobs)]).toEqual([hello(last), [number]])
  expect(await (await resume(now, { query: `?last_event_id=${last}` })).next()).toEqual(hello(now))
  using empty = await EventStream.connect(server.origin, { query: '?last_event_id=' })
  expect(await empty.next()).toEqual(hello(now))
})

test('a change while a reader connects is told once at least', async () => {
  const { number } = await server.makeJob()
  for (let round = 0; round < 20; round++) {
    const last = server.database.change
    const [stream] = await Promise.all([resume(last), change(number, `${round}`)])
    await stream.next()
    expect((await stream.next()).data.jobs[0].description).toBe(`${round}`)
    stream.close()
  }
})
