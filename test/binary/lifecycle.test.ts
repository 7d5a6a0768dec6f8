// Starting, stopping and crashing.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { version } from '../../package.json'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'
import { EventStream } from '../support/events'
import { untilAnalysed } from '../support/settled'

test('the binary alone in an empty folder does everything, and the greeting says what is missing', async () => {
  using folder = new Folder()
  const copy = join(folder.path, 'avocado-server')
  copyFileSync(binary(), copy)
  await using server = await folder.serve()
  expect(server.greeting).toMatch(
    /^avocado-server \S+, database \/.*\/avocadoserver.sqlite\nThere is no user yet. Create an administrator with: avocado-server createsuperuser\nListening on http:\/\/127.0.0.1:\d+\/ - stop with Ctrl-C\n$/,
  )
  const page = await fetch(`${server.origin}/swagger`)
  expect(await page.text()).toContain('/swagger/scalar.js')
  expect((await (await fetch(`${server.origin}/swagger/scalar.js`)).text()).length).toBeGreaterThan(1_000_000)
})

test('a method that no path has is refused without a word about it', async () => {
  using folder = new Folder()
  const child = Bun.spawn([binary(), 'runserver', '127.0.0.1:0', '--open'], {
    cwd: folder.path,
    stdout: Bun.file(join(folder.path, 'stdout')),
    stderr: Bun.file(join(folder.path, 'stderr')),
  })
  const output = () => readFileSync(join(folder.path, 'stdout'), 'utf8')
  while (!output().includes('Listening')) await Bun.sleep(10)
  const greeting = output()
  const url = /Listening on (\S+)/.exec(greeting)?.[1]
  expect((await fetch(`${url}jobs/`, { method: 'PROPFIND' })).status).toBe(405)
  child.kill()
  await child.exited
  expect(output()).toBe(greeting)
  expect(readFileSync(join(folder.path, 'stderr'), 'utf8')).toBe('')
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} lets a request that is under way finish, then ends with 0`, async () => {
    using folder = new Folder()
    await folder.setUp()
    await using server = await folder.serve(['--open'])
    const { port } = new URL(server.origin)
    const body = '{"id": "slow"}'
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write(
      `POST /jobs/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{"id"`,
    )
    await Bun.sleep(200)
    const stopped = server.stop(signal)
    await Bun.sleep(200)
    await expect(fetch(server.origin)).rejects.toThrow()
    socket.write(body.slice(5))
    expect(await stopped).toBe(0)
    await closed // the end of the server may be heard of before what it sent
    expect(answer).toStartWith('HTTP/1.1 201 Created')
    // Closed in order: nothing is left beside the database.
    expect(readdirSync(folder.path)).toEqual(['avocadoserver.sqlite'])
  })
}

test('readers of events do not keep the server from stopping, and go on with the next one', async () => {
  using folder = new Folder()
  const server = await folder.serve(['--open'])
  using stream = await EventStream.connect(server.origin)
  await stream.next()
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1', () => socket.pause())
  socket.on('error', () => {})
  socket.write('GET /events/ HTTP/1.1\r\nHost: a\r\n\r\n')
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'a1' })
  await stream.next()
  // What the server derives from the job is a commit, too, which has the newest id.
  await untilAnalysed(client)
  using newest = await EventStream.connect(server.origin)
  const { id } = await newest.next()
  const start = performance.now()
  expect(await server.stop()).toBe(0)
  expect(performance.now() - start).toBeLessThan(9000) // 10 s is what it gives to requests
  // Nothing more happened than what the server derived from the job: of that it tells the number alone.
  for (let block = await stream.nextBlock(); block !== undefined; block = await stream.nextBlock())
    expect(block).toMatch(/^id: \d+$/)
  expect(readdirSync(folder.path)).toEqual(['avocadoserver.sqlite'])
  socket.destroy()

  await using next = await folder.serve(['--open'])
  using again = await EventStream.connect(next.origin, { query: `?last_event_id=${id}` })
  // Nothing was missed: what comes next is what happens next.
  expect(await again.next()).toEqual({ id: expect.any(Number), event: 'hello', data: { version } })
  await new Client(next.origin).post('/jobs/', { id: 'a2' })
  expect((await again.next()).data.jobs.map((job: { id: string }) => job.id)).toEqual(['a2'])
})

test('a busy port is one sentence, and no database is made', async () => {
  using folder = new Folder()
  using other = new Folder()
  await using server = await folder.serve()
  const port = new URL(server.origin).port
  const result = await other.run(['runserver', `127.0.0.1:${port}`])
  expect(result).toEqual({
    code: 1,
    stdout: '',
    stderr: `Port ${port} on 127.0.0.1 is in use by another program: stop that, or choose another port.\n`,
  })
  expect(readdirSync(other.path)).toEqual([])
})

test('what is no database of ours is refused in a sentence and left as it is', async () => {
  using folder = new Folder()
  const path = join(folder.path, 'avocadoserver.sqlite')

  writeFileSync(path, 'Dear friend, this is a letter and no database at all.')
  expect((await folder.run(['runserver', '0'])).stderr).toBe(
    './avocadoserver.sqlite is not a database. It was left as it is.\n',
  )
  expect(readFileSync(path, 'utf8')).toStartWith('Dear friend')

  const foreign = new Sqlite(join(folder.path, 'foreign.sqlite'))
  foreign.run('CREATE TABLE django_migrations (id)')
  foreign.close()
  const before = readFileSync(join(folder.path, 'foreign.sqlite'))
  for (const command of [['runserver', '0'], ['syncdb'], ['reset-and-run', '--noinput']]) {
    const result = await folder.run([...command, '--database', 'foreign.sqlite'])
    expect(result).toEqual({
      code: 1,
      stdout: '',
      stderr: 'foreign.sqlite is the database of another program. It was left as it is.\n',
    })
  }
  expect(readFileSync(join(folder.path, 'foreign.sqlite')).equals(before)).toBe(true)

  expect((await folder.run(['runserver', '0', '--database', 'no/such/folder/a.sqlite'])).stderr).toMatch(
    /^The folder \/.*\/no\/such\/folder does not exist: create it first.\n$/,
  )
  mkdirSync(join(folder.path, 'folder.sqlite'))
  expect((await folder.run(['runserver', '0', '--database', 'folder.sqlite'])).stderr).toBe(
    'folder.sqlite is a folder, not a database file.\n',
  )
})

test('a database of a newer version is refused', async () => {
  using folder = new Folder()
  await folder.run(['syncdb', '-v0'])
  const path = join(folder.path, 'avocadoserver.sqlite')
  const sqlite = new Sqlite(path)
  sqlite.run('PRAGMA user_version = 999')
  sqlite.close()
  const result = await folder.run(['runserver', '0'])
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 1, stdout: '' })
  expect(result.stderr).toStartWith('./avocadoserver.sqlite was made by a newer avocado-server (schema 999')
})

test('the database is readable for its owner only', async () => {
  using folder = new Folder()
  await folder.run(['syncdb', '-v0'])
  const { stdout } = await folder.shell('stat -c %a avocadoserver.sqlite')
  expect(stdout).toBe('600\n')
})

test('after kill -9 in a stream of posts every acknowledged row is there, and the file is sound', async () => {
  using folder = new Folder()
  const acknowledged: string[] = []
  for (let round = 0; round < 5; round++) {
    const server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    if (round === 0) await client.post('/jobs/', { id: 'stream' })
    let running = true
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let count = 0; running; count++) {
        const tag = `${round}-${writer}-${count}`
        try {
          const { status } = await client.post('/jobs/stream/tests/', { tag, status: 'PASS' })
          if (status === 200) acknowledged.push(tag)
        } catch {
          return // killed
        }
      }
    })
    while (acknowledged.length < 25 * (round + 1)) await Bun.sleep(5)
    await Bun.sleep(20 * round)
    await server.stop('SIGKILL')
    running = false
    await Promise.all(writers)
  }
  expect(acknowledged.length).toBeGreaterThan(100)

  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  const stored = new Set<string>()
  let page = await client.get('/jobs/stream/tests/?page_size=1000')
  for (;;) {
    for (const { tag } of page.body.results) stored.add(tag)
    if (page.body.next === null) break
    page = await client.get(page.body.next.slice(server.origin.length))
  }
  expect(acknowledged.filter((tag) => !stored.has(tag))).toEqual([])
  expect((await client.get('/jobs/stream/testcount/')).body).toEqual({ testcount: stored.size })
  expect((await client.get('/jobs/stream/passrate/')).body).toEqual({ passrate: 100 })
  const sqlite = new Sqlite(join(folder.path, 'avocadoserver.sqlite'), { readonly: true })
  expect(sqlite.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(sqlite.query('PRAGMA foreign_key_check').all()).toEqual([])
  sqlite.close()
})

test('what a crash left half written is swept at the next start, and its id is free', async () => {
  using folder = new Folder()
  await folder.run(['syncdb', '-v0'])
  const path = join(folder.path, 'avocadoserver.sqlite')
  const sqlite = new Sqlite(path)
  sqlite.run(
    "INSERT INTO job (id, time, received_at, last_report_at, elapsed, complete) VALUES ('half', 0, 0, 0, 0, 0)",
  )
  sqlite.close()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  expect((await client.get('/jobs/half/')).status).toBe(404)
  expect((await client.post('/jobs/', { id: 'half' })).status).toBe(201)
  expect(existsSync(path)).toBe(true)
})

test('reset-and-run leaves the database of a running server alone', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'kept' })
  expect(await folder.run(['reset-and-run', '--noinput'])).toEqual({
    code: 1,
    stdout: '',
    stderr: './avocadoserver.sqlite is in use by another process: stop it first.\n',
  })
  expect((await client.get('/jobs/kept/')).status).toBe(200)
})

test('a damaged database is a sentence, and the program ends', async () => {
  using folder = new Folder()
  await folder.setUp()
  const path = join(folder.path, 'avocadoserver.sqlite')
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 4096)
  writeFileSync(path, bytes)
  const { code, stdout, stderr } = await folder.run(['runserver', '127.0.0.1:0'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^(The database failed|\.\/avocadoserver\.sqlite is damaged).*\n$/)
})

test("another process's transaction makes writes wait, not the server; for too long: 503", async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  const other = new Sqlite(join(folder.path, 'avocadoserver.sqlite'))

  other.run('PRAGMA busy_timeout = 2000') // the server may still be sweeping files after its start
  other.run('BEGIN IMMEDIATE')
  const waiting = client.post('/jobs/', { id: 'patient' })
  const ended: string[] = []
  waiting.then(() => ended.push('write'))
  await client.get('/version/').then(() => ended.push('read'))
  await Bun.sleep(300)
  other.run('ROLLBACK')
  expect((await waiting).status).toBe(201)
  expect(ended).toEqual(['read', 'write'])

  other.run('BEGIN IMMEDIATE')
  const refused = await client.post('/jobs/', { id: 'refused' })
  other.run('ROLLBACK')
  other.close()
  expect({ status: refused.status, body: refused.body }).toEqual({
    status: 503,
    body: { detail: 'Another program holds the database: nothing was stored. Send it again in a while.' },
  })
  expect((await client.get('/jobs/refused/')).status).toBe(404)
})

test('--log-level debug has a line for every request, without its credentials', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--log-level', 'debug'])
  await fetch(`${server.origin}/version/`)
  await fetch(`${server.origin}/nowhere/`, { headers: { authorization: `Basic ${btoa('admin:secret')}` } })
  await server.stop()
  const lines = (await server.child.stderr.text()).trim().split('\n')
  const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered')
  expect(answered.map(({ method, path, status }) => [method, path, status])).toEqual([
    ['GET', '/version/', 200],
    ['GET', '/nowhere/', 404],
  ])
  expect(lines.join()).not.toContain(btoa('admin:secret'))
})
