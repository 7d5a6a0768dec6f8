// What holds for every GET of the API, asked by the real curl: a tag, 304 to those who have it, what may be kept,
// packed for those who ask. The routes are those of the app, so that a new one cannot escape.

import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import pino from 'pino'
import { FileStore } from '../../src/blobs/store'
import { createApp } from '../../src/server/app'
import { createServices } from '../../src/server/services'
import { Database } from '../../src/storage/database'
import { DiskSpaceGuard } from '../../src/storage/disk-space-guard'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { has, needing } from '../support/needs'
import { untilAnalysed } from '../support/settled'

const test = needing('curl')

const JOB = 'a1a1a1a1'
const LONG = 'one line of a log\n'.repeat(100)
const VERY_LONG = LONG.repeat(2000)

/** What is asked for where a route has parameters. Each thing is the first of its kind. */
const values: Record<string, string> = {
  ...{ job: JOB, test: '1', id: '1', user: '1', token: '1', uuid: JOB, name: 'quick.py%3ATest.test' },
  host: 'rack7',
}

/** Routes that are not as all others, and why. */
const exceptions: Record<string, { unlike: ('caching' | 'tag' | 'packing' | 'bytes')[]; why: string }> = {
  '/events/': {
    unlike: ['caching', 'tag', 'packing'],
    why: 'a stream has no end that a tag could be of, and packed it would come late',
  },
  '/health/': { unlike: ['caching', 'tag'], why: 'it says what is so now: nobody may keep it' },
  '/ready/': { unlike: ['caching', 'tag'], why: 'it says what is so now: nobody may keep it' },
  '/metrics/': { unlike: ['caching', 'tag', 'packing'], why: 'it says what is so now: nobody may keep it' },
  '/auth/me/': {
    unlike: ['caching', 'tag'],
    why: 'it has the secret that tells requests of our pages from forged ones: nobody may keep it',
  },
  '/triage/': { unlike: ['bytes'], why: 'it has the time of the request, which its weak tag leaves out' },
  '/statistics/': { unlike: ['bytes'], why: 'it has the time of the request, which its weak tag leaves out' },
  '/dashboard': { unlike: ['caching'], why: 'with --private, too, it is for everybody: one signs in there' },
  '/dashboard/*': { unlike: ['caching'], why: 'as the page; its files have a hash in their names' },
  '/swagger/scalar.js': { unlike: ['caching'], why: 'it is loaded with the version in its URL' },
}

/** `cache-control` of those, in public and with --private. */
const caching: Record<string, [string, string]> = {
  '/events/': ['no-store', 'no-store'],
  '/health/': ['no-store', 'no-store'],
  '/ready/': ['no-store', 'no-store'],
  '/metrics/': ['no-store', 'no-store'],
  '/auth/me/': ['no-store', 'no-store'],
  '/dashboard': ['no-cache', 'no-cache'],
  '/dashboard/*': ['no-cache', 'no-cache'],
  '/dashboard/* script': ['public, max-age=31536000, immutable', 'public, max-age=31536000, immutable'],
  '/swagger/scalar.js': ['public, max-age=86400', 'private, max-age=86400'],
}

/** The patterns of the routes that answer GET, and do not refuse it. */
async function routesOf(folder: Folder, origin: string): Promise<string[]> {
  const { database } = Database.open(join(folder.path, 'routes.sqlite'))
  const diskSpace = new DiskSpaceGuard(folder.path, 0, pino({ level: 'silent' }))
  const files = FileStore.open(join(folder.path, 'routes.sqlite.files'), diskSpace)
  const config = { private: false, open: false } as Parameters<typeof createApp>[0]['config']
  const app = createApp(
    createServices({ database, files, diskSpace, config, clock: () => 0, log: pino({ level: 'silent' }) }),
  )
  const paths = app.elysia.routes.filter(({ method }) => method === 'GET').map(({ path }) => path)
  app.close()
  await database.close()
  const heads = paths.map((path) => ({ url: origin + addressOf(path), isHead: true }))
  const answers = await curl(folder, heads)
  return paths.filter((_, index) => answers[index]?.status !== 405)
}

function addressOf(route: string): string {
  return route
    .replace(/:(\w+)/g, (_, name) => values[name] ?? 'missing')
    .replace(/files\/\*$/, 'files/job.log')
    .replace(/compare\/$/, `compare/?job=${JOB}`)
    .replace(/compare\/file\/$/, `compare/file/?job=${JOB}&base=${JOB}&path=job.log`)
    .replace(/steps\/$/, 'steps/?steps=1:1')
    .replace(/^\/tests\/history\/$/, '/tests/history/?name=quick.py%3ATest.test')
    .replace('*', '')
}

interface Answer {
  status: number
  headers: Headers
  body: Buffer
}

interface Asked {
  url: string
  headers?: Record<string, string>
  isHead?: boolean
}

/** Of one curl, which asks one after another: to start it costs more than to ask. @param more  arguments for each. */
async function curl(folder: Folder, asked: Asked[], more: string[] = []): Promise<Answer[]> {
  const fileOf = (index: number) => join(folder.path, `answer-${index}`)
  const args = asked.flatMap(({ url, headers = {}, isHead }, index) => [
    ...(index > 0 ? ['--next'] : []),
    ...['-sS', '-i', '--max-time', '20', '-o', fileOf(index)],
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(isHead ? ['-I'] : []),
    ...[...more, url],
  ])
  await Bun.spawn(['curl', ...args], { stdout: 'ignore' }).exited
  return asked.map((_, index) => {
    const answer = answerOf(readFileSync(fileOf(index)))
    rmSync(fileOf(index))
    return answer
  })
}

function answerOf(output: Buffer): Answer {
  const end = output.indexOf('\r\n\r\n')
  const [first = '', ...lines] = output.subarray(0, end).toString().split('\r\n')
  const headers = lines.map((line) => line.split(/:\s*(.*)/).slice(0, 2) as [string, string])
  return {
    status: Number(first.split(' ')[1]),
    headers: new Headers(headers),
    body: output.subarray(end + 4),
  }
}

const unpack = {
  gzip: (bytes: Uint8Array) => gunzipSync(bytes),
  zstd: (bytes: Uint8Array) => Buffer.from(Bun.zstdDecompressSync(bytes)),
}

describe.each([
  { what: 'in public', isPrivate: false },
  { what: 'with --private', isPrivate: true },
])('$what', ({ isPrivate }) => {
  const folder = new Folder()
  let server: Serving
  let routes: string[]

  beforeAll(async () => {
    if (!has('curl')) return
    await folder.setUp('right password')
    await folder.run(['createtoken', '--user', 'admin', '--name', 'lab'])
    server = await folder.serve(isPrivate ? ['--private'] : [])
    await fill(new Client(server.origin).as('admin', 'right password'), folder)
    routes = await routesOf(folder, server.origin)
  })

  afterAll(async () => {
    if (!has('curl')) return
    await server.stop()
    folder[Symbol.dispose]()
  })

  /** With credentials only where they are asked for: who needs none is answered from memory. */
  async function askAll(path: string, requests: Omit<Asked, 'url'>[]): Promise<Answer[]> {
    const asked = requests.map((request) => ({ ...request, url: server.origin + path }))
    const answers = isPrivate ? [] : await curl(folder, asked)
    const isOpen = answers.length > 0 && answers.every(({ status }) => status !== 401)
    return isOpen ? answers : curl(folder, asked, ['-u', 'admin:right password'])
  }

  async function ask(path: string, request: Omit<Asked, 'url'> = {}): Promise<Answer> {
    const [answer] = await askAll(path, [request])
    return answer ?? expect.unreachable()
  }

  test('every GET has a tag, 304, caching and packed forms, but for those that are named with a reason', async () => {
    expect(routes.length).toBeGreaterThan(50)
    expect(Object.keys(exceptions).filter((route) => !routes.includes(route))).toEqual([])
    const page = (await ask('/dashboard/')).body.toString()
    const script = /<script[^>]* src="([^"]+)"/.exec(page)?.[1] ?? ''
    const faults: string[] = []
    const packed = new Set<string>()
    const examine = async (route: string, path: string, pattern = route) => {
      const unlike = exceptions[pattern]?.unlike ?? []
      const fault = (text: string) => faults.push(`${route}: ${text}`)
      const isEndless = route === '/events/'
      const plain = await ask(path, { isHead: isEndless })
      const { headers } = plain
      const etag = headers.get('etag')
      if (plain.status !== 200) fault(`${plain.status}`)
      const [usual, usualPrivate] = unlike.includes('caching')
        ? (caching[route] ?? [])
        : ['no-cache', 'private, no-cache']
      if (headers.get('cache-control') !== (isPrivate ? usualPrivate : usual))
        fault(`${headers.get('cache-control')}`)
      if ((etag === null) !== unlike.includes('tag')) fault(`tag ${etag}`)
      if (headers.has('content-encoding')) fault('packed though nobody asked')
      if (isEndless) return
      if (!headers.get('content-length') && plain.body.length < 1024 ** 2) fault('no length')
      const isLarge = plain.body.length >= 1024
      const forms = [undefined, 'gzip', 'zstd'] as const
      const accepting = (encoding: (typeof forms)[number]): Record<string, string> =>
        encoding ? { 'accept-encoding': encoding } : {}
      const answers = [
        plain,
        ...(await askAll(
          path,
          forms.slice(1).map((form) => ({ headers: accepting(form) })),
        )),
      ]
      for (const [index, encoding] of forms.entries()) {
        const answer = answers[index] ?? expect.unreachable()
        if (encoding) isPackedRightly(answer, encoding)
        const sent = accepting(encoding)
        const tag = answer.headers.get('etag') ?? ''
        const [head, again, other] = await askAll(path, [
          { headers: sent, isHead: true },
          { headers: { ...sent, 'if-none-match': `"x", ${tag}` } },
          { headers: { ...sent, 'if-none-match': '"x"' } },
        ])
        if (head && (!encoding || answer.headers.get('content-length'))) sameHead(head, answer)
        if (again && other && !unlike.includes('tag')) notAgain(again, other, answer)
      }

      function isPackedRightly(answer: Answer, encoding: 'gzip' | 'zstd'): void {
        const given = answer.headers.get('content-encoding')
        const isPacked = isLarge && !unlike.includes('packing')
        if (given !== (isPacked ? encoding : null)) fault(`${encoding}: ${given}, ${plain.body.length} bytes`)
        if (isPacked && !/\bAccept-Encoding\b/.test(answer.headers.get('vary') ?? '')) fault('vary')
        if (given !== encoding) return
        packed.add(path)
        if (answer.body.length >= plain.body.length) fault(`${encoding} is no smaller`)
        if (!unlike.includes('bytes') && !unpack[encoding](answer.body).equals(plain.body))
          fault(`${encoding} differs`)
        if (answer.headers.get('etag') === etag) fault(`${encoding} has the tag of the plain one`)
      }
      function sameHead(head: Answer, get: Answer): void {
        for (const name of ['etag', 'cache-control', 'content-type', 'content-encoding', 'vary']) {
          if (head.headers.get(name) !== get.headers.get(name))
            fault(`HEAD: ${name} ${head.headers.get(name)}`)
        }
        const length = Number(head.headers.get('content-length'))
        if (route !== '/metrics/' && length !== get.body.length && !unlike.includes('bytes'))
          fault(`HEAD: ${length} bytes`)
      }
      function notAgain(again: Answer, other: Answer, { headers }: Answer): void {
        if (again.status !== 304 || again.body.length > 0) fault(`${again.status} to who has it`)
        for (const name of ['etag', 'cache-control', 'vary']) {
          if (again.headers.get(name) !== headers.get(name)) fault(`304: ${name} ${again.headers.get(name)}`)
        }
        if (other.status !== 200) fault('304 to who has another')
      }
    }
    for (const route of routes) await examine(route, addressOf(route))
    await examine('/dashboard/* script', script, '/dashboard/*')
    await examine('/jobs/:job/files/*', `/jobs/${JOB}/files/very-long.log`)
    expect(faults).toEqual([])
    for (const path of [
      ...['/jobs/', `/jobs/${JOB}/`, `/jobs/${JOB}/files/job.log`, `/jobs/${JOB}/files/very-long.log`],
      ...['/swagger', '/swagger/json', '/swagger/scalar.js', '/upload.sh', script],
      ...[
        '/statistics/history/',
        '/api/v2.0/results',
        '/api/v2.0/groups',
        '/softwarecomponents/',
        '/users/',
        '/audit/',
      ],
    ]) {
      expect([path, packed.has(path)]).toEqual([path, true])
    }
  })
})

/** Something of each kind, and enough for lists to be worth packing. */
async function fill(client: Client, folder: Folder): Promise<void> {
  const post = async (path: string, body: unknown) => {
    const { status, body: answer } = await client.post(path, body)
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${JSON.stringify(answer)}`)
  }
  const time = '2026-11-24T12:00:00Z'
  const tests = Array.from({ length: 30 }, (_, index) => ({
    tag: `${index + 1}-quick.py:Test.test`,
    status: 'PASS',
    activities: [{ activity: 'TEST_STARTED', time }],
    data: [{ category: 'a', key: 'k', value: 'v' }],
  }))
  await post('/jobs/', { id: JOB, time, tests, activities: [{ activity: 'JOB_START', time }] })
  await post(`/jobs/${JOB}/data/`, { key: 'k', value: 'v' })
  for (let job = 0; job < 20; job++) await post('/jobs/', { time, description: `another job ${job}` })
  for (let user = 0; user < 20; user++) await post('/users/', { username: `user${user}` })
  await post('/softwarecomponentkinds/', { name: 'snap' })
  await post('/softwarecomponentarches/', { name: 'm68k' })
  const component = { name: 'bash', kind: 'snap', arch: 'm68k', version: '1', release: '1', checksum: '0' }
  for (let number = 0; number < 20; number++) {
    await post('/softwarecomponents/', { ...component, version: `${number}` })
  }
  const distro = { name: 'Debian', version: '12', release: '0', arch: 'm68k' }
  await post('/linuxdistros/', distro)
  await post('/testenvironments/', {
    distro,
    installed_software_components: [{ ...component, version: '0' }],
  })
  // A job directory, with logs.
  const results = {
    job_id: JOB,
    debuglog: '',
    tests: [{ id: '1-quick.py:Test.test', status: 'PASS', logdir: 'test-results/1-quick', time: 1 }],
  }
  const entries = {
    'results.json': JSON.stringify(results),
    'job.log': LONG,
    'very-long.log': VERY_LONG,
    'test-results/1-quick/job.log': LONG,
  }
  for (const [path, content] of Object.entries(entries))
    await Bun.write(join(folder.path, 'job', path), content)
  await folder.shell('tar -C job -cf job.tar .')
  const body = await Bun.file(join(folder.path, 'job.tar')).bytes()
  const reply = await client.request('POST', '/imports/', { body })
  if (reply.status >= 300) throw new Error(`POST /imports/: ${reply.status} ${JSON.stringify(reply.body)}`)
  await post('/known-issues/', { template: 'x', report_subject: 'x' })
  await post('/comments/', { job: JOB, test: '1-quick.py:Test.test', text: 'x' })
  await post('/claims/', { job: JOB, test: '1-quick.py:Test.test' })
  // A test that began to fail an hour ago.
  for (const [hours, status] of ['FAIL', 'FAIL', 'PASS', 'PASS', 'PASS', 'PASS', 'PASS'].entries()) {
    const time = new Date(Date.now() - (hours + 0.5) * 3600_000).toISOString()
    const test = { tag: '1-boot', status, ...(status === 'FAIL' && { fail_reason: 'no login' }) }
    await post('/jobs/', { time, status, labels: { host: 'rack7' }, tests: [test] })
  }
  await untilAnalysed(client)
  values.cause = (await client.get('/triage/')).body.new.results[0].id
}
