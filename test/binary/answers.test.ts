// What holds for every GET of the API, asked by the real curl: a tag, 304 to those who have it, what may be kept,
// packed for those who ask. The routes are those of the app, so that a new one cannot escape.

import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import pino from 'pino'
import { FileStore } from '../../src/blobs/store'
import { createApp } from '../../src/server/app'
import { Database } from '../../src/storage/database'
import { Room } from '../../src/storage/disk-space-guard'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { has, needing } from '../support/needs'

const test = needing('curl')

const JOB = 'a1a1a1a1'
const LONG = 'one line of a log\n'.repeat(100)
const VERY_LONG = LONG.repeat(2000)

/** What is asked for where a route has parameters. Each thing is the first of its kind. */
const values: Record<string, string> = {
  ...{ job: JOB, test: '1', id: '1', user: '1', token: '1', uuid: JOB, name: 'quick.py%3ATest.test' },
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
  const room = new Room(folder.path, 0, pino({ level: 'silent' }))
  const files = FileStore.open(join(folder.path, 'routes.sqlite.files'), room)
  const config = { private: false, open: false } as Parameters<typeof createApp>[0]['config']
  const app = createApp({ database, files, room, config, clock: () => 0, log: pino({ level: 'silent' }) })
  const paths = app.elysia.routes.filter(({ method }) => method === 'GET').map(({ path }) => path)
  app.close()
  await database.close()
  const answers = await Promise.all(paths.map((path) => curl(`${origin}${addressOf(path)}`, ['-I'])))
  return paths.filter((_, index) => answers[index]?.status !== 405)
}

function addressOf(route: string): string {
  return route
    .replace(/:(\w+)/g, (_, name) => values[name] ?? 'missing')
    .replace(/files\/\*$/, 'files/job.log')
    .replace('*', '')
}

interface Answer {
  status: number
  headers: Headers
  body: Buffer
}

async function curl(url: string, args: string[] = []): Promise<Answer> {
  const child = Bun.spawn(['curl', '-sS', '-i', '--max-time', '20', ...args, url], { stdout: 'pipe' })
  const output = Buffer.from(await child.stdout.bytes())
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
  async function ask(
    path: string,
    headers: Record<string, string> = {},
    args: string[] = [],
  ): Promise<Answer> {
    const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    const withCredentials = ['-u', 'admin:right password', ...given, ...args]
    if (isPrivate) return curl(server.origin + path, withCredentials)
    const answer = await curl(server.origin + path, [...given, ...args])
    return answer.status === 401 ? curl(server.origin + path, withCredentials) : answer
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
      const plain = await ask(path, {}, isEndless ? ['-I'] : [])
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
      await sameHead(await ask(path, {}, ['-I']), plain)
      const isLarge = plain.body.length >= 1024
      for (const encoding of ['gzip', 'zstd'] as const) {
        const accepting = { 'accept-encoding': encoding }
        const answer = await ask(path, accepting)
        const given = answer.headers.get('content-encoding')
        const isPacked = isLarge && !unlike.includes('packing')
        if (given !== (isPacked ? encoding : null)) fault(`${encoding}: ${given}, ${plain.body.length} bytes`)
        if (isPacked && !/\bAccept-Encoding\b/.test(answer.headers.get('vary') ?? '')) fault('vary')
        if (given === encoding) {
          packed.add(path)
          if (answer.body.length >= plain.body.length) fault(`${encoding} is no smaller`)
          if (!unlike.includes('bytes') && !unpack[encoding](answer.body).equals(plain.body))
            fault(`${encoding} differs`)
          if (answer.headers.get('etag') === etag) fault(`${encoding} has the tag of the plain one`)
        }
        if (answer.headers.get('content-length')) await sameHead(await ask(path, accepting, ['-I']), answer)
        if (!unlike.includes('tag')) await notAgain(accepting, answer)
      }
      if (!unlike.includes('tag')) await notAgain({}, plain)

      function sameHead(head: Answer, get: Answer): void {
        for (const name of ['etag', 'cache-control', 'content-type', 'content-encoding', 'vary']) {
          if (head.headers.get(name) !== get.headers.get(name))
            fault(`HEAD: ${name} ${head.headers.get(name)}`)
        }
        const length = Number(head.headers.get('content-length'))
        if (route !== '/metrics/' && length !== get.body.length && !unlike.includes('bytes'))
          fault(`HEAD: ${length} bytes`)
      }
      async function notAgain(accepting: Record<string, string>, { headers }: Answer): Promise<void> {
        const tag = headers.get('etag') ?? ''
        const again = await ask(path, { ...accepting, 'if-none-match': `"x", ${tag}` })
        if (again.status !== 304 || again.body.length > 0) fault(`${again.status} to who has it`)
        for (const name of ['etag', 'cache-control', 'vary']) {
          if (again.headers.get(name) !== headers.get(name)) fault(`304: ${name} ${again.headers.get(name)}`)
        }
        if ((await ask(path, { ...accepting, 'if-none-match': '"x"' })).status !== 200)
          fault('304 to who has another')
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
}
