// What a client writes into headers is gone through in one pass: four times as much is four times the work, counted over
// the whole app for headers of n and 4n characters.

import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { CountedWork } from '../support/counted-work'
import { withServer } from '../support/server'

const server = withServer({ trustProxy: true })
/** Bun takes heads of 16 KiB. */
const SHORT = 3000
const LONG = 4 * SHORT

/** What of a list is repeated, by header. */
const lists: [header: string, beginning: string, item: string][] = [
  ['accept', '', 'application/json;'],
  ['accept', '', 'application/json;indent=x,'],
  ['accept', '', 'application/json; indent '],
  ['accept', '', 'text/html'],
  ['accept', '', ' '],
  ['accept-encoding', '', 'zstd;q=0,'],
  ['accept-encoding', 'zstd', ' '],
  ['accept-encoding', 'zstd;q=0.', '0'],
  ['accept-encoding', '', 'gzip;'],
  ['cookie', '', 'avocado_session=a; '],
  ['cookie', '', 'a; '],
  ['cookie', '', 'avocado_session'],
  ['if-none-match', '', '"a", '],
  ['if-none-match', '', 'W/'],
  ['if-range', '', '"a", '],
  ['range', 'bytes=', '0-1,'],
  ['range', 'bytes=', ' '],
  ['range', 'bytes=1', ' '],
  ['range', 'bytes=0-', '1'],
  ['range', 'bytes=', '-'],
  ['authorization', 'Basic', ' '],
  ['authorization', 'Basic ', ':a'],
  ['authorization', 'Bearer ', 'a '],
  ['content-type', '', 'application/json;'],
  ['content-type', 'multipart/form-data;', ' boundary=a;'],
  ['x-forwarded-for', '', '1.2.3.4, '],
  ['x-forwarded-for', '', '[::1],'],
  ['x-forwarded-host', '', 'a.'],
  ['x-forwarded-host', 'a', ':1'],
  ['x-forwarded-proto', '', 'http,'],
  ['x-request-id', '', 'a'],
  ['origin', '', 'http://'],
  ['sec-fetch-site', '', 'none '],
  ['last-event-id', '', '1'],
]

/** Sends a request by its lines alone. @returns when the head of its answer has come */
async function send(method: string, path: string, headers: Record<string, string>): Promise<void> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
  const answered = new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
  const lines = Object.entries({ host: 'lab', 'content-length': '2', ...headers }).map((pair) =>
    pair.join(': '),
  )
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n{}`)
  await answered
  socket.destroy()
}

async function workOf(request: Parameters<typeof send>): Promise<number> {
  using work = new CountedWork()
  await send(...request)
  return work.count
}

const fill = (beginning: string, item: string, length: number) =>
  beginning + item.repeat(Math.max(0, Math.floor((length - beginning.length) / item.length)))

test.each(lists)('%s: %s%s and so on', async (header, beginning, item) => {
  const { id } = await server.makeJob({
    tests: Array.from({ length: 50 }, (_, index) => ({ tag: `${index}` })),
  })
  const tar = new Bun.Archive({
    'results.json': JSON.stringify({ job_id: 'f1', tests: [] }),
    'job.log': 'x'.repeat(9999),
  })
  await server.client.request('POST', '/imports/', { body: await tar.blob() })
  for (const [method, path] of [
    ['GET', `/jobs/${id}/tests/?page_size=50`],
    ['GET', '/jobs/f1/files/job.log'],
    ['GET', '/'],
    ['POST', '/jobs/'],
    ['POST', '/api/v2.0/groups'],
  ] as const) {
    const asked = (length: number) =>
      workOf([method, path, { 'content-type': 'application/json', [header]: fill(beginning, item, length) }])
    await asked(0) // what is kept in memory is kept now
    const [none, short, long] = [await asked(0), await asked(SHORT), await asked(LONG)]
    const growth = (long - none) / Math.max(short - none, SHORT)
    expect([method, path, growth < 6 ? 'linear' : `${none} ${short} ${long}`]).toEqual([
      method,
      path,
      'linear',
    ])
  }
})

test('many parameters of a query are gone through in one pass, up to as many as there may be', async () => {
  await server.makeJob()
  const query = (count: number) =>
    `?${Array.from({ length: count }, (_, index) => `p${index}=${index}`).join('&')}`
  const asked = (count: number) => workOf(['GET', `/api/v2.0/results${query(count)}`, {}])
  await asked(24)
  const [few, many] = [await asked(24), await asked(96)]
  expect(many / few).toBeLessThan(6)
  expect((await server.stranger.get(`/jobs/${query(101)}`)).status).toBe(400)
})

test('the counting notices what is quadratic', () => {
  const quadratic = /application\/json\s*;[^,]*\bindent=([1-8])\b/i
  const workFor = (length: number) => {
    using work = new CountedWork()
    quadratic.exec('application/json;'.repeat(length))
    return work.count
  }
  expect(workFor(400) / workFor(100)).toBeGreaterThan(6)
})
