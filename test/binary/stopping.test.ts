// SIGTERM ends the server within the documented time, whatever is being imported.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { RawRequest } from '../support/raw-request'

/** "10 s at most", and what a busy machine takes to end a process. */
const MAX_MS = 10_000 + 4000

async function stopWithin(server: { stop(): Promise<number | null> }): Promise<void> {
  const start = performance.now()
  expect(await server.stop()).toBe(0)
  expect(performance.now() - start).toBeLessThan(MAX_MS)
}

test('while lines without an end are imported', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const tests = Array.from({ length: 300 }, (_, index) => ({ tag: `${index}-a` }))
  const lines = Array.from({ length: 8000 }, (_, index) => JSON.stringify({ id: `job-${index}`, tests }))
  const body = lines.join('\n')
  const imported = fetch(`${server.origin}/imports/`, { method: 'POST', body }).catch(() => undefined)
  await Bun.sleep(1000)
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
