// How `upload` and `replay` of the compiled binary send Avocado's own output: to a server that is away, killed, or
// refuses it.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'
import { sampleFolder, sampleNames, withSampleServer } from '../support/sample-jobs'
import { converse } from '../support/terminal'

const sample = withSampleServer()

test('upload waits for a server that is away, follows `latest` itself, and fails on what is refused', async () => {
  using place = new Folder()
  mkdirSync(join(place.path, 'results'))
  cpSync(sampleFolder('single-nosysinfo'), join(place.path, 'results/job'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  symlinkSync('job', join(place.path, 'results/latest'))
  const ok = await place.run(['upload', 'results/latest', sample.server.origin])
  expect({ code: ok.code, stderr: ok.stderr }).toEqual({ code: 0, stderr: '' })

  const nobody = await place.run(['upload', 'results/job', 'http://127.0.0.1:9', '--patience', '1'])
  expect({ code: nobody.code, stdout: nobody.stdout }).toEqual({ code: 1, stdout: '' })
  expect(nobody.stderr).toContain('http://127.0.0.1:9 is away')

  writeFileSync(join(place.path, 'results/job/results.json'), '{"job_id": 7}')
  rmSync(join(place.path, 'results/job/.journal.sqlite')) // which would make a job by itself
  const refused = await place.run(['upload', 'results/job', sample.server.origin])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/^results\/job: http:.* refused it \(400\): results\.json.*\n$/)
  for (const [args, sentence] of [
    [['results/job'], 'Name the server: as the last argument, or by AVOCADO_SERVER_URL.'],
    [['results/job', 'lab:9405'], '"lab:9405" is no URL such as http://server:9405.'],
    [['results/job', 'ftp://lab'], '"ftp://lab" is no URL such as http://server:9405.'],
    [[sample.server.origin, 'results/job'], 'The URL of the server comes last.'],
  ] as const) {
    expect(await place.run(['upload', ...args])).toEqual({ code: 2, stdout: '', stderr: `${sentence}\n` })
  }
})

test('replay sends a journal once, and follows a running one until its last test has ended', async () => {
  using place = new Folder()
  const journal = join(place.path, '.journal.sqlite')
  const sqlite = new Sqlite(journal)
  sqlite.run('CREATE TABLE job_info (unique_id TEXT UNIQUE)')
  sqlite.run(
    'CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT, flushed BOOLEAN DEFAULT 0)',
  )
  sqlite.run("INSERT INTO job_info VALUES ('0123456789abcdef0123456789abcdef01234567')")
  const row = (tag: string, action: string, status: string | null) =>
    sqlite.run("INSERT INTO test_journal VALUES (?, '2026-11-23T18:20:17.282430', ?, ?, 0)", [
      tag,
      action,
      status,
    ])
  row('1-a', 'STARTED', null)

  const following = place.run(['replay', journal, sample.server.origin, '--follow', '--time-zone', 'UTC'])
  const status = async () => (await sample.client.get('/jobs/0123456789abcdef/')).body.status
  while ((await status()) !== 'RUNNING') await Bun.sleep(20)
  row('1-a', 'ENDED', 'PASS')
  row('2-b', 'STARTED', null)
  while ((await sample.client.get('/jobs/0123456789abcdef/testcount/')).body.testcount !== 2)
    await Bun.sleep(20)
  row('2-b', 'ENDED', 'FAIL')
  writeFileSync(join(place.path, 'results.json'), '{}')
  expect(await following).toEqual({
    code: 0,
    stdout: `${sample.server.origin}/jobs/0123456789abcdef0123456789abcdef01234567/ 2 tests added, 2 changed\n`,
    stderr: '',
  })
  expect(await status()).toBe('FAIL')
  expect((await sample.client.get('/jobs/0123456789abcdef/tests/2-b/activities/')).body.results).toEqual([
    { test: expect.any(Number), activity: 'STARTED', time: '2026-11-23T18:20:17.282430Z', status: null },
    { test: expect.any(Number), activity: 'ENDED', time: '2026-11-23T18:20:17.282430Z', status: 'FAIL' },
  ])
  const bytes = readFileSync(journal)
  const again = await place.run(['replay', place.path, sample.server.origin]) // the directory will do
  expect({ code: again.code, stdout: again.stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining(' 0 tests added, 0 changed'),
  })
  expect(readFileSync(journal).equals(bytes)).toBe(true)
  sqlite.close()
})

test('killed during imports, and the imports repeated: whole, nothing twice, no file without a name', async () => {
  using place = new Folder()
  const archives = await Promise.all(
    sampleNames.map(async (name) => {
      const made = join(place.path, `${name}.tar`)
      await place.shell(`tar -C '${sampleFolder(name)}' -cf '${made}' .`)
      return readFileSync(made)
    }),
  )
  const sendAll = (origin: string) =>
    Promise.all(
      archives.map((body) =>
        new Client(origin).request('POST', '/imports/', { body }).then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    )
  for (const milliseconds of [30, 80, 150, 250]) {
    const killed = await place.serve(['--open'])
    const sending = sendAll(killed.origin)
    await Bun.sleep(milliseconds)
    await killed.stop('SIGKILL')
    await sending
  }
  const last = await place.serve(['--open', '--time-zone', 'UTC'])
  expect((await sendAll(last.origin)).filter((status) => status !== 200 && status !== 201)).toEqual([])
  const counts = await Promise.all(
    ['aa0d4a7', '3a27e08', '4868937'].map(
      async (job) => (await new Client(last.origin).get(`/jobs/${job}/testcount/`)).body,
    ),
  )
  expect(counts).toEqual([{ testcount: 41 }, { testcount: 360 }, { testcount: 102 }])
  expect((await new Client(last.origin).get('/jobs/?omit=tests')).body.count).toBe(sampleNames.length)
  await last.stop()

  const sqlite = new Sqlite(join(place.path, 'avocadoserver.sqlite'), { readonly: true })
  expect(sqlite.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(sqlite.query('SELECT count(*) AS n FROM job WHERE complete = 0').get()).toEqual({ n: 0 })
  const named = sqlite
    .query<{ hash: string }, []>('SELECT lower(hex(hash)) AS hash FROM file WHERE content IS NULL')
    .all()
  sqlite.close()
  const stored = [...new Glob('*/*').scanSync(join(place.path, 'avocadoserver.sqlite.files'))].map((path) =>
    path.replace('/', ''),
  )
  expect(stored.sort()).toEqual(named.map(({ hash }) => hash).sort())
})

test('upload signs in by the URL or by a token, and its exit code says whether all is stored', async () => {
  using place = new Folder()
  await place.setUp('secret')
  const token = (await place.run(['createtoken', '--user', 'admin'])).stdout.trim()
  await using closed = await place.serve()
  const job = sampleFolder('failfast')
  const withPassword = closed.origin.replace('http://', 'http://admin:secret@')
  expect((await place.run(['upload', job, withPassword])).code).toBe(0)
  expect((await place.run(['upload', job, closed.origin, '--token', token])).code).toBe(0)
  const env = { AVOCADO_SERVER_TOKEN: token, AVOCADO_SERVER_URL: closed.origin }
  expect((await place.run(['upload', job], { env })).code).toBe(0)
  const refused = await place.run(['upload', job, closed.origin])
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 1,
    stderr: `${job}: ${closed.origin} refused it (401): Authentication credentials were not provided.\n`,
  })
})

test('a client that repeats wrong credentials for ever is held off', async () => {
  using place = new Folder()
  await place.setUp('secret')
  await using closed = await place.serve()
  const replay = new Client(closed.origin).as('None', 'None')
  const cpu = () => {
    const fields = readFileSync(`/proc/${closed.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  }
  const form = () =>
    new URLSearchParams({ activity: 'STARTED', time: '2026-11-23T18:21:20', test_tag: '1-a' })
  await replay.post('/jobs/a/test_activity/', form())
  const before = cpu()
  let sent = 0
  for (const end = Date.now() + 2000; Date.now() < end; sent++) {
    expect((await replay.post('/jobs/a/test_activity/', form())).status).toBe(401)
  }
  // 500 requests a second are what it would send; a tick is a hundredth of a second of one core.
  expect(sent).toBeLessThan(50)
  expect(cpu() - before).toBeLessThan(100)
})

test('upload goes on when the server comes back, takes several directories, and leaves files out', async () => {
  using place = new Folder()
  await using first = await place.serve(['--open'])
  const { port } = new URL(first.origin)
  await first.stop()
  const sending = place.run([
    'upload',
    '--no-files',
    sampleFolder('failfast'),
    sampleFolder('job-timeout'),
    `http://127.0.0.1:${port}`,
  ])
  await Bun.sleep(500)
  const server = Bun.spawn([binary(), 'runserver', `127.0.0.1:${port}`, '--open'], {
    cwd: place.path,
    stdout: 'ignore',
    stderr: 'ignore',
  })
  const { code, stdout, stderr } = await sending
  server.kill()
  await server.exited
  expect({
    code,
    lines: stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\S+ /, '')),
  }).toEqual({
    code: 0,
    lines: Array(2).fill('2 tests added, 0 changed, 0 there already; 0 files added'),
  })
  expect(stderr).toMatch(/no connection: .*; trying again in 1 s/)
})

test('at a terminal, upload shows how far it is', async () => {
  using place = new Folder()
  const { code, shown } = await converse(
    place,
    ['upload', sampleFolder('small-sysinfo'), sample.server.origin],
    [],
  )
  expect({ code, shown }).toEqual({
    code: 0,
    shown: expect.stringMatching(/job-2026-11-23T18\.21-fd6de77 \[#{30}\] 100 %[\s\S]*there already/),
  })
})
