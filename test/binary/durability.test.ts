// No answer leaves before what it acknowledges is on disk: seen in the system calls of the server. A power cut cannot
// be tried here; this is what it comes down to.

import { beforeAll, expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tar } from '../ingest/archives'
import { Folder } from '../support/binary'
import { changingRequests } from '../support/changing-requests'
import { Client } from '../support/client'
import { has, needing } from '../support/needs'
import { untilAnalysed } from '../support/settled'
import { readTrace, Strace, type SystemCall } from '../support/strace'
import { send } from '../support/torture'
import { LARGE } from '../support/writers/jobs'
import { kinds } from '../support/writers/kinds'
import { post, type Step } from '../support/writers/steps'

const test = needing('strace')

const DATABASE = 'avocadoserver.sqlite'
const WAL = `${DATABASE}-wal`
const SYNCS = ['fsync', 'fdatasync']
const CALLS = 'recvfrom,read,readv,recvmsg,pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync'
const FRAME_HEADER_BYTES = 24
/** That a request is to be found by. */
const MARK = 'x-mark'

const wordOf = (number: number) => `proof${String(number).padStart(5, '0')}`

/** What a server does under a load, which puts a word of its own into each of its requests. */
async function watch<T>(load: (client: Client, word: () => string) => Promise<T>, ...options: string[]) {
  using folder = new Folder()
  await folder.setUp()
  const { stdout: token } = await folder.run(['createtoken', '--user', 'admin'])
  await using server = await folder.serve(options)
  const client = new Client(server.origin, { authorization: `Bearer ${token.trim()}` })
  await client.post('/jobs/', { id: 'load' })
  const file = join(folder.path, 'trace')
  let asked = 0
  let loaded: T
  {
    await using _ = await Strace.attach(server, '-y', '-s', '4096', '-o', file, '-e', `trace=${CALLS}`)
    loaded = await load(client, () => wordOf(asked++))
    // The thread that answers takes this one when the call that sent the last answer has ended, and is in the trace.
    await client.get('/version/')
  }
  return { calls: readTrace(readFileSync(file, 'utf8')), asked, loaded, folder: folder.path }
}

/** @throws Error when it is not in the trace: the server does it by another system call, then. */
const missing = (word: string, what: string): never => {
  throw new Error(`${word}: the trace has no ${what}`)
}

/** When the answer to a request began to leave, and what was written into the WAL since the request came. */
function courseOf(calls: SystemCall[], word: string) {
  const arrival =
    calls.find(({ file, data }) => file.startsWith('socket:') && data.includes(word)) ??
    missing(word, 'arrival')
  const later = calls.filter(({ begin }) => begin > arrival.end)
  // The status is sent with it or, before a long body, by a call of its own.
  const answer =
    later.find(({ file, data }) => file === arrival.file && data.startsWith('HTTP/1.1 ')) ??
    missing(word, 'answer')
  const written = later.filter(({ name, file }) => name === 'pwrite64' && file.endsWith(WAL))
  /** Whether what was written by the end of this call was synced before the answer began to leave. */
  const isSynced = ({ end }: SystemCall) =>
    later.some(
      (call) =>
        SYNCS.includes(call.name) && call.file.endsWith(WAL) && call.begin > end && call.end < answer.begin,
    )
  return { answer, written, isSynced }
}

/**
 * Each frame is a header and a page; the header of a commit's last frame says how large the database is by then ("WAL
 * Frame Format" in SQLite's description of its file format).
 */
const isLastHeader = ({ data }: SystemCall) =>
  data.length === FRAME_HEADER_BYTES && data.slice(4, 8) !== '\0\0\0\0'

// Every request that changes something, one after another, so that all that is written from when a request comes until
// its answer leaves is of that request.

/** More rows than go into one transaction, in the forms that no writer of the torture has. */
const xml = `<testsuite name="long">${'<testcase name="a"/>'.repeat(LARGE)}</testsuite>`
const tap = Array.from({ length: LARGE }, (_, index) => `ok ${index + 1} a`).join('\n')
const others: Record<string, Step> = {
  'large xUnit': post('/imports/?format=xml', xml),
  'large TAP': post('/imports/?format=tap', `1..${LARGE}\n${tap}\n`),
  'job of a host': post('/jobs/', {
    id: 'on-rack7',
    labels: { host: 'rack7' },
    tests: [{ tag: '1-a', status: 'FAIL' }],
  }),
  'renamed host': { method: 'PATCH', path: '/hosts/rack7/', body: { name: 'rack8' }, changes: [] },
  'look at the triage': post('/triage/looked/', {}),
  'verdict of a person': {
    method: 'PUT',
    path: '/jobs/on-rack7/verdict/',
    body: { verdict: 'infrastructure' },
    changes: [],
  },
  'verdict taken back': { method: 'DELETE', path: '/jobs/on-rack7/verdict/', changes: [] },
  'known issue': post('/known-issues/', { template: 'x', report_subject: 'x' }),
  'changed known issue': { method: 'PATCH', path: '/known-issues/1/', body: { comment: 'x' }, changes: [] },
  'imported known issues': post('/known-issues/import/', {
    known_issues: [{ template: 'y', report_subject: 'y' }],
  }),
  comment: post('/comments/', { job: 'on-rack7', test: '1-a', text: 'See https://bugs.example/1' }),
  'changed comment': { method: 'PATCH', path: '/comments/1/', body: { text: 'No link' }, changes: [] },
  'erased comment': { method: 'DELETE', path: '/comments/1/', changes: [] },
  claim: post('/claims/', { job: 'on-rack7', test: '1-a' }),
  'released claim': { method: 'DELETE', path: '/claims/1/', changes: [] },
  'deleted known issue': { method: 'DELETE', path: '/known-issues/1/', changes: [] },
}

interface Sent {
  /** Of which kind of writer. */
  kind: string
  /** `POST /jobs/` */
  request: string
}

async function everyRequest(client: Client, word: () => string): Promise<Sent[]> {
  const all: Sent[] = []
  const take = async (kind: string, step: Step) => {
    // What the server derives from the runs of tests, it writes a moment after each change.
    await untilAnalysed(client)
    all.push({ kind, request: `${step.method} ${step.path}` })
    const reply = await send(client, step, { [MARK]: word() })
    if (reply.status >= 300) throw new Error(`${step.path}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply
  }
  const round = { word: 'every', shared: [], secrets: new Map(), since: new Date() }
  for (const [index, [name, kind]] of Object.entries(kinds).entries()) {
    const story = kind.write({ id: `every-${index}`, deletes: true, shared: 'load', round })
    for (let next = story.next(); !next.done; ) next = story.next(await take(name, next.value))
  }
  for (const [name, step] of Object.entries(others)) await take(name, step)
  return all
}

/** How many commits a request had before its answer left, and whether all that it wrote by then was on disk. */
function commitsOf(calls: SystemCall[], word: string): { commits: number; isDurable: boolean } {
  const { answer, written, isSynced } = courseOf(calls, word)
  const before = written.filter(({ begin }) => begin < answer.begin)
  const last = before.at(-1)
  return { commits: before.filter(isLastHeader).length, isDurable: last === undefined || isSynced(last) }
}

const outcomesOf = ({ calls, loaded }: { calls: SystemCall[]; loaded: Sent[] }) =>
  loaded.map((sent, number) => ({ ...sent, ...commitsOf(calls, wordOf(number)) }))

/** With full durability. */
let outcomes: ReturnType<typeof outcomesOf>

const ROUNDS = 3

beforeAll(async () => {
  if (!has('strace')) return
  outcomes = outcomesOf(await watch(everyRequest))
  // While a long import is stored, the server may write by itself what it derives from the parts before. That is not on
  // disk when the answer leaves, and here it looks as if it were of the request: which is durable if it is so once. One
  // that does not wait for the disk never is.
  for (let round = 1; round < ROUNDS && outcomes.some(({ isDurable }) => !isDurable); round++) {
    const again = outcomesOf(await watch(everyRequest))
    for (const [index, outcome] of outcomes.entries()) outcome.isDurable ||= again[index]?.isDurable ?? false
  }
})

test('there is every request that the OpenAPI document knows and that may change something', async () => {
  using folder = new Folder()
  await using server = await folder.serve()
  const sent = outcomes.map(({ request }) => request.replace(/\?.*/, ''))
  const unsent = (await changingRequests(new Client(server.origin))).filter((known) => {
    const pattern = new RegExp(`^${known.replace(/\{\w+\}/g, '[^/]+')}$`)
    return !sent.some((request) => pattern.test(request))
  })
  expect(unsent).toEqual([])
})

test('no answer leaves before its commits are on disk: every request, one after another', () => {
  expect(outcomes.filter(({ isDurable }) => !isDurable)).toEqual([])
  // A testcase is there with its first result.
  const idle = outcomes.filter(({ commits }) => commits === 0).map(({ request }) => request)
  expect(idle).toEqual(['POST /api/v2.0/testcases'])
  const large = outcomes.filter(({ kind }) => kind.startsWith('large'))
  expect(large.length).toBe(10)
  expect(large.filter(({ commits }) => commits < 2)).toEqual([])
})

test('a small report about a job that is there is one commit, the status of the job in it', () => {
  const ofKind = (name: string) => outcomes.filter(({ kind }) => kind === name).map(({ commits }) => commits)
  expect(ofKind('results.json').slice(0, 2)).toEqual([1, 1])
})

test('with --durability normal they leave before', async () => {
  const normal = outcomesOf(await watch(everyRequest, '--durability', 'normal'))
  const changes = normal.filter(({ commits }) => commits > 0)
  const early = changes.filter(({ isDurable }) => !isDurable)
  // Now and then the WAL is moved into the database, and synced before, while an answer is on its way.
  expect(early.length).toBeGreaterThan(0.9 * changes.length)
})

// Requests at the same time share commits: each is known by its word, which finds its way into the WAL as it is.

async function one(client: Client, word: () => string): Promise<void> {
  for (let count = 0; count < 20; count++) {
    const { status } = await client.post('/jobs/load/tests/', { tag: `1-${word()}` })
    if (status !== 200) throw new Error(`a test was answered with ${status}`)
  }
}

async function many(client: Client, word: () => string): Promise<void> {
  await Promise.all(Array.from({ length: 16 }, () => one(client, word)))
}

/** @returns for each word whether its commit was on disk when its answer left. */
const durableOf = ({ calls, asked }: { calls: SystemCall[]; asked: number }) =>
  Array.from({ length: asked }, (_, number) => isDurable(calls, wordOf(number)))

/**
 * Whether the request with this word has the order of things that keeps it: it arrives; the word goes into a page of the
 * WAL; the last frame of that commit follows; the WAL is synced, from beginning to end; the answer begins to leave.
 */
function isDurable(calls: SystemCall[], word: string): boolean {
  const { written, isSynced } = courseOf(calls, word)
  const page = written.findIndex(({ data }) => data.includes(word))
  if (page < 0) missing(word, 'page of the WAL')
  // This page may be of that last frame itself.
  const lastHeader = written.findIndex((call, index) => index >= page - 1 && isLastHeader(call))
  return isSynced((lastHeader >= 0 && written[lastHeader + 1]) || missing(word, 'end of the commit'))
}

for (const [name, load] of Object.entries({ 'one connection': one, 'sixteen connections': many })) {
  test(`no answer leaves before its commit is on disk: ${name}`, async () => {
    const watched = await watch(load)
    expect(watched.asked).toBeGreaterThan(10)
    expect(durableOf(watched)).toEqual(Array(watched.asked).fill(true))
  })
}

test('with --durability normal answers leave before: sixteen connections', async () => {
  const watched = await watch(many, '--durability', 'normal')
  const early = durableOf(watched).filter((isDurable) => !isDurable)
  expect(early.length).toBeGreaterThan(0.5 * watched.asked)
})

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
})
