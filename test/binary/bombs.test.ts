// Bodies that unpack to far more than they are: stopped early, nothing of them is stored, and the memory stays small.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { tar, zip } from '../ingest/archives'
import { Folder } from '../support/binary'
import { Client } from '../support/client'

const MiB = 1024 ** 2
const TIMEOUT_MS = 240_000
/** What is unpacked before the ratio counts, kept or not, and the ratio: see docs/security.md. */
const FREE_BYTES = 512 * MiB
const RATIO = 200
/** What the server may take meanwhile. A bomb that is kept takes as much as it unpacks to. */
const MAX_GROWTH = 192 * MiB

const zeros = new Uint8Array(64 * MiB)
const repeated = (packed: Uint8Array) => Buffer.concat(Array.from({ length: 48 }, () => packed))
/** The header of a file of 3 GiB, and the file: one packed content after another are one. */
const head = tar([{ name: 'bomb', size: 48 * zeros.length }]).subarray(0, 512)
const results = JSON.stringify({ job_id: 'b'.repeat(40), tests: [], total: 0, x: ' '.repeat(64 * MiB) })

const endless: Record<string, Uint8Array> = {
  'tar.gz': Buffer.concat([Bun.gzipSync(head), repeated(Bun.gzipSync(zeros))]),
  'tar.zst': Buffer.concat([Bun.zstdCompressSync(head), repeated(Bun.zstdCompressSync(zeros))]),
  'gzip of no tar': repeated(Bun.gzipSync(zeros)),
  'zstd of no tar': repeated(Bun.zstdCompressSync(zeros)),
  'gzip in gzip': Bun.gzipSync(Buffer.concat([Bun.gzipSync(head), repeated(Bun.gzipSync(zeros))])),
  zip: zip([{ name: 'results.json', content: results }]),
  'zip that claims less': zip([{ name: 'results.json', content: results, claims: { size: 100 } }]),
  'zip in zip': zip([{ name: 'inner.zip', content: zip([{ name: 'bomb', content: zeros }]) }]),
  'results.json of a tar.gz': Bun.gzipSync(tar([{ name: 'results.json', content: results }])),
  'results.json of a tar.zst': Bun.zstdCompressSync(tar([{ name: 'results.json', content: results }])),
}

const residentOf = (pid: number) => {
  const [, kB] = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kB) * 1024
}

test.each(Object.keys(endless))(
  '%s',
  async (kind) => {
    const bomb = endless[kind] as Uint8Array
    using folder = new Folder()
    await using serving = await folder.serve(['--open'])
    const client = new Client(serving.origin)
    await client.get('/jobs/')
    const before = residentOf(serving.child.pid)
    const { status, body } = await client.request('POST', '/imports/', { body: bomb as never })
    expect([status, typeof body.detail]).toEqual([400, 'string'])
    const [, unpacked = '0'] = /after (\d+) unpacked bytes/.exec(body.detail) ?? []
    expect(Number(unpacked)).toBeLessThanOrEqual(FREE_BYTES + RATIO * bomb.length + MiB)
    expect(residentOf(serving.child.pid) - before).toBeLessThan(MAX_GROWTH)
    expect((await client.get('/jobs/')).body.count).toBe(0)
    // Whoever sends a job with it afterwards is served.
    expect((await client.post('/jobs/', {})).status).toBe(201)
  },
  TIMEOUT_MS,
)

test('packed bodies are the archives of imports alone: elsewhere nothing is unpacked', async () => {
  using folder = new Folder()
  await using serving = await folder.serve(['--open'])
  const body = Bun.gzipSync(Buffer.from(JSON.stringify({ description: 'x'.repeat(1000) })))
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  const { status } = await new Client(serving.origin).request('POST', '/jobs/', {
    body: body as never,
    headers,
  })
  expect(status).toBeGreaterThanOrEqual(400)
  expect(deflateRawSync(zeros).length).toBeLessThan(zeros.length / RATIO)
})
