// Whoever sends an import may go away. What has not come whole is not stored; what has is stored to its end, and at no time
// is there half a job.

import { expect, test } from 'bun:test'
import { tar, zip } from '../ingest/archives'
import { Folder } from '../support/binary'
import { Client } from '../support/client'
import { RawRequest } from '../support/raw-request'

const TESTS = 20_000
const TIMEOUT_MS = 120_000
const ID = 'a'.repeat(40)
const tags = Array.from({ length: TESTS }, (_, index) => `${index + 1}-a`)

const results = JSON.stringify({
  job_id: ID,
  tests: tags.map((id) => ({ id, status: 'PASS' })),
  total: TESTS,
})
const job = JSON.stringify({ id: ID, tests: tags.map((tag) => ({ tag, status: 'PASS' })) })
const archive = tar([{ name: 'results.json', content: results }])

const uploads: Record<string, { path: string; body: string | Uint8Array }> = {
  'results.json': { path: '/imports/', body: results },
  xUnit: {
    path: `/imports/?job=${ID}`,
    body: `<testsuite name="s">${tags.map((tag) => `<testcase name="${tag}"/>`).join('')}</testsuite>`,
  },
  TAP: { path: `/imports/?job=${ID}`, body: `1..${TESTS}\n${tags.map((tag) => `ok - ${tag}`).join('\n')}\n` },
  'a line of NDJSON': { path: '/imports/?format=ndjson', body: job },
  'an archive': { path: '/imports/', body: archive },
  'a packed archive': { path: '/imports/', body: Bun.gzipSync(archive) },
  zip: { path: '/imports/', body: zip([{ name: 'results.json', content: results }]) },
  'POST /jobs/': { path: '/jobs/', body: job },
}

/** Sends the part, and goes when the server has read it. */
async function sendAndGo(origin: string, kind: string, part: number): Promise<void> {
  const { path, body } = uploads[kind] as (typeof uploads)[string]
  const bytes = Buffer.from(body as string)
  const request = await RawRequest.begin(origin, 'POST', path, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
  })
  await request.flush(bytes.subarray(0, bytes.length * part))
  request.close()
}

/** How many tests the job has; 0: it is not there. */
async function testsOf(client: Client): Promise<number> {
  const { status, body } = await client.get(`/jobs/${ID}/testcount/`)
  return status === 404 ? 0 : body.testcount
}

test.each(Object.keys(uploads))(
  'sent whole, it is stored whole; sent in half, not at all: %s',
  async (kind) => {
    using folder = new Folder()
    await using serving = await folder.serve(['--open'])
    const client = new Client(serving.origin)
    await sendAndGo(serving.origin, kind, 1 / 2)
    await sendAndGo(serving.origin, kind, 1)
    const seen = new Set<number>()
    do {
      seen.add(await testsOf(client))
      await Bun.sleep(5)
    } while (!seen.has(TESTS))
    // Never half of it.
    expect([...seen].filter((tests) => tests !== 0)).toEqual([TESTS])
    expect((await client.get('/jobs/')).body.count).toBe(1)
  },
  TIMEOUT_MS,
)

test(
  'of NDJSON the lines that have come whole are stored, and the one that was cut off is not',
  async () => {
    using folder = new Folder()
    await using serving = await folder.serve(['--open'])
    const client = new Client(serving.origin)
    const request = await RawRequest.begin(serving.origin, 'POST', '/imports/?format=ndjson', {
      'content-length': '1000000',
    })
    // The beginning of a body tells what it is: it is waited for.
    const tests = [{ tag: '1-a', fail_reason: 'x'.repeat(5000) }]
    const long = JSON.stringify({ id: 'first', tests })
    await request.flush(`${long}\n{"id": "second"}\n{"id": "third", "description": ""`)
    while ((await client.get('/jobs/')).body.count < 2) await Bun.sleep(10)
    request.close()
    await client.post('/jobs/', { id: 'later' })
    const jobs: { id: string }[] = await client.all('/jobs/')
    expect(jobs.map(({ id }) => id).sort()).toEqual(['first', 'later', 'second'])
  },
  TIMEOUT_MS,
)
