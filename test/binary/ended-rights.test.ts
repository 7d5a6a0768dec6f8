// A right that ends while something is being sent: what was sent by it is not stored, whatever it is.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { tar, zip } from '../ingest/archives'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { type RawAnswer, RawRequest } from '../support/raw-request'

const TIMEOUT_MS = 240_000
/** Before a token that expires: longer than all uploads take to begin. */
const EXPIRES_MS = 6000

const results = (id: string) =>
  JSON.stringify({ job_id: id.repeat(40), tests: [{ id: '1-a', status: 'PASS' }], total: 1 })
/** Too long for a row: it would be a file beside the database. */
const LONG = Array.from({ length: 3000 }, (_, index) => `line ${index} of a log\n`).join('')
const directory = (id: string) => [
  { name: 'job.log', content: LONG + id },
  { name: 'results.json', content: results(id) },
]

function journal(): Uint8Array {
  using database = new Database(':memory:')
  database.run('CREATE TABLE job_info (unique_id TEXT UNIQUE)')
  database.run('CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT, flushed BOOLEAN)')
  database.run(`INSERT INTO job_info VALUES ('${'f'.repeat(40)}')`)
  database.run("INSERT INTO test_journal VALUES ('1-a', '2026-11-23T18:20:17', 'STARTED', NULL, 0)")
  return new Uint8Array(database.serialize())
}

const form = [
  '--boundary',
  'content-disposition: form-data; name="file"; filename="results.xml"',
  '',
  '<testsuite name="form"><testcase name="a"/></testsuite>',
  '--boundary--',
  '',
].join('\r\n')

interface Upload {
  path: string
  body: string | Uint8Array
  method?: string
  type?: string
}

const json = 'application/json'
const uploads: Record<string, Upload> = {
  'results.json': { path: '/imports/', body: results('a') },
  xUnit: { path: '/imports/', body: '<testsuite name="s"><testcase name="a"/></testsuite>' },
  TAP: { path: '/imports/', body: 'TAP version 13\n1..1\nok 1 a\n' },
  journal: { path: '/imports/', body: journal() },
  NDJSON: { path: '/imports/?format=ndjson', body: JSON.stringify({ id: 'line', tests: [{ tag: '1-a' }] }) },
  tar: { path: '/imports/', body: tar(directory('b')) },
  'tar.gz': { path: '/imports/', body: Bun.gzipSync(tar(directory('c'))) },
  'tar.zst': { path: '/imports/', body: Bun.zstdCompressSync(tar(directory('d'))) },
  zip: { path: '/imports/', body: zip(directory('e')) },
  'a form': { path: '/imports/', body: form, type: 'multipart/form-data; boundary=boundary' },
  'POST /jobs/': {
    path: '/jobs/',
    body: JSON.stringify({ id: 'posted', tests: [{ tag: '1-a' }] }),
    type: json,
  },
  'POST /jobs/JOB/tests/': { path: '/jobs/base/tests/', body: JSON.stringify({ tag: '2-b' }), type: json },
  'a test with a long reason': {
    path: '/jobs/base/tests/',
    body: JSON.stringify({ tag: '3-c', fail_reason: LONG.repeat(2) }),
    type: json,
  },
  'PATCH of a job': {
    path: '/jobs/base/',
    body: JSON.stringify({ description: 'changed' }),
    method: 'PATCH',
    type: json,
  },
  'a result of ResultsDB': {
    path: '/api/v2.0/results',
    body: JSON.stringify({ outcome: 'PASSED', testcase: 'r', groups: [crypto.randomUUID()] }),
    type: json,
  },
}
const kinds = Object.keys(uploads)

/** All begun with a token, and half of each sent. */
async function begin(origin: string, token: string): Promise<RawRequest[]> {
  return Promise.all(
    kinds.map(async (kind) => {
      const { path, body, method = 'POST', type } = uploads[kind] as Upload
      const bytes = Buffer.from(body as string)
      const request = await RawRequest.begin(origin, method, path, {
        authorization: `Bearer ${token}`,
        'content-length': String(bytes.length),
        ...(type && { 'content-type': type }),
      })
      request.send(bytes.subarray(0, bytes.length / 2))
      return request
    }),
  )
}

async function end(requests: RawRequest[]): Promise<Record<string, number | undefined>> {
  const answers = requests.map((request, index) => {
    const bytes = Buffer.from((uploads[kinds[index] ?? ''] as Upload).body as string)
    request.send(bytes.subarray(bytes.length / 2))
    return request.answer()
  })
  const told = await Promise.all(answers)
  for (const request of requests) request.close()
  return Object.fromEntries(
    told.map((answer: RawAnswer | undefined, index) => [kinds[index], answer?.status]),
  )
}

/** What anybody could find of it afterwards. */
async function found({ path }: Folder, { origin }: Serving) {
  const client = new Client(origin)
  const jobs: { id: string; description: string | null; tests: { tag: string }[] }[] =
    await client.all('/jobs/')
  const stored = `${path}/avocadoserver.sqlite.files`
  return {
    jobs: jobs.length,
    base: jobs.find(({ id }) => id === 'base'),
    // `temporary` is emptied at the start, and whenever an upload ends.
    contents: existsSync(stored)
      ? readdirSync(stored).flatMap((part) => readdirSync(`${stored}/${part}`))
      : [],
  }
}

async function withUploads(expires: string | null, act: (folder: Folder) => Promise<unknown>) {
  using folder = new Folder()
  await folder.setUp('123')
  await folder.run(['createuser', '--username=lab', '--noinput', '--role=member'])
  await using serving = await folder.serve()
  const admin = new Client(serving.origin, { authorization: `Basic ${btoa('admin:123')}` })
  await admin.post('/jobs/', { id: 'base', tests: [{ tag: '1-a' }] })
  const { stdout } = await folder.run([
    'createtoken',
    '--user',
    'lab',
    ...(expires ? ['--expires', expires] : []),
  ])
  const requests = await begin(serving.origin, stdout.trim())
  await Bun.sleep(300)
  await act(folder)
  return { statuses: await end(requests), found: await found(folder, serving) }
}

const ends: Record<string, [expires: string | null, act: (folder: Folder) => Promise<unknown>]> = {
  'a token that is deleted': [
    null,
    async (folder) => {
      const { stdout } = await folder.run(['listtokens'])
      const [, id = ''] = /^\s*(\d+)\b.*lab/m.exec(stdout) ?? []
      expect((await folder.run(['deletetoken', id])).code).toBe(0)
    },
  ],
  'a user that is disabled': [null, (folder) => folder.run(['disableuser', 'lab'])],
  'a token that expires': [`${EXPIRES_MS / 1000}s`, () => Bun.sleep(EXPIRES_MS + 500)],
}

test.each(Object.keys(ends))(
  'of %s nothing is stored that was on its way',
  async (what) => {
    const { statuses, found } = await withUploads(...(ends[what] as (typeof ends)[string]))
    expect(statuses).toEqual(Object.fromEntries(kinds.map((kind) => [kind, 401])))
    expect(found).toMatchObject({
      jobs: 1,
      base: { description: null, tests: [{ tag: '1-a' }] },
      contents: [],
    })
    expect(found.base?.tests.length).toBe(1)
  },
  TIMEOUT_MS,
)

test(
  'sent as slowly by a right that goes on, all of it is stored',
  async () => {
    const { statuses, found } = await withUploads(null, async () => {})
    expect(Object.entries(statuses).filter(([, status]) => status !== 200 && status !== 201)).toEqual([])
    expect([found.jobs, found.base?.tests.length, found.base?.description]).toEqual([13, 3, 'changed'])
  },
  TIMEOUT_MS,
)
