// SIGTERM ends the server within the documented time, whatever is being imported.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { Client } from '../support/client'
import { RawRequest } from '../support/raw-request'

/** What the documentation says. */
const DOCUMENTED_MS = 10_000

async function elapsedMs(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** How long this machine takes, now, to start a server that has nothing to do and to end it. */
function idleMs(): Promise<number> {
  return elapsedMs(async () => {
    using folder = new Folder()
    await using server = await folder.serve(['--open'])
    expect(await server.stop()).toBe(0)
  })
}

/** Beside the documented time a busy machine needs some to end a process: ten times what an idle server takes. */
async function stopWithin(server: { stop(): Promise<number | null> }): Promise<void> {
  const before = await idleMs()
  const busy = await elapsedMs(async () => expect(await server.stop()).toBe(0))
  expect(busy).toBeLessThan(DOCUMENTED_MS + 10 * Math.max(before, await idleMs()))
}

test('while lines without an end are imported', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const tests = Array.from({ length: 300 }, (_, index) => ({ tag: `${index}-a` }))
  const lines = Array.from({ length: 8000 }, (_, index) => JSON.stringify({ id: `job-${index}`, tests }))
  const body = lines.join('\n')
  const imported = fetch(`${server.origin}/imports/`, { method: 'POST', body }).catch(() => undefined)
  const jobs = new Client(server.origin)
  const stored = async () => (await jobs.get('/jobs/?page_size=1&omit=tests')).body.count
  while ((await stored()) === 0) await Bun.sleep(20)
  await stopWithin(server)
  await imported
}, 120_000)

test('while an import trickles', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  using request = await RawRequest.begin(server.origin, 'POST', '/imports/', {
    'transfer-encoding': 'chunked',
  })
  request.sendChunk('TAP version 13\n')
  const trickle = setInterval(() => request.sendChunk('# not done\n'), 100)
  await Bun.sleep(500)
  await stopWithin(server)
  clearInterval(trickle)
}, 120_000)
