// No answer leaves before what it acknowledges is on disk: seen in the system calls of the server. A power cut cannot
// be tried here; this is what it comes down to.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tar } from '../imports/archives'
import { Folder } from '../support/binary'
import { Client } from '../support/client'
import { readTrace, Strace, type SystemCall } from '../support/strace'

const DATABASE = 'avocadoserver.sqlite'
const WAL = `${DATABASE}-wal`
const SYNCS = ['fsync', 'fdatasync']
const CALLS = 'recvfrom,read,readv,recvmsg,pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync'
const FRAME_HEADER_BYTES = 24

const wordOf = (number: number) => `proof${String(number).padStart(5, '0')}`

/** Puts a word of its own into each of so many requests, which find their way into the WAL as they are. */
type Load = (client: Client, word: () => string) => Promise<void>

const one: Load = async (client, word) => {
  for (let count = 0; count < 20; count++) await client.post('/jobs/load/tests/', { tag: `1-${word()}` })
}

const many: Load = async (client, word) => {
  await Promise.all(Array.from({ length: 16 }, () => one(client, word)))
}

const everyKind: Load = async (client, word) => {
  const time = '2026-11-24T12:00:00Z'
  await client.post('/jobs/', { id: 'whole', description: word(), tests: [{ tag: '1-a' }] })
  await client.patch('/jobs/whole/', { description: word() })
  await client.put('/jobs/whole/', { description: word() })
  await client.post('/jobs/whole/activities/', { activity: word(), time })
  await client.post('/jobs/whole/data/', { key: 'key', value: word() })
  await client.post('/jobs/whole/tests/', { tag: `2-${word()}` })
  await client.post('/jobs/whole/tests/1-a/activities/', { activity: word(), time, status: 'PASS' })
  await client.post('/jobs/whole/tests/1-a/data/', { key: 'key', value: word() })
  await client.patch('/jobs/whole/tests/1-a/', { fail_reason: word() })
  await client.post('/softwarecomponentkinds/', { name: word() })
  await client.request('POST', '/imports/', { body: JSON.stringify({ id: 'line', description: word() }) })
  await client.request('POST', '/imports/?format=tap', { body: `1..1\nok 1 - ${word()}\n` })
}

/** What a server does under a load, and how many words that had. */
async function watch(
  load: Load,
  ...options: string[]
): Promise<{ calls: SystemCall[]; asked: number; folder: string }> {
  using folder = new Folder()
  await using server = await folder.serve(['--open', ...options])
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'load' })
  const file = join(folder.path, 'trace')
  let asked = 0
  {
    await using _ = await Strace.attach(server, '-y', '-s', '4096', '-o', file, '-e', `trace=${CALLS}`)
    await load(client, () => wordOf(asked++))
  }
  return { calls: readTrace(readFileSync(file, 'utf8')), asked, folder: folder.path }
}

/** @returns for each word whether its commit was on disk when its answer left. */
const durableOf = ({ calls, asked }: { calls: SystemCall[]; asked: number }) =>
  Array.from({ length: asked }, (_, number) => isDurable(calls, wordOf(number)))

/**
 * Whether the request with this word has the order of things that keeps it: it arrives; the word goes into a page of the
 * WAL; the last frame of that commit follows; the WAL is synced, from beginning to end; the answer begins to leave.
 *
 * @throws Error when one of them is not in the trace: the server does it by another system call, then.
 */
function isDurable(calls: SystemCall[], word: string): boolean {
  const missing = (what: string): never => {
    throw new Error(`${word}: the trace has no ${what}`)
  }
  const arrival =
    calls.find(({ file, data }) => file.startsWith('socket:') && data.includes(word)) ?? missing('arrival')
  const later = calls.filter(({ begin }) => begin > arrival.end)
  const answer =
    later.find(({ file, data }) => file === arrival.file && data.startsWith('HTTP/1.1 2')) ??
    missing('answer of success')
  const written = later.filter(({ name, file }) => name === 'pwrite64' && file.endsWith(WAL))
  const page = written.findIndex(({ data }) => data.includes(word))
  if (page < 0) missing('page of the WAL')
  // Each frame is a header and a page; the header of a commit's last frame says how large the database is by then
  // ("WAL Frame Format" in SQLite's description of its file format). This page may be of that last frame itself.
  const lastHeader = written.findIndex(
    ({ data }, index) =>
      index >= page - 1 && data.length === FRAME_HEADER_BYTES && data.slice(4, 8) !== '\0\0\0\0',
  )
  const commit = (lastHeader >= 0 && written[lastHeader + 1]) || missing('end of the commit')
  const sync = later.find(
    ({ name, file, begin }) => SYNCS.includes(name) && file.endsWith(WAL) && begin > commit.end,
  )
  return sync !== undefined && sync.end < answer.begin
}

const loads = { 'one connection': one, 'sixteen connections': many, 'writes of every kind': everyKind }

for (const [name, load] of Object.entries(loads)) {
  test(`no answer leaves before its commit is on disk: ${name}`, async () => {
    const watched = await watch(load)
    expect(watched.asked).toBeGreaterThan(10)
    expect(durableOf(watched)).toEqual(Array(watched.asked).fill(true))
  }, 60_000)
}

test('with --durability normal answers leave before', async () => {
  const watched = await watch(many, '--durability', 'normal')
  expect(durableOf(watched)).toEqual(Array(watched.asked).fill(false))
}, 60_000)

test('a file, and every folder on the way to it, is on disk before the row that names it is written', async () => {
  const log = 'a line of a log\n'.repeat(10_000)
  const hash = new Bun.SHA256().update(log).digest('hex')
  const watched = await watch(async (client, word) => {
    const results = { job_id: 'logged', tests: [{ id: `1-${word()}`, status: 'PASS' }], total: 1, time: 1 }
    const entries = [
      { name: 'results.json', content: JSON.stringify(results) },
      { name: 'job.log', content: log },
    ]
    await client.request('POST', '/imports/', { body: tar(entries) })
  })
  expect(durableOf(watched)).toEqual([true])
  const bytes = Buffer.from(hash, 'hex').toString('latin1')
  const row = watched.calls.find(({ file, data }) => file.endsWith(WAL) && data.includes(bytes))
  const synced = watched.calls
    .filter(({ name, end }) => SYNCS.includes(name) && end < (row?.begin ?? 0))
    .map(({ file }) => file.slice(watched.folder.length).replace(/[^/]{36}$/, 'UUID'))
  const files = `/${DATABASE}.files`
  expect(synced).toEqual(
    expect.arrayContaining([`${files}/temporary/UUID`, `${files}/${hash.slice(0, 2)}`, files, '']),
  )
}, 30_000)
