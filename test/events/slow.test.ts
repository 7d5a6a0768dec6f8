// Readers that do not read: they are dropped, and nobody else notices.

import { expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { changeJob } from '../../src/results/jobs/queries'
import { EventStream, eventually } from '../support/events'
import { withServer } from '../support/server'

const server = withServer({}, { intervalMs: 0 })

const SLOW = 10
const JOBS = 100
/** Together some 15 MB, several times what the system itself takes for a connection. */
const EVENTS = 100

/** A connection that reads the beginning of the stream, and then no more. */
async function stalledReader(): Promise<{ socket: Socket; isClosed(): boolean }> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
  let closed = false
  socket.on('error', () => {}) // it is about to be reset
  socket.on('close', () => {
    closed = true
  })
  socket.write('GET /events/ HTTP/1.1\r\nHost: lab\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  return { socket, isClosed: () => closed }
}

test('a reader that does not read is dropped, memory does not grow, and others are told in time', async () => {
  const numbers: number[] = []
  for (let count = 0; count < JOBS; count++) numbers.push((await server.makeJob()).number)
  using reader = await EventStream.open(server)
  const stalled = await Promise.all(Array.from({ length: SLOW }, stalledReader))
  await eventually(() => server.events.readerCount === SLOW + 1)
  Bun.gc(true)
  const before = process.memoryUsage().rss

  const times: number[] = []
  for (let count = 0; count < EVENTS; count++) {
    const description = `${count} ${'🥑'.repeat(250)}`
    await Promise.all(numbers.map((job) => server.database.write(changeJob, { job, value: { description } })))
    const start = performance.now()
    await reader.until(({ data }) => data.jobs.at(-1)?.description === description)
    times.push(performance.now() - start)
  }

  expect(server.events.readerCount).toBe(1)
  // Of many, for the machine may do other things; a reader that waits for those that do not read waits for ever.
  expect(times.toSorted((a, b) => a - b)[EVENTS * 0.9]).toBeLessThan(500)
  Bun.gc(true)
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  for (const { socket } of stalled) socket.resume()
  await eventually(() => stalled.every(({ isClosed }) => isClosed()))
})

test('a reader that pauses and goes on misses nothing', async () => {
  const { number: job } = await server.makeJob()
  const { socket } = await stalledReader()
  let received = ''
  socket.on('data', (data) => {
    received += data
  })
  socket.pause()
  for (let count = 1; count <= 20; count++) {
    await server.database.write(changeJob, { job, value: { description: `change ${count}` } })
    await Bun.sleep(2)
  }
  socket.resume()
  await eventually(() => received.includes('change 20'))
  expect(server.events.readerCount).toBe(1)
  socket.destroy()
  await eventually(() => server.events.readerCount === 0)
})
