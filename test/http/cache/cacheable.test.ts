// Answers from memory are those that the rows would give at the same moment.

import { expect, test } from 'bun:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { ResponseCache } from '../../../src/http/cache/response-cache'
import { Database } from '../../../src/storage/database'
import type { Connection } from '../../../src/storage/query'
import { sqliteOf } from '../../../src/storage/sqlite/sqlite-connection'
import { withServer } from '../../support/server'

const server = withServer()

const addresses = [
  '/jobs/',
  '/jobs/?ordering=-time&page_size=2',
  '/jobs/?omit=tests&include=outcomes',
  '/jobs/?status=FAIL',
  '/jobs/?search=job',
  '/jobs/summary/',
  '/jobs/a1/',
  '/jobs/1/',
  '/jobs/a/', // a prefix: of one job, then of two
  '/jobs/a1/tests/',
  '/jobs/a1/tests/summary/',
  '/jobs/a1/tests/1-t/',
  '/jobs/a1/tests/1-t/history/',
  '/jobs/a1/tests/1-t/activities/',
  '/jobs/a1/tests/1-t/data/',
  '/jobs/a1/activities/',
  '/jobs/a1/data/',
  '/jobs/a1/files/',
  '/jobs/a1/passrate/',
  '/jobs/a1/testcount/',
  '/testenvironments/',
  '/softwarecomponentkinds/',
  '/api/v2.0/groups',
  '/api/v2.0/groups/a1',
  '/api/v2.0/results',
  '/api/v2.0/results?groups=a1',
  '/api/v2.0/results/latest',
  '/api/v2.0/testcases',
  '/api/v2.0/testcases/t',
]

/** A parameter that no answer is kept under; of ResultsDB's results each has a meaning, and twice is not kept, either. */
const UNKEPT = '_=1'
const unkeptFor = (address: string) =>
  address.startsWith('/api/v2.0/results') ? 'limit=20&limit=20' : UNKEPT

async function expectAllFresh(): Promise<void> {
  for (const address of addresses) {
    const kept = await server.stranger.get(address)
    const made = await server.stranger.get(
      `${address}${address.includes('?') ? '&' : '?'}${unkeptFor(address)}`,
    )
    const links = JSON.stringify(made.body).replaceAll(new RegExp(`[?&]${UNKEPT}(&?)`, 'g'), (text, more) =>
      more ? text.charAt(0) : '',
    )
    expect([address, kept.status, kept.body]).toEqual([address, made.status, JSON.parse(links)])
  }
}

const changes: Record<string, () => Promise<unknown>> = {
  'a job': () => server.client.post('/jobs/', { id: 'a1', description: 'job', tests: [{ tag: '1-t' }] }),
  'another job': () =>
    server.client.post('/jobs/', { id: 'a2', status: 'FAIL', tests: [{ tag: '1-t', status: 'FAIL' }] }),
  'a test': () => server.client.post('/jobs/a1/tests/', { tag: '2-u', status: 'PASS' }),
  'an outcome': () => server.client.patch('/jobs/a1/tests/1-t/', { status: 'FAIL' }),
  'a reason': () => server.client.patch('/jobs/a1/tests/1-t/', { fail_reason: 'because' }),
  'an activity of the job': () =>
    server.client.post('/jobs/a1/activities/', { activity: 'x', time: '2026-11-24T12:00:00Z' }),
  'an activity of a test': () =>
    server.client.post('/jobs/a1/tests/1-t/activities/', { activity: 'x', time: '2026-11-24T12:00:00Z' }),
  'data of the job': () => server.client.post('/jobs/a1/data/', { key: 'k', value: 'v' }),
  'data of a test': () => server.client.post('/jobs/a1/tests/1-t/data/', { key: 'k', value: 'v' }),
  'a description': () => server.client.patch('/jobs/a1/', { description: 'another job' }),
  'a time': () => server.client.patch('/jobs/a2/', { time: '2020-01-01T00:00:00Z' }),
  'the end of a test': () => server.client.delete('/jobs/a1/tests/2-u/'),
  'the end of the job': () => server.client.delete('/jobs/a1/'),
  'the end of the other': () => server.client.delete('/jobs/a2/'),
  'a kind': () => server.client.post('/softwarecomponentkinds/', { name: 'snap' }),
  'an import': () =>
    server.client.request('POST', '/imports/?format=ndjson', {
      body: JSON.stringify({ id: 'a1', tests: [{ tag: '3-v', status: 'ERROR' }] }),
    }),
}

test('after any changes in any order, what is kept equals what is made anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...Object.keys(changes)), { maxLength: 8 }), async (names) => {
      for (const name of names) {
        await changes[name]?.()
        await expectAllFresh()
      }
    }),
    { numRuns: 12 },
  )
})

const answersOf = () => server.services.responseCache
const unknown = () => ({
  change: server.database.change,
  job: undefined,
  parameters: new Set(['page', 'search']),
})

test('a change of one job leaves what is kept of another', async () => {
  await server.makeJob({ id: 'a1' })
  await server.makeJob({ id: 'b2' })
  for (const path of ['/jobs/a1/', '/jobs/b2/', '/jobs/']) await server.stranger.get(path)
  const request = (path: string) =>
    new Request(server.origin + path, { headers: { host: new URL(server.origin).host } })
  const isKept = (path: string) => answersOf().find(request(path)) !== undefined
  expect(['/jobs/a1/', '/jobs/b2/', '/jobs/'].map(isKept)).toEqual([true, true, true])
  await server.client.post('/jobs/a1/tests/', { tag: 't' })
  expect(['/jobs/a1/', '/jobs/b2/', '/jobs/'].map(isKept)).toEqual([false, true, false])
})

test("another process's change is noticed", async () => {
  await server.makeJob({ id: 'a1' })
  await server.setPassword('old')
  const before = (await server.stranger.get('/jobs/')).headers.get('etag')
  const other = Database.open(server.database.path).database
  const rename = {
    name: 'rename',
    run: async (connection: Connection) => sqliteOf(connection).execute("UPDATE job SET description = 'new'"),
  }
  await other.write(rename, undefined)
  await other.close()
  const after = await server.stranger.get('/jobs/')
  expect(after.body.results[0].description).toBe('new')
  expect(after.headers.get('etag')).not.toBe(before)
})

test("another process's change is noticed when one of our own follows at once", async () => {
  await server.makeJob({ id: 'a1' })
  await server.makeJob({ id: 'b2' })
  await server.stranger.get('/jobs/a1/')
  const other = Database.open(server.database.path).database
  const rename = {
    name: 'rename',
    run: async (connection: Connection) => sqliteOf(connection).execute("UPDATE job SET description = 'new'"),
  }
  await other.write(rename, undefined)
  await other.close()
  await server.client.post('/jobs/b2/tests/', { tag: 't' })
  expect((await server.stranger.get('/jobs/a1/')).body.description).toBe('new')
})

test.each(['/jobs/', '/jobs/a1/', '/statistics/', '/', '/version/', '/jobstatuses/', '/jobs/?running=true'])(
  '%s has a tag, by which a client asks whether it has it already',
  async (path) => {
    await server.makeJob({ id: 'a1' })
    for (const _ of [1, 2]) {
      const first = await server.stranger.get(path)
      const etag = first.headers.get('etag') ?? ''
      expect(first.headers.get('cache-control')).toBe('no-cache')
      const weak = etag.startsWith('W/') ? etag : `W/${etag}`
      const again = await server.stranger.with({ 'if-none-match': `"x", ${weak}` }).get(path)
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, null, etag])
      expect((await server.stranger.with({ 'if-none-match': '"x"' }).get(path)).status).toBe(200)
    }
  },
)

test('what changed has another tag', async () => {
  await server.makeJob({ id: 'a1' })
  const etag = (await server.stranger.get('/jobs/a1/')).headers.get('etag') ?? ''
  await server.client.post('/jobs/a1/tests/', { tag: 't' })
  const { status, headers } = await server.stranger.with({ 'if-none-match': etag }).get('/jobs/a1/')
  expect(status).toBe(200)
  expect(headers.get('etag')).not.toBe(etag)
})

test('a large answer is packed for those who ask, and is the same', async () => {
  await server.makeJob({ id: 'a1', tests: Array.from({ length: 50 }, (_, index) => ({ tag: `${index}-t` })) })
  const ask = (accepted: string) =>
    fetch(`${server.origin}/jobs/a1/`, { headers: { 'accept-encoding': accepted }, decompress: false })
  const plain = await (await ask('identity')).bytes()
  for (const _ of ['made', 'kept']) {
    const gzip = await ask('gzip')
    expect([gzip.headers.get('content-encoding'), gzip.headers.get('vary')]).toEqual([
      'gzip',
      'Accept, Accept-Encoding',
    ])
    expect(gunzipSync(await gzip.bytes()).equals(plain)).toBe(true)
    const zstd = await ask('gzip, zstd')
    expect(zstd.headers.get('content-encoding')).toBe('zstd')
    expect(Bun.zstdDecompressSync(new Uint8Array(await zstd.bytes())).equals(plain)).toBe(true)
    expect((await ask('gzip')).headers.get('etag')).not.toBe((await ask('identity')).headers.get('etag'))
  }
})

test('each indent, and each host, has its own', async () => {
  await server.makeJob({ id: 'a1' })
  for (const _ of ['made', 'kept']) {
    const text = async (headers: Record<string, string>) =>
      (await fetch(`${server.origin}/jobs/?page_size=1`, { headers })).text()
    const pretty = await text({ accept: 'application/json; indent=2' })
    expect(pretty).toBe(JSON.stringify(JSON.parse(await text({})), null, 2))
  }
  await server.makeJob({ id: 'b2' })
  for (const host of ['one.example', 'two.example', 'one.example']) {
    const { body } = await server.stranger.with({ host }).get('/jobs/?page_size=1')
    expect(body.next).toBe(`http://${host}/jobs/?page_size=1&page=2`)
  }
})

test('wrong credentials are wrong, whatever is kept', async () => {
  await server.makeJob({ id: 'a1' })
  await server.stranger.get('/jobs/')
  expect((await server.stranger.with({ authorization: 'Bearer wrong' }).get('/jobs/')).status).toBe(401)
  expect((await server.client.get('/jobs/')).status).toBe(200)
})

test('HEAD is GET without a body', async () => {
  await server.makeJob({ id: 'a1' })
  const get = await server.stranger.get('/jobs/a1/')
  const head = await server.stranger.send('HEAD', '/jobs/a1/')
  expect([head.status, head.body, head.headers.get('etag')]).toEqual([200, null, get.headers.get('etag')])
})

test('a long URL takes of the room, too', async () => {
  const answers = new ResponseCache(server.database, 100_000)
  for (let page = 1; page <= 50; page++) {
    const request = new Request(`http://localhost/jobs/?search=${page}-${'x'.repeat(8000)}`)
    answers.keep(request, '{}', unknown())
  }
  expect(answers.size.bytes).toBeLessThanOrEqual(100_000)
  expect(answers.size.answers).toBe(11)
})

test('an answer is kept under the parameters that its route knows, each once and plainly spelled, and no others', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: '1-t' }] })
  const growth = async (path: string) => {
    const before = answersOf().size.answers
    // A list refuses what it does not know.
    expect([200, 400]).toContain((await server.stranger.get(path)).status)
    return answersOf().size.answers - before
  }
  for (const path of [
    '/jobs/?page=1',
    '/jobs/?ordering=-time&page_size=3&search=a%20b',
    '/jobs/a1/?omit=tests',
    '/jobs/a1/tests/?status=PASS&include=details',
    '/api/v2.0/groups?description:like=a*',
    '/api/v2.0/groups?description%3Alike=b*',
  ]) {
    expect([path, await growth(path), await growth(path)]).toEqual([path, 1, 0])
  }
  for (const path of [
    '/jobs/?x=1',
    '/jobs/?page=1&page=1',
    '/jobs/?page_siz%65=4',
    '/jobs/?search=%61',
    '/jobs/?search=%c3%a4',
    '/jobs/?',
    '/jobs/?&page=1',
    '/jobs/?search',
    '/jobs/%611/',
    '/jobs/?running=true', // changes while time goes by
    '/jobs/?interval=day',
    '/jobs/a1/?search=a',
    '/jobs/a1/?page=1',
    '/jobs/summary/?page=1',
    '/jobs/a1/passrate/?omit=tests',
    '/jobs/a1/tests/?outcome=FAIL',
    '/jobs/a1/tests/1-t/?page=1',
    '/jobs/a1/tests/1-t/history/?ordering=time',
    '/jobs/a1/data/?ordering=time',
    '/jobs/a1/files/?search=a',
    '/testenvironments/?search=a',
    '/api/v2.0/groups/a1?page=1',
    '/api/v2.0/results?anything=1',
  ]) {
    expect([path, await growth(path)]).toEqual([path, 0])
  }
})

test('what is kept is bounded, and what was asked for last stays', async () => {
  const answers = new ResponseCache(server.database, 100_000)
  const request = (path: string) => new Request(`http://localhost${path}`)
  const text = 'x'.repeat(10_000)
  for (let page = 1; page <= 50; page++) {
    answers.keep(request(`/jobs/?page=${page}`), text, unknown())
    answers.find(request('/jobs/?page=1'))
  }
  expect(answers.size.bytes).toBeLessThanOrEqual(100_000)
  expect(answers.size.answers).toBe(9)
  expect(answers.find(request('/jobs/?page=1'))).toBeDefined()
  expect(answers.find(request('/jobs/?page=2'))).toBeUndefined()
  expect(answers.find(request('/jobs/?page=50'))).toBeDefined()
  answers.keep(request('/jobs/?page=51&anything=1'), text, unknown())
  expect(answers.find(request('/jobs/?page=51&anything=1'))).toBeUndefined()
})
