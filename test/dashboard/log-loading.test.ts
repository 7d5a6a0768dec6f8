import { beforeEach, expect, test } from 'bun:test'
import { connect, createServer, type Socket } from 'node:net'
import type { StoredContent } from '../../src/blobs/store'
import { Log } from '../../src/dashboard/page/log/log'
import { fileId, testFiles } from '../../src/results/core/files'
import { defineWrite } from '../../src/storage/database'
import { NOW, withServer } from '../support/server'

const server = withServer()
const LINES = Array.from({ length: 200_000 }, (_, line) => `[stdlog] line ${line + 1} of a log\n`)
const TEXT = LINES.join('')

let testId: number
let path: string
beforeEach(async () => {
  const { tests } = await server.makeJob({ id: 'a1', tests: [{ tag: '1-a' }] })
  testId = tests[0].id
  path = `/jobs/a1/tests/${testId}/files/debug.log`
})

const nameLog = defineWrite(
  'nameLog',
  async (connection, content: StoredContent) =>
    testFiles.setFile(
      connection,
      { owner: testId, path: 'debug.log' },
      await fileId(connection, content, NOW),
    ),
  { hasBytes: true },
)

/** Makes it the log of the test, whatever was there before. */
async function store(text: string) {
  async function* chunks() {
    yield Buffer.from(text)
  }
  using hold = server.files.hold()
  server.database.write(nameLog, await server.files.put(chunks(), 1e9, hold))
}

const told = (log: Log) => ({
  state: log.state.value,
  bytes: log.bytes.length,
  lines: log.rows.lineCount,
  firstError: log.firstError,
  hits: log.search?.count,
})

test('a log is loaded, made rows of, and searched while it comes', async () => {
  await store(`${TEXT}ERROR| it broke\n`)
  const log = new Log(`${server.origin}${path}`, 0, TEXT.length)
  log.find('LINE 1999')
  await log.load()
  expect(told(log)).toEqual({
    state: 'whole',
    bytes: TEXT.length + 16,
    lines: 200_001,
    firstError: 200_001,
    hits: 111,
  })
})

test('a log can be searched when it is there', async () => {
  await store(TEXT)
  const log = new Log(`${server.origin}${path}`, 0, TEXT.length)
  await log.load()
  log.find('line 7777 ')
  while (log.isBusy) await Bun.sleep(1)
  expect(told(log).hits).toBe(1)
  log.find('')
  expect(told(log).hits).toBeUndefined()
})

test('of a log that has grown, the rest is loaded', async () => {
  await store(TEXT)
  const log = new Log(`${server.origin}${path}`, 0, TEXT.length)
  await log.load()
  const { bytes } = log
  await store(`${TEXT}more\n`)
  log.size = TEXT.length + 5
  await log.load()
  expect(told(log)).toMatchObject({ state: 'whole', bytes: TEXT.length + 5, lines: 200_001 })
  expect(log.bytes).toBe(bytes)
})

test('a log that has become another one is loaded anew', async () => {
  await store(TEXT)
  const log = new Log(`${server.origin}${path}`, 0, TEXT.length)
  log.find('line')
  await log.load()
  await store(`${TEXT.toUpperCase()}MORE\n`)
  await log.load()
  expect(told(log)).toMatchObject({ state: 'whole', bytes: TEXT.length + 5, lines: 200_001, hits: 200_000 })
  expect(Buffer.from(log.bytes.slice(0, 15)).toString()).toBe('[STDLOG] LINE 1')
})

test('a log that has become shorter is loaded anew', async () => {
  await store(TEXT)
  const log = new Log(`${server.origin}${path}`, 0, TEXT.length)
  await log.load()
  await store('short\n')
  await log.load()
  expect(told(log)).toMatchObject({ state: 'whole', bytes: 6, lines: 1 })
})

test('after the connection was lost, the rest is loaded', async () => {
  await store(TEXT)
  const sockets: Socket[] = []
  const port = Number(new URL(server.origin).port)
  let passes = 40_000 // about the half, for it comes packed
  const proxy = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    sockets.push(client, upstream)
    client.pipe(upstream)
    upstream.on('data', (chunk) => {
      passes -= chunk.length
      client.write(chunk)
      if (passes < 0) client.destroy()
    })
    for (const socket of [client, upstream]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port: proxyPort } = proxy.address() as { port: number }
  const log = new Log(`http://127.0.0.1:${proxyPort}${path}`, 0, TEXT.length)
  await log.load()
  expect(log.state.value).toBe('lost')
  expect(log.bytes.length).toBeGreaterThan(0)
  expect(log.failure).toMatch(/^The connection to the server ended\. .* of 5\.6 MiB are here to be read\.$/)
  passes = Number.POSITIVE_INFINITY
  await log.load()
  for (const socket of sockets) socket.destroy()
  proxy.close()
  expect(told(log)).toMatchObject({ state: 'whole', bytes: TEXT.length, lines: 200_000 })
})

test('the last part of a log that is too large to be kept', async () => {
  await store(TEXT)
  const log = new Log(`${server.origin}${path}`, TEXT.length - 1000, TEXT.length)
  await log.load()
  expect(Buffer.from(log.bytes.slice(0, 1000)).toString()).toBe(TEXT.slice(-1000))
  expect(told(log)).toMatchObject({ state: 'whole', bytes: 1000 })
})

test('an empty log', async () => {
  await store('')
  const log = new Log(`${server.origin}${path}`, 0, 0)
  await log.load()
  expect(told(log)).toEqual({ state: 'whole', bytes: 0, lines: 0, firstError: undefined, hits: undefined })
})

test('a log that is not there', async () => {
  const log = new Log(`${server.origin}${path}`, 0, 10)
  await log.load()
  expect([log.state.value, log.failure]).toEqual([
    'failed',
    'The log is not on the server: it may have been deleted with its job.',
  ])
})

test('a log that is deleted while it is looked at', async () => {
  await store(TEXT)
  const log = new Log(`${server.origin}${path}`, 0, TEXT.length)
  await log.load()
  await server.client.delete(`/jobs/a1/tests/${testId}/`)
  await log.load()
  expect([log.state.value, log.failure, log.rows.lineCount]).toEqual([
    'lost',
    'The log is not on the server: it may have been deleted with its job. 5.6 MiB of 5.6 MiB are here to be read.',
    200_000,
  ])
})

test('a log whose server is not there', async () => {
  const log = new Log('http://127.0.0.1:9/debug.log', 0, 10)
  await log.load()
  expect([log.state.value, log.failure]).toEqual(['failed', 'The connection to the server ended.'])
})
