import { beforeEach, expect, test } from 'bun:test'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import type { StoredContent } from '../../../src/blobs/store'
import {
  deleteUnreferencedFiles,
  fileId,
  isStored,
  jobFiles,
  testFiles,
} from '../../../src/results/core/files'
import { sweepUnreferencedFiles } from '../../../src/results/files/sweep'
import { defineWrite } from '../../../src/storage/database'
import { ownQuery } from '../../support/own-query'
import { NOW, withServer } from '../../support/server'

const server = withServer()
const LOG = Buffer.from(Array.from({ length: 200_000 }, (_, line) => `line ${line}\n`).join(''))
const sha256 = (bytes: string | Uint8Array) => new Bun.CryptoHasher('sha256').update(bytes).digest('hex')

let job: { id: string; number: number; test: number }
beforeEach(async () => {
  const { id, number, tests } = await server.makeJob({ id: 'a1', tests: [{ tag: '1-a' }] })
  job = { id, number, test: tests[0].id }
})

const name = defineWrite(
  'name',
  async (
    connection,
    { of, owner, path, content }: { of: 'job' | 'test'; owner: number; path: string; content: StoredContent },
  ) => {
    const file = await fileId(connection, content, NOW)
    connection.markChanged('job', job.number)
    return (of === 'job' ? jobFiles : testFiles).setFile(connection, { owner, path }, file)
  },
  { hasBytes: true },
)

async function store(of: 'job' | 'test', path: string, bytes: string | Uint8Array) {
  async function* chunks() {
    yield Buffer.from(bytes as string)
  }
  using hold = server.files.hold()
  const content = await server.files.put(chunks(), 1e9, hold)
  const owner = of === 'job' ? job.number : job.test
  return server.database.write(name, { of, owner, path, content })
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const plain = { 'accept-encoding': 'identity', ...headers }
  const response = await fetch(`${server.origin}${path}`, { method, headers: plain, decompress: false })
  return { status: response.status, body: await response.text(), headers: response.headers }
}

test('lists are ordered by path, in pages', async () => {
  await store('job', 'job.log', 'log')
  await store('job', 'sysinfo/pre/uname -a', 'Linux')
  await store('job', 'ä/50%.svg', '<svg/>')
  const base = `${server.origin}/jobs/a1/files/`
  const text = 'text/plain; charset=utf-8'
  expect((await server.client.get('/jobs/a1/files/?page_size=2')).body).toEqual({
    count: 3,
    next: `${base}?page_size=2&page=2`,
    previous: null,
    results: [
      { path: 'job.log', size: 3, type: text, url: `${base}job.log` },
      { path: 'sysinfo/pre/uname -a', size: 5, type: text, url: `${base}sysinfo/pre/uname%20-a` },
    ],
  })
  expect((await server.client.get('/jobs/a1/files/?page_size=2&page=2')).body.results).toEqual([
    { path: 'ä/50%.svg', size: 6, type: text, url: `${base}%C3%A4/50%25.svg` },
  ])
  expect((await server.client.get(`/jobs/a1/tests/${job.test}/files/`)).body).toEqual({
    count: 0,
    next: null,
    previous: null,
    results: [],
  })
})

test('every url of a list leads to its file, whatever its name', async () => {
  const part = fc
    .string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
    .filter((text) => !/^\.{0,2}$/.test(text) && !/[/\0]/.test(text))
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), async (parts) => {
      const path = parts.join('/')
      await store('test', path, path)
      const page = (await server.client.get(`/jobs/a1/tests/${job.test}/files/?page_size=1000`)).body
      const { url } = page.results.find((file: { path: string }) => file.path === path)
      expect(await (await fetch(url)).text()).toBe(path)
    }),
    { numRuns: 50 },
  )
})

test('a file comes with its type, its length and its hash, and cannot run', async () => {
  await store('test', 'debug.log', LOG)
  await store('test', 'page.html', '<script>alert(1)</script>')
  for (const [path, bytes] of [
    ['debug.log', LOG],
    ['page.html', '<script>alert(1)</script>'],
  ] as const) {
    const { status, body, headers } = await get(`/jobs/a1/tests/1-a/files/${path}`)
    expect([status, sha256(body)]).toEqual([200, sha256(bytes)])
    headers.delete('date')
    headers.delete('x-request-id')
    expect(headers.toJSON()).toEqual({
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'access-control-expose-headers':
        'Location, ETag, Accept-Ranges, Content-Range, Content-Length, X-Request-Id',
      'cache-control': 'no-cache',
      // Bun sends a stream in chunks, without its length.
      ...(bytes === LOG ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bytes.length) }),
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'content-type': 'text/plain; charset=utf-8',
      etag: `"${sha256(bytes)}"`,
      'referrer-policy': 'same-origin',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    })
  }
})

test('HTML is a page for those who ask for one: in a sandbox, without scripts, and for frames of our own', async () => {
  const report = '<style>b { color: red }</style><b>fine</b><script>alert(1)</script>'
  await store('job', 'results.html', report)
  await store('job', 'report.txt', report)
  const page = await get('/jobs/a1/files/results.html?show=page')
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  const policy = (page.headers.get('content-security-policy') ?? '').split('; ')
  expect(policy).toContain('sandbox')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'self'")
  expect(policy.filter((part) => /script|allow|connect|form/.test(part))).toEqual([])
  for (const path of ['results.html', 'results.html?show=text', 'report.txt?show=page']) {
    const { headers } = await get(`/jobs/a1/files/${path}`)
    expect([path, headers.get('content-type')]).toEqual([path, 'text/plain; charset=utf-8'])
  }
})

test('types: pictures, JSON and XML as such, what could run as text', async () => {
  const types = {
    'a.png': 'image/png',
    'a.JPG': 'image/jpeg',
    'results.json': 'application/json',
    'results.xml': 'application/xml',
    'journalctl.gz': 'application/octet-stream',
    stdout: 'text/plain; charset=utf-8',
    'a.svg': 'text/plain; charset=utf-8',
    'a.xhtml': 'text/plain; charset=utf-8',
    'a.js': 'text/plain; charset=utf-8',
    'a.constructor': 'text/plain; charset=utf-8',
  }
  for (const [path, type] of Object.entries(types)) {
    await store('job', path, path)
    expect((await get(`/jobs/a1/files/${path}`)).headers.get('content-type')).toBe(type)
  }
})

test('HEAD says what GET would, without the body', async () => {
  await store('job', 'job.log', LOG)
  const head = await get('/jobs/a1/files/job.log', { range: 'bytes=0-9' }, 'HEAD')
  const { headers } = await get('/jobs/a1/files/job.log')
  for (const each of [head.headers, headers]) {
    each.delete('date')
    each.delete('x-request-id')
  }
  headers.delete('transfer-encoding')
  const told = { ...Object.fromEntries(headers), 'content-length': String(LOG.length) }
  expect([head.status, head.body, Object.fromEntries(head.headers)]).toEqual([200, '', told])
})

test('a file that the client has already is not sent again', async () => {
  await store('job', 'job.log', LOG)
  const etag = `"${sha256(LOG)}"`
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const { status, body, headers } = await get('/jobs/a1/files/job.log', { 'if-none-match': header })
    expect([status, body, headers.get('etag')]).toEqual([304, '', etag])
  }
  expect((await get('/jobs/a1/files/job.log', { 'if-none-match': '"x"' })).status).toBe(200)
})

test('text is packed for those who ask, but for parts of it; what is packed already is sent as it is', async () => {
  const unpack = { gzip: gunzipSync, zstd: zstdDecompressSync }
  await store('job', 'job.log', LOG)
  await store('job', 'middle.log', LOG.subarray(0, 100_000))
  await store('job', 'small.log', LOG.subarray(0, 5000))
  await store('job', 'tiny.log', LOG.subarray(0, 500))
  await store('job', 'a.tar', LOG)
  const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
    fetch(`${server.origin}/jobs/a1/files/${path}`, { method, headers, decompress: false })
  for (const encoding of ['gzip', 'zstd'] as const) {
    const accepting = { 'accept-encoding': encoding }
    for (const [path, size] of [
      ['job.log', LOG.length],
      ['middle.log', 100_000],
      ['small.log', 5000],
    ] as const) {
      const response = await ask(path, accepting)
      const { headers } = response
      const etag = headers.get('etag') ?? ''
      const bytes = await response.bytes()
      expect([path, headers.get('content-encoding'), headers.get('vary')]).toEqual([
        path,
        encoding,
        'Accept-Encoding',
      ])
      expect(bytes.length).toBeLessThan(size / 2)
      expect(sha256(unpack[encoding](bytes))).toBe(sha256(LOG.subarray(0, size)))
      expect(etag).toBe(`"${sha256(LOG.subarray(0, size))}-${encoding}"`)
      expect((await ask(path, { ...accepting, 'if-none-match': etag })).status).toBe(304)
      const head = await ask(path, accepting, 'HEAD')
      const isLong = size > 1024 ** 2 // then of the plain file
      expect([head.headers.get('etag'), head.headers.get('content-length')]).toEqual(
        isLong ? [`"${sha256(LOG)}"`, String(size)] : [etag, String(bytes.length)],
      )
    }
    const part = await ask('job.log', { ...accepting, range: 'bytes=0-1999' })
    expect([part.status, part.headers.get('content-encoding')]).toEqual([206, null])
    expect(await part.text()).toBe(LOG.subarray(0, 2000).toString())
    for (const path of ['tiny.log', 'a.tar']) {
      expect((await ask(path, accepting)).headers.get('content-encoding')).toBeNull()
    }
  }
})

test('ranges', async () => {
  const size = LOG.length
  await store('job', 'job.log', LOG)
  await store('job', 'small', LOG.subarray(0, 100))
  for (const [path, range, start, end] of [
    ['small', 'bytes=0-9', 0, 10],
    ['small', 'bytes=90-200', 90, 100],
    ['job.log', 'bytes=0-0', 0, 1],
    ['job.log', 'bytes=1048570-1048580', 1_048_570, 1_048_581],
    ['job.log', `bytes=${size - 5}-`, size - 5, size],
    ['job.log', 'bytes=-7', size - 7, size],
    ['job.log', `bytes=-${size + 7}`, 0, size],
  ] as const) {
    const { status, body, headers } = await get(`/jobs/a1/files/${path}`, { range })
    const total = path === 'small' ? 100 : size
    const length = end - start > 1024 ** 2 ? null : String(end - start)
    const answer = [status, headers.get('content-range'), headers.get('content-length'), sha256(body)]
    const part = sha256(LOG.subarray(start, end))
    expect([range, ...answer]).toEqual([range, 206, `bytes ${start}-${end - 1}/${total}`, length, part])
  }
  for (const range of ['bytes=0-1,5-6', 'bytes=5-2', 'lines=0-1', 'bytes=-', 'bytes=a-b']) {
    expect([range, (await get('/jobs/a1/files/small', { range })).status]).toEqual([range, 200])
  }
  for (const range of ['bytes=100-', 'bytes=500-600', 'bytes=-0']) {
    const { status, body, headers } = await get('/jobs/a1/files/small', { range })
    expect([status, JSON.parse(body), headers.get('content-range')]).toEqual([
      416,
      { detail: 'The range lies outside the file, which has 100 bytes.' },
      'bytes */100',
    ])
  }
  const etag = `"${sha256(LOG)}"`
  const ifRange = async (tag: string) =>
    (await get('/jobs/a1/files/job.log', { range: 'bytes=0-1', 'if-range': tag })).status
  expect([await ifRange(etag), await ifRange('"old"')]).toEqual([206, 200])
})

test('what is not there is 404, another method 405', async () => {
  await store('job', 'job.log', 'log')
  for (const path of [
    'jobs/a1/files/x',
    'jobs/b/files/job.log',
    'jobs/b/files/',
    'jobs/a1/tests/9/files/job.log',
    'jobs/a1/tests/1-a/files/job.log',
  ]) {
    expect([path, (await server.client.get(`/${path}`)).body]).toEqual([path, { detail: 'Not found' }])
  }
  expect((await server.client.get('/jobs/a1/files/%ff')).status).toBe(404)
  const { status, headers } = await server.client.delete('/jobs/a1/files/job.log')
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
})

test('a client that goes away in the middle leaves the server well', async () => {
  await store('job', 'job.log', Buffer.alloc(50_000_000, LOG))
  const accepted = ['identity', 'gzip', 'zstd', 'gzip', 'zstd', 'identity']
  for (const encoding of accepted) {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
    socket.write(`GET /jobs/a1/files/job.log HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${encoding}\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
  }
  // Nothing goes on reading for those who left.
  const isOpen = () =>
    readdirSync('/proc/self/fd').some((fd) => {
      const path = `/proc/self/fd/${fd}`
      return existsSync(path) && readlinkSync(path).includes('.sqlite.files/')
    })
  while (isOpen()) await Bun.sleep(10)
  expect((await get('/jobs/a1/files/job.log')).body.length).toBe(50_000_000)
})

test('the same path again: unchanged, or changed; a content is stored once', async () => {
  expect(await store('job', 'a', 'one')).toBe('added')
  expect(await store('job', 'a', 'one')).toBe('unchanged')
  expect(await store('job', 'b', 'one')).toBe('added')
  expect(await store('test', 'a', 'one')).toBe('added')
  expect(await store('job', 'a', 'two')).toBe('changed')
  expect((await get('/jobs/a1/files/a')).body).toBe('two')
  expect(
    await server.database.read(
      ownQuery(async (connection) => connection.database.prepare('SELECT count(*) AS n FROM file').get()),
    ),
  ).toEqual({ n: 2 })
})

const contents = () =>
  server.database.read(
    ownQuery(async (connection) => {
      const statement = connection.database.prepare('SELECT lower(hex(hash)) FROM file ORDER BY 1')
      const hashes = statement.values().map(([hash]) => hash)
      statement.finalize()
      return hashes
    }),
  )

test('with a test and a job the contents go that nothing else names', async () => {
  const sweep = async () => {
    while ((await server.database.write(deleteUnreferencedFiles, { limit: 1 })).examined > 0);
    return contents()
  }
  await store('test', 'a', 'of the test')
  await store('test', 'b', 'of both')
  await store('job', 'c', 'of both')
  await store('job', 'd', 'of the job')
  await server.makeJob({ id: 'other', tests: [{ tag: '1-a' }] })
  await server.client.delete(`/jobs/a1/tests/${job.test}/`)
  expect(await sweep()).toEqual([sha256('of both'), sha256('of the job')].sort())
  job.test = (await server.client.get('/jobs/other/tests/')).body.results[0].id
  await store('test', 'e', 'of both')
  expect((await server.client.delete('/jobs/a1/')).status).toBe(204)
  expect(await contents()).toEqual([sha256('of both')])
  await server.client.delete('/jobs/other/')
  expect(await contents()).toEqual([])
})

test('a content that nothing names any more is deleted, with its file', async () => {
  const isNamed = (hash: string) => server.database.read(isStored, hash)
  const sweep = () => server.database.write(deleteUnreferencedFiles, { limit: 100 })
  await store('job', 'large', LOG)
  await store('job', 'small', 'small')
  await store('test', 'kept', 'kept')
  await store('test', 'large', LOG)
  expect(await sweep()).toEqual({ examined: 0, hashes: [] })
  await store('job', 'large', 'x')
  await store('job', 'small', 'x')
  expect(await sweep()).toEqual({ examined: 2, hashes: [] })
  expect(await contents()).toEqual([sha256('kept'), sha256(LOG), sha256('x')].sort())
  await store('test', 'large', 'x')
  const { examined, hashes } = await sweep()
  expect([examined, hashes]).toEqual([1, [sha256(LOG)]])
  expect(await Promise.all(hashes.map((hash) => server.files.remove(hash, isNamed)))).toEqual([true])
  expect(await server.files.sweep(isNamed)).toBe(0)
})

test('a file that is deleted while it is asked for is not found, and one that was lost is no such', async () => {
  const statuses = new Set<number>()
  for (let round = 0; round < 20; round++) {
    const { number } = await server.makeJob({ id: `round-${round}` })
    job = { ...job, number }
    await store('job', 'a.log', crypto.randomUUID().repeat(10_000))
    const path = `/jobs/round-${round}/files/a.log`
    let isGone = false
    const ask = async () => {
      while (!isGone) statuses.add((await get(path)).status)
    }
    const asking = Array.from({ length: 8 }, ask)
    await server.client.delete(`/jobs/round-${round}/`)
    await sweepUnreferencedFiles(server)
    // Asked for before, while and after it went.
    statuses.add((await get(path)).status)
    isGone = true
    await Promise.all(asking)
    expect((await get(path)).status).toBe(404)
  }
  expect([...statuses].filter((status) => status !== 200)).toEqual([404])

  job = { ...job, number: (await server.makeJob({ id: 'lost' })).number }
  await store('job', 'a.log', LOG)
  await server.files.remove(sha256(LOG), async () => false)
  expect((await get('/jobs/lost/files/a.log')).status).toBe(500)
})
