// The disk fails under the server, as strace lets it: what clients are told, and that nothing acknowledged is lost.

import { expect } from 'bun:test'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { IDLE_MS } from '../../src/storage/sqlite/checkpoints'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'
import { needing } from '../support/needs'
import { Strace } from '../support/strace'

const test = needing('strace')

const NAME = 'avocadoserver.sqlite'
const SOUND = { code: 0, stdout: expect.stringMatching(/ is sound\.\n$/), stderr: '' }

/** Status and body of a reply. */
const brief = ({ status, body }: { status: number; body: unknown }) => ({ status, body })

const failures = [
  {
    what: 'turns read-only',
    calls: 'pwrite64',
    error: 'EROFS',
    status: 503,
    detail:
      'The disk of the server failed (SQLITE_IOERR_WRITE): what was sent is not stored. The log of its system says more.',
  },
  {
    what: 'cannot be written to',
    calls: 'pwrite64',
    error: 'EIO',
    status: 503,
    detail:
      'The disk of the server failed (SQLITE_IOERR_WRITE): what was sent is not stored. The log of its system says more.',
  },
  {
    what: 'does not keep what was written',
    calls: 'fsync,fdatasync',
    error: 'EIO',
    status: 503,
    detail:
      'The disk of the server failed (SQLITE_IOERR_FSYNC): what was sent may be stored or not. The log of its system says more.',
  },
]

for (const { what, calls, error, status, detail } of failures) {
  test(`a disk that ${what} while the server runs: ${status}, reads go on, and later writes again`, async () => {
    using folder = new Folder()
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    expect((await client.post('/jobs/', { id: 'before' })).status).toBe(201)
    {
      await using _ = await Strace.failing(server, join(folder.path, `${NAME}-wal`), calls, error)
      expect(brief(await client.post('/jobs/', { id: 'during' }))).toEqual({ status, body: { detail } })
      expect(brief(await client.post('/jobs/before/tests/', { tag: '1-a' }))).toEqual({
        status,
        body: { detail },
      })
      expect((await client.get('/jobs/before/')).status).toBe(200)
      expect((await client.get('/jobs/during/')).status).toBe(404)
      expect(brief(await client.get('/ready/'))).toEqual({
        status: 503,
        body: {
          detail: expect.stringMatching(
            /^The last write failed \(SQLITE_IOERR_\w+: .+\): look at the disk\.$/,
          ),
        },
      })
    }
    const end = performance.now() + 3000
    while ((await client.get('/ready/')).status !== 200 && performance.now() < end) await Bun.sleep(100)
    expect((await client.get('/ready/')).status).toBe(200)
    expect((await client.post('/jobs/', { id: 'after' })).status).toBe(201)
    expect((await client.get('/jobs/during/')).status).toBe(404)
    await server.stop('SIGKILL')
    expect(await folder.run(['check'])).toEqual(SOUND)
    await using next = await folder.serve(['--open'])
    const { body } = await new Client(next.origin).get('/jobs/?ordering=number')
    expect(body.results.map(({ id }: { id: string }) => id)).toEqual(['before', 'after'])
  })
}

test('a disk that turns read-only while nobody writes: /ready/ finds it out', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  expect((await client.get('/ready/')).status).toBe(200)
  await using _ = await Strace.failing(server, join(folder.path, `${NAME}-wal`), 'pwrite64', 'EROFS')
  const end = performance.now() + 10_000
  while ((await client.get('/ready/')).status === 200 && performance.now() < end) await Bun.sleep(200)
  expect((await client.get('/ready/')).body.detail).toStartWith('The last write failed (SQLITE_IOERR_WRITE')
})

test('a disk that hangs: /ready/ says so within seconds, reads go on, and what waited is stored', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  expect((await client.post('/jobs/', { id: 'before' })).status).toBe(201)
  const hang = 'inject=fsync,fdatasync:delay_enter=8000000:when=1' // microseconds
  await using _ = await Strace.attach(
    server,
    '-P',
    join(folder.path, `${NAME}-wal`),
    '-e',
    'trace=fsync,fdatasync',
    '-e',
    hang,
  )
  let isAnswered = false
  const waiting = client.post('/jobs/', { id: 'during' }).finally(() => {
    isAnswered = true
  })
  await Bun.sleep(200)
  // The last commit is so new that this one may pass; by the next it has waited long enough.
  let ready = await client.get('/ready/')
  while (ready.status === 200 && !isAnswered) {
    await Bun.sleep(100)
    ready = await client.get('/ready/')
  }
  expect(brief(ready)).toEqual({
    status: 503,
    body: { detail: 'A change has been waiting for 3 s: look at the disk.' },
  })
  expect((await client.get('/jobs/before/')).status).toBe(200)
  expect(isAnswered).toBe(false)
  expect((await waiting).status).toBe(201)
  // A change of the server's own may have waited, too: it is in the next commit.
  for (let tries = 0; tries < 20 && ready.status !== 200; tries++) {
    await Bun.sleep(100)
    ready = await client.get('/ready/')
  }
  expect(ready.status).toBe(200)
})

test('a disk that fails again and again under load, and a crash in the middle: nothing acknowledged is lost', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open', '--log-level', 'silent'])
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'load' })
  const acknowledged: string[] = []
  const sent = new Set<string>()
  const refusals = new Set<string>()
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let count = 0; ; count++) {
      const tag = `${count}-w${writer}`
      sent.add(tag)
      const reply = await client.post('/jobs/load/tests/', { tag }).catch(() => undefined)
      if (!reply) return // killed
      if (reply.status === 200) acknowledged.push(tag)
      else refusals.add(JSON.stringify(brief(reply)))
    }
  })
  const wal = join(folder.path, `${NAME}-wal`)
  let before = 0
  for (const isLast of [false, false, true]) {
    while (acknowledged.length <= before) await Bun.sleep(20) // it writes again
    await Bun.sleep(200)
    await using _ = await Strace.failing(server, wal, 'fsync,fdatasync', 'EIO')
    for (let reads = 0; reads < 20; reads++) expect((await client.get('/jobs/load/')).status).toBe(200)
    before = acknowledged.length
    if (isLast) await server.stop('SIGKILL')
  }
  await Promise.all(writers)
  const { status, detail } = failures.at(-1) as (typeof failures)[number]
  expect([...refusals]).toEqual([JSON.stringify({ status, body: { detail } })])
  await using next = await folder.serve(['--open'])
  const stored = (await new Client(next.origin).all('/jobs/load/tests/')).map(({ tag }) => tag)
  expect(acknowledged.filter((tag) => !stored.includes(tag))).toEqual([])
  expect(stored.filter((tag) => !sent.delete(tag))).toEqual([])
  expect(await folder.run(['check'])).toEqual(SOUND)
})

test('a disk that fails while the WAL is moved into the file: writes and reads go on, and nothing is lost', async () => {
  for (const calls of ['pwrite64', 'fsync,fdatasync']) {
    using folder = new Folder()
    const path = join(folder.path, NAME)
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    const sizeBefore = statSync(path).size
    const tests = Array.from({ length: 1500 }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))
    {
      await using _ = await Strace.failing(server, path, calls, 'EIO')
      expect((await client.post('/jobs/', { id: 'first', tests })).status).toBe(201)
      await Bun.sleep(2 * IDLE_MS)
      expect(statSync(`${path}-wal`).size).toBeGreaterThan(0) // it would be empty by now
      expect((await client.post('/jobs/', { id: 'second', tests })).status).toBe(201)
      expect((await client.get('/jobs/first/')).body.tests.length).toBe(1500)
      await server.stop('SIGKILL')
    }
    await using next = await folder.serve(['--open'])
    expect((await new Client(next.origin).all('/jobs/first/tests/')).length).toBe(1500)
    expect((await new Client(next.origin).all('/jobs/second/tests/')).length).toBe(1500)
    expect(await folder.run(['check'])).toEqual(SOUND)
    expect(await next.stop()).toBe(0)
    expect(statSync(path).size).toBeGreaterThan(sizeBefore)
  }
})

test('a disk that cannot be read while the server runs: 500 for what it needs from there, and later 200', async () => {
  using folder = new Folder()
  {
    await using server = await folder.serve(['--open'])
    const tests = Array.from({ length: 1500 }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))
    await new Client(server.origin).post('/jobs/', { id: 'large', tests })
    await server.stop()
  }
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  const path = '/jobs/large/tests/?page_size=1000'
  {
    await using _ = await Strace.failing(server, join(folder.path, NAME), 'pread64', 'EIO')
    expect(brief(await client.get(path))).toEqual({
      status: 500,
      body: {
        detail:
          'The database of the server is damaged, or its disk cannot be read. Stop the server, run `avocado-server check`, and restore a backup.',
      },
    })
    expect((await client.get('/version/')).status).toBe(200)
  }
  expect((await client.get(path)).body.count).toBe(1500)
  expect((await client.post('/jobs/', { id: 'after' })).status).toBe(201)
})

test('a disk that cannot be read in the middle of a backup: a sentence, and nothing is left of it', async () => {
  using folder = new Folder()
  {
    await using server = await folder.serve(['--open'])
    const tests = Array.from({ length: 10_000 }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))
    await new Client(server.origin).post('/jobs/', { id: 'large', tests })
    await server.stop()
  }
  const failing = `strace -f -o /dev/null -P ${join(folder.path, NAME)} -e trace=pread64 -e inject=pread64:error=EIO:when=100+`
  const { code, stderr } = await folder.shell(`${failing} ${binary()} backup a.tar`)
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'a.tar cannot be made: disk I/O error. Nothing was left of it.\n',
  })
  expect(readdirSync(folder.path)).toEqual([NAME])
  expect(await folder.run(['check'])).toEqual(SOUND)
})
