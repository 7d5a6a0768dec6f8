// The disk fills up, is read-only, or loses the database: what clients are told, and that nothing that was
// acknowledged is lost.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'
import { SmallDisk } from '../support/disk'
import { needing } from '../support/needs'
import { scaled } from '../support/scale'
import { untilAnalysed } from '../support/settled'

const NAME = 'avocadoserver.sqlite'
const FULL = {
  status: 507,
  body: {
    detail: 'The disk of the server is full: nothing was stored. Make room there, then send it again.',
  },
}

/** How often a file is taken from a server under load, each time a while later. */
const ROUNDS = scaled(3, 10)

/** After so long, refused sign-ins are on their way into the audit log. */
const REFUSALS_WRITTEN_MS = 11_000

/** Status and body of a reply. */
const brief = ({ status, body }: { status: number; body: unknown }) => ({ status, body })

needing('tmpfs')(
  'a full disk: 507 for every write, reads go on, and writes work again when there is room',
  async () => {
    using folder = new Folder()
    using disk = new SmallDisk(12)
    const database = join(disk.path, NAME)
    await using server = await folder.serve(['--open', '--min-free', '0', '--database', database])
    const client = new Client(server.origin)
    await client.post('/jobs/', { id: 'load' })
    const acknowledged: string[] = []
    const refusals = new Set<string>()

    const load = async (round: string) => {
      await Promise.all(
        Array.from({ length: 64 }, async (_, writer) => {
          for (let count = 0; count < 2000; count++) {
            const tag = `${round}-${writer}-${count}`
            const fail_reason = `${tag} ${'x'.repeat(2000)}`
            const reply = await client.post('/jobs/load/tests/', { tag, status: 'FAIL', fail_reason })
            if (reply.status !== 200) return refusals.add(JSON.stringify(brief(reply)))
            acknowledged.push(tag)
          }
        }),
      )
    }
    await load('first')
    expect([...refusals]).toEqual([JSON.stringify(FULL)])
    disk.fill()
    // More than the whole disk, whichever way it comes.
    const tests = Array.from({ length: 6500 }, (_, index) => ({
      tag: `${index}-a`,
      fail_reason: `${index} ${'y'.repeat(2000)}`,
    }))
    const results = { job_id: 'c'.repeat(40), tests: [], total: 0, time: 1, start: '2026-11-24T12:00:00' }
    writeFileSync(join(folder.path, 'results.json'), JSON.stringify(results))
    await folder.shell('head -c 13000000 /dev/urandom > job.log; tar -cf job.tar results.json job.log')
    expect([
      brief(await client.post('/jobs/', { id: 'whole', tests })),
      brief(await client.request('POST', '/imports/', { body: JSON.stringify({ id: 'line', tests }) })),
      brief(await client.request('POST', '/imports/', { body: readFileSync(join(folder.path, 'job.tar')) })),
    ]).toEqual([FULL, FULL, FULL])
    for (const job of ['whole', 'line', results.job_id])
      expect((await client.get(`/jobs/${job}/`)).status).toBe(404)
    for (const path of ['/', '/jobs/', '/jobs/load/', '/jobs/load/tests/?page_size=1000', '/statistics/']) {
      expect((await client.get(path)).status).toBe(200)
    }
    disk.makeRoom()
    disk.resize(256) // the load has taken all of the rest for good
    expect((await client.post('/jobs/load/tests/', { tag: 'again', status: 'PASS' })).status).toBe(200)
    expect((await client.post('/jobs/', { id: 'whole', tests })).status).toBe(201)
    expect(acknowledged.length).toBeGreaterThan(100)
    const stored = new Set((await client.all('/jobs/load/tests/')).map(({ tag }) => tag))
    expect(acknowledged.filter((tag) => !stored.has(tag))).toEqual([])
    expect(stored.has('again')).toBe(true)
    expect(await server.stop()).toBe(0)
    // What is left of the jobs that found no room is hidden, and removed a while later or by the next start.
    const { code, stderr, stdout } = await folder.run(['check', '--files', '--database', database])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/ is sound\.\n(\d+ jobs are being written or deleted, .*\n)?$/)
  },
)

needing('tmpfs')('a full disk that has the log, too: the same, and the server lives', async () => {
  using folder = new Folder()
  using disk = new SmallDisk(4)
  const log = join(disk.path, 'log')
  const program = ['sh', '-c', `exec ${binary()} "$@" 2>> ${log}`, 'sh']
  const args = ['--open', '--min-free', '0', '--database', join(disk.path, NAME)]
  await using server = await folder.serve(args, { program })
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'before' })
  disk.fill()
  const fail_reason = 'z'.repeat(400_000)
  const fill = () => client.post('/jobs/before/tests/', { tag: crypto.randomUUID(), fail_reason })
  let replies = 0
  while ((await fill()).status === 200) expect(++replies).toBeLessThan(20)
  disk.fill()
  for (let count = 0; count < 20; count++) expect(brief(await fill())).toEqual(FULL)
  expect((await client.as('nobody', 'wrong').get('/jobs/')).status).toBe(401)
  await Bun.sleep(REFUSALS_WRITTEN_MS)
  expect((await client.get('/jobs/before/')).status).toBe(200)
  disk.makeRoom()
  expect((await client.post('/jobs/', { id: 'after' })).status).toBe(201)
  expect((await client.as('nobody', 'wrong').get('/jobs/')).status).toBe(401)
  expect(await server.stop()).toBe(0)
})

needing('tmpfs')('on a read-only disk a server does not start, and says so', async () => {
  using folder = new Folder()
  using disk = new SmallDisk(4)
  const database = join(disk.path, NAME)
  expect((await folder.run(['syncdb', '-v0', '--noinput', '--database', database])).code).toBe(0)
  disk.makeReadOnly()
  expect(await folder.run(['runserver', '127.0.0.1:0', '--database', database])).toEqual({
    code: 1,
    stdout: '',
    stderr: `The folder ${disk.path} is not writable: ${database} must lie in one that is.\n`,
  })
})

for (const how of ['removed', 'replaced'] as const) {
  test(`a database file that is ${how} under the server: nothing more is acknowledged`, async () => {
    using folder = new Folder()
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    const path = join(folder.path, NAME)
    await client.post('/jobs/', { id: 'before' })
    renameSync(path, `${path}.away`)
    if (how === 'replaced') writeFileSync(path, '')
    expect(brief(await client.post('/jobs/', { id: 'during' }))).toEqual({
      status: 503,
      body: {
        detail:
          'The database file of the server was removed or replaced: nothing was stored. Put it back; to use another one, stop the server first.',
      },
    })
    expect((await client.get('/jobs/before/')).status).toBe(200)
    expect(existsSync(path)).toBe(how === 'replaced')
    if (how === 'replaced') unlinkSync(path)
    renameSync(`${path}.away`, path)
    expect(await server.stop()).toBe(0)
    await using next = await folder.serve(['--open'])
    const { body } = await new Client(next.origin).get('/jobs/')
    expect(body.results.map(({ id }: { id: string }) => id)).toEqual(['before'])
  })
}

/** What may happen to a file beside the database while the server has it open. */
const losses: Record<string, (path: string) => void> = {
  removed: (path) => rmSync(path),
  'replaced by an empty one': (path) => {
    writeFileSync(`${path}.new`, '')
    renameSync(`${path}.new`, path)
  },
  'replaced by one of before': (path) => {
    copyFileSync(path, `${path}.new`)
    renameSync(`${path}.new`, path)
  },
}

for (const end of ['wal', 'shm']) {
  for (const [how, lose] of Object.entries(losses)) {
    test(`a -${end} that is ${how}: what was acknowledged is kept, and the server ends`, async () => {
      using folder = new Folder()
      await using server = await folder.serve(['--open'])
      const client = new Client(server.origin)
      const path = join(folder.path, `${NAME}-${end}`)
      for (const id of ['before', 'just-before']) {
        expect((await client.post('/jobs/', { id })).status).toBe(201)
      }
      await untilAnalysed(client) // or a write of its own would meet the loss before the request does
      lose(path)
      // From here on a file of its own would damage the database.
      if (how === 'removed') {
        const { code, stderr } = await folder.run(['createuser', '--noinput', '--username=late'])
        expect({ code, stderr }).toEqual({
          code: 1,
          stderr: `./${NAME}-${end} was removed while another process has ./${NAME} open: stop that one, and start it again.\n`,
        })
        expect(existsSync(path)).toBe(false)
      }
      expect((await client.get('/ready/')).body).toEqual({
        detail: `${path} was removed or replaced: start the server again.`,
      })
      expect(brief(await client.post('/jobs/', { id: 'during' }))).toEqual({
        status: 503,
        body: {
          detail:
            'A file beside the database of the server was removed or replaced: nothing was stored. The server ends: start it again, then send this again.',
        },
      })
      expect(await server.child.exited).toBe(1)
      expect(await server.child.stderr.text()).toEndWith(
        `The writer has ended unexpectedly (${path} was removed or replaced). What was acknowledged is stored: start the server again.\n`,
      )
      expect(readdirSync(folder.path)).toEqual([NAME])
      const { code, stderr } = await folder.run(['check'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      await using next = await folder.serve(['--open'])
      const { body } = await new Client(next.origin).get('/jobs/?ordering=number')
      expect(body.results.map(({ id }: { id: string }) => id)).toEqual(['before', 'just-before'])
    })
  }
}

test('-wal and -shm that are both removed: no command makes others, in which its own changes would be lost', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  expect((await client.post('/jobs/', { id: 'before' })).status).toBe(201)
  await untilAnalysed(client)
  for (const end of ['wal', 'shm']) rmSync(join(folder.path, `${NAME}-${end}`))
  for (const args of [['createuser', '--noinput', '--username=late'], ['listusers'], ['check']]) {
    expect(await folder.run(args)).toEqual({
      code: 1,
      stdout: '',
      stderr: `./${NAME}-wal and ./${NAME}-shm were removed while another process has ./${NAME} open: stop that one, and start it again.\n`,
    })
  }
  expect(readdirSync(folder.path).toSorted()).toEqual([NAME, `${NAME}-lock`])
  expect((await client.post('/jobs/', { id: 'during' })).status).toBe(503)
  expect(await server.child.exited).toBe(1)
  await using next = await folder.serve(['--open'])
  expect((await new Client(next.origin).get('/jobs/before/')).status).toBe(200)
})

test('a -wal that is removed while another program reads: no write until that ends, then the server does', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  const path = join(folder.path, NAME)
  await client.post('/jobs/', { id: 'before' })
  const reader = new Sqlite(path, { readonly: true })
  reader.run('BEGIN')
  reader.query('SELECT count(*) FROM job').get()
  await client.post('/jobs/', { id: 'behind-the-snapshot' })
  rmSync(`${path}-wal`)
  for (const id of ['during', 'still-during']) expect((await client.post('/jobs/', { id })).status).toBe(503)
  expect((await client.get('/jobs/behind-the-snapshot/')).status).toBe(200)
  await Bun.sleep(1500)
  expect(server.child.exitCode).toBe(null)
  reader.run('COMMIT')
  reader.close(true)
  expect(await server.child.exited).toBe(1)
  await using next = await folder.serve(['--open'])
  const { body } = await new Client(next.origin).get('/jobs/?ordering=number')
  expect(body.results.map(({ id }: { id: string }) => id)).toEqual(['before', 'behind-the-snapshot'])
})

test('a -wal that is removed under 16 writers: all that was acknowledged is there after the next start', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    using folder = new Folder()
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    await client.post('/jobs/', { id: 'load' })
    const acknowledged: string[] = []
    const sent = new Set<string>()
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let count = 0; ; count++) {
        const tag = `${count}-w${writer}`
        sent.add(tag)
        const reply = await client.post('/jobs/load/tests/', { tag }).catch(() => undefined)
        if (!reply) return // it has ended
        if (reply.status === 200) acknowledged.push(tag)
        else if (reply.body.detail.includes('nothing was stored')) sent.delete(tag)
      }
    })
    while (acknowledged.length < 100) await Bun.sleep(20)
    await Bun.sleep(20 * round)
    rmSync(join(folder.path, `${NAME}-wal`))
    expect(await server.child.exited).toBe(1)
    await Promise.all(writers)
    await using next = await folder.serve(['--open'])
    const stored = (await new Client(next.origin).all('/jobs/load/tests/')).map(({ tag }) => tag)
    expect(acknowledged.filter((tag) => !stored.includes(tag))).toEqual([])
    expect(stored.filter((tag) => !sent.has(tag))).toEqual([])
    expect((await folder.run(['check'])).code).toBe(0)
  }
})

// SQLite looks into this file by way of memory: the system ends a process that reaches beyond the end of it.
test('a -shm that is cut off ends the server; all that was acknowledged is there after the next start', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    using folder = new Folder()
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    await client.post('/jobs/', { id: 'load' })
    const acknowledged: string[] = []
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; ; count++) {
        const tag = `${count}-w${writer}`
        const reply = await client.post('/jobs/load/tests/', { tag }).catch(() => undefined)
        if (!reply) return
        if (reply.status === 200) acknowledged.push(tag)
      }
    })
    while (acknowledged.length < 51) await Bun.sleep(5)
    await Bun.sleep(20 * round)
    truncateSync(join(folder.path, `${NAME}-shm`))
    await server.child.exited
    await Promise.all(writers)
    expect(server.child.signalCode).not.toBe(null) // SIGBUS, or what Bun makes of it
    expect(acknowledged.length).toBeGreaterThan(50)
    expect(statSync(join(folder.path, `${NAME}-wal`)).size).toBeGreaterThan(0)
    await using next = await folder.serve(['--open'])
    const stored = (await new Client(next.origin).all('/jobs/load/tests/')).map(({ tag }) => tag)
    expect(acknowledged.filter((tag) => !stored.includes(tag))).toEqual([])
    expect((await folder.run(['check'])).code).toBe(0)
  }
})

test('a page that is damaged under the server: an error that says so, and the server lives', async () => {
  using folder = new Folder()
  const path = join(folder.path, NAME)
  {
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    const tests = Array.from({ length: 1500 }, (_, index) => ({ tag: `${index}-a`, status: 'PASS' }))
    for (let job = 0; job < 5; job++) await client.post('/jobs/', { id: `job-${job}`, tests })
    await server.stop()
  }
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  expect((await client.get('/jobs/?omit=tests,activities')).status).toBe(200)
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 4096 * 60)
  writeFileSync(path, bytes)
  const damaged = {
    status: 500,
    body: {
      detail:
        'The database of the server is damaged, or its disk cannot be read. Stop the server, run `avocado-server check`, and restore a backup.',
    },
  }
  const replies = await Promise.all(
    Array.from({ length: 5 }, (_, job) => client.get(`/jobs/job-${job}/tests/?page_size=1000`)),
  )
  expect(replies.filter(({ status }) => status !== 200).map(brief)).toContainEqual(damaged)
  expect((await client.get('/version/')).status).toBe(200)
  expect(await server.stop()).toBe(0)
  const { code, stderr } = await folder.run(['check'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/damaged/) })
})

test('of a database whose file was moved away, with its -wal left behind, nothing is lost', async () => {
  using folder = new Folder()
  const [path, away] = [join(folder.path, NAME), join(folder.path, 'away')]
  const expectRefusals = async () => {
    const refusal = `./${NAME} is missing, and ./${NAME}-wal, which belongs to it, is there: put it back, or move ./${NAME}-wal and ./${NAME}-shm away as well, to where it is.\n`
    for (const command of [
      'runserver 127.0.0.1:0',
      'syncdb --noinput',
      'check',
      'listusers',
      'restore a.tar',
    ]) {
      expect(await folder.run(command.split(' '))).toEqual({ code: 1, stdout: '', stderr: refusal })
    }
    expect(existsSync(path)).toBe(false)
  }
  {
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    await folder.run(['backup', 'a.tar'])
    expect((await client.post('/jobs/', { id: 'first' })).status).toBe(201)
    renameSync(path, away)
    await expectRefusals()
    expect((await client.post('/jobs/', { id: 'refused' })).status).toBe(503)
    renameSync(away, path)
    expect((await client.post('/jobs/', { id: 'second' })).status).toBe(201)
    server.child.kill('SIGKILL')
    await server.child.exited
  }
  renameSync(path, away)
  await expectRefusals()
  renameSync(away, path)
  await using server = await folder.serve(['--open'])
  const { results } = (await new Client(server.origin).get('/jobs/?ordering=number')).body
  expect(results.map(({ id }: { id: string }) => id)).toEqual(['first', 'second'])
})
