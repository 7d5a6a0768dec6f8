// GET /events/ as a request like any other: who gets it, and with which headers.

import { expect, test } from 'bun:test'
import { version } from '../../package.json'
import { EventStream, eventually } from '../support/events'
import { withServer } from '../support/server'

const server = withServer({}, { maxReaders: 2 })
const guarded = withServer({ private: true })
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

test('a reader is greeted with the version and the number of the last change', async () => {
  await server.makeJob()
  using stream = await EventStream.connect(server.origin)
  const { headers } = stream.response
  expect({
    status: stream.response.status,
    type: headers.get('content-type'),
    cache: headers.get('cache-control'),
    buffering: headers.get('x-accel-buffering'),
    origin: headers.get('access-control-allow-origin'),
  }).toEqual({
    status: 200,
    type: 'text/event-stream',
    cache: 'no-store',
    buffering: 'no',
    origin: '*',
  })
  expect([await stream.nextBlock(), await stream.nextBlock()]).toEqual([
    'retry: 2000',
    `id: ${server.database.change}\nevent: hello\ndata: {"version":"${version}"}`,
  ])
})

test('the slash at the end may be missing, and HEAD ends', async () => {
  const abort = new AbortController()
  const response = await fetch(`${server.origin}/events`, { signal: abort.signal })
  abort.abort()
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])

  const head = await server.stranger.send('HEAD', '/events/')
  expect(head).toEqual(answer(200, null))
  expect(head.headers.get('content-type')).toBe('text/event-stream')
  expect(head.headers.get('cache-control')).toBe('no-store')
})

test('OPTIONS tells what it is, and every other method is refused', async () => {
  const about = await server.stranger.send('OPTIONS', '/events/')
  expect([about.status, about.headers.get('allow'), about.body.name]).toEqual([
    200,
    'GET, HEAD, OPTIONS',
    'Follow what happens: server-sent events',
  ])
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    expect(await server.client.send(method, '/events/')).toEqual(
      answer(405, { detail: `Method "${method}" not allowed.` }),
    )
  }
})

test('one reader too many is told to come later, and gets in when another has gone', async () => {
  using _first = await EventStream.open(server)
  const second = await EventStream.open(server)
  const reply = await server.stranger.get('/events/')
  expect(reply).toEqual(
    answer(503, { detail: '2 readers follow the events already: connect again in a while.' }),
  )
  expect(reply.headers.get('retry-after')).toBe('5')
  second.close()
  await eventually(() => server.events.readerCount === 1)
  using third = await EventStream.open(server)
  expect(third.response.status).toBe(200)
})

test('with --private, it wants credentials', async () => {
  expect(await guarded.stranger.get('/events/')).toEqual(
    answer(401, { detail: 'Authentication credentials were not provided.' }),
  )
  expect((await guarded.stranger.send('HEAD', '/events/')).status).toBe(401)
  await guarded.setPassword('secret')
  const headers = { authorization: `Basic ${btoa('admin:secret')}` }
  using stream = await EventStream.connect(guarded.origin, { headers })
  expect((await stream.next()).event).toBe('hello')
})

test('a server that stops ends the streams, and lets nobody in', async () => {
  using stream = await EventStream.open(server)
  server.events.close()
  expect(await stream.nextBlock()).toBeUndefined()
  expect(server.events.readerCount).toBe(0)
  expect(await server.stranger.get('/events/')).toEqual(
    answer(503, { detail: 'The server is stopping: connect again in a while.' }),
  )
})
