// Every road that Avocado's own output takes to the compiled binary, with real output: in any order the same job comes
// out, and it is what results.json says.

import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { zip } from '../ingest/archives'
import { binary, Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { needing } from '../support/needs'
import { converse } from '../support/terminal'

const samples = join(import.meta.dir, '../fixtures/jobs')
const names = readdirSync(samples)

function sampleFolder(name: string): string {
  const [job = ''] = readdirSync(join(samples, name))
  return join(samples, name, job)
}

interface Results {
  job_id: string
  total: number
  time: number
  start: string
  tests: {
    id: string
    status: string
    fail_reason: string
    actual_time_start: number
    actual_time_end: number
    time_elapsed: number
  }[]
}

let folder: Folder
let server: Serving
let client: Client

beforeAll(async () => {
  folder = new Folder()
  symlinkSync(binary(), join(folder.path, 'avocado-server'))
  server = await folder.serve(['--open', '--time-zone', 'UTC'])
  client = new Client(server.origin)
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

/** Makes an archive of a sample and posts it. */
async function postArchive(command: string, name: string) {
  const made = await folder.shell(`cd '${sampleFolder(name)}' && ${command} > '${folder.path}/archive'`)
  expect(made.code).toBe(0)
  return post(readFileSync(join(folder.path, 'archive')))
}

async function post(body: Uint8Array | string) {
  const reply = await client.request('POST', '/imports/', { body })
  if (reply.status >= 400) throw new Error(JSON.stringify(reply.body))
  return reply
}

const roads: Record<string, (name: string) => Promise<unknown>> = {
  async upload(name) {
    const { code, stderr } = await folder.run(['upload', sampleFolder(name), server.origin])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) })
  },
  tar: (name) => postArchive('tar -cf - .', name),
  'tar.gz': (name) => postArchive('tar -czf - .', name),
  zip: async (name) => {
    const files = [...new Glob('**').scanSync({ cwd: sampleFolder(name), dot: true })]
    return post(
      zip(files.map((path) => ({ name: path, content: readFileSync(join(sampleFolder(name), path)) }))),
    )
  },
  'results.json': (name) => post(readFileSync(join(sampleFolder(name), 'results.json'))),
  journal: (name) => post(readFileSync(join(sampleFolder(name), '.journal.sqlite'))),
}

/** All that the server tells of a job, but for what counts jobs and tests of the whole server, and where `upload` ran. */
async function readJob(id: string) {
  const { body: job } = await client.get(`/jobs/${id}/?omit=tests`)
  const tests: Record<string, unknown> = {}
  // Each as its own page shows it, in one list: there are hundreds.
  for (const whole of await client.all(`/jobs/${id}/tests/?include=details`)) {
    const { id: test, environment, ...rest } = whole
    const path = `/jobs/${id}/tests/${test}`
    const [activities, files] = await Promise.all([
      client.all(`${path}/activities/`),
      client.all(`${path}/files/`),
    ])
    tests[whole.tag] = {
      ...rest,
      hasEnvironment: environment !== null,
      activities: activities.map(({ test: _, ...row }: { test: number }) => row),
      files: files.map(({ path, size }: { path: string; size: number }) => [path, size]),
    }
  }
  const { number: _, labels: _host, description, ...rest } = job
  return { ...rest, description: description.replace(/ on \S+$/, ''), tests }
}

/** Every order of the three kinds of input, the directory once by each road. */
const orders = [
  ['journal', 'results.json', 'upload'],
  ['journal', 'tar', 'results.json'],
  ['results.json', 'journal', 'zip'],
  ['results.json', 'tar.gz', 'journal'],
  ['zip', 'journal', 'results.json'],
  ['upload', 'results.json', 'journal'],
]

for (const name of names) {
  const id = readFileSync(join(sampleFolder(name), 'id'), 'utf8').trim()
  const roadsOf = (order: string[]) =>
    order.filter((road) => road !== 'results.json' || name !== 'killed-sigkill') // that has none

  test(`${name}: every road, in every order, twice, ends in the same job`, async () => {
    const ends: unknown[] = []
    for (const order of orders) {
      for (const road of [...roadsOf(order), ...roadsOf(order)]) await roads[road]?.(name)
      ends.push(await readJob(id))
      const again = await postArchive('tar -cf - .', name)
      const [{ tests, files }] = again.body.jobs
      expect({ status: again.status, tests, files }).toMatchObject({
        status: 200,
        tests: { added: 0, changed: 0 },
        files: { added: 0, changed: 0 },
      })
      expect((await client.delete(`/jobs/${id}/`)).status).toBe(204)
    }
    for (const end of ends) expect(end).toEqual(ends[0])
  })
}

for (const name of names.filter((name) => name !== 'killed-sigkill')) {
  test(`${name}: what is stored is what results.json says, field by field`, async () => {
    await roads.tar?.(name)
    const results: Results = JSON.parse(readFileSync(join(sampleFolder(name), 'results.json'), 'utf8'))
    const { body: job } = await client.get(`/jobs/${results.job_id}/?omit=tests`)
    const notStarted = results.total - results.tests.length
    expect({ time: job.time, elapsed: job.elapsed_time, not_started: job.not_started }).toEqual({
      not_started: notStarted > 0 ? notStarted : undefined,
      time: `${results.start.replace(' ', 'T')}Z`,
      elapsed: results.time,
    })
    const stored = new Map<string, Record<string, unknown>>()
    let page = await client.get(`/jobs/${results.job_id}/tests/?page_size=1000`)
    for (const { id, tag } of page.body.results) {
      stored.set(tag, (await client.get(`/jobs/${results.job_id}/tests/${id}/`)).body)
    }
    page = await client.get(`/jobs/${results.job_id}/testcount/`)
    expect(page.body).toEqual({ testcount: results.tests.length })
    const status: Record<string, string> = { SKIP: 'TEST_NA', CANCEL: 'TEST_NA', INTERRUPTED: 'ERROR' }
    for (const said of results.tests) {
      const is = stored.get(said.id)
      expect({ tag: said.id, ...is }).toMatchObject({
        status: status[said.status] ?? said.status,
        ...(said.status in status && { reported_status: said.status }),
        fail_reason: said.fail_reason === '<unknown>' ? null : said.fail_reason,
        elapsed_time: said.time_elapsed,
        variant: said.id.includes(';') ? said.id.slice(said.id.lastIndexOf(';') + 1) : null,
      })
      expect(Math.abs(Date.parse(String(is?.started)) / 1000 - said.actual_time_start)).toBeLessThan(0.001)
    }
  })
}

test('the statuses of the sample jobs are those that their tests make', async () => {
  for (const name of names) await roads.tar?.(name)
  const { body } = await client.get('/jobs/?page_size=100&omit=tests,activities')
  const statuses = Object.fromEntries(
    body.results.map(({ id, status }: { id: string; status: string }) => [id.slice(0, 7), status]),
  )
  expect(statuses).toEqual({
    aa0d4a7: 'ERROR',
    '3a27e08': 'ERROR',
    '4868937': 'ABORT',
    dd56aa9: 'FAIL',
    '6b79ee1': 'ERROR',
    '7834556': 'NOSTATUS', // killed: its own times say so
    e805cec: 'PASS',
    fd6de77: 'FAIL',
    '00c6f8f': 'ERROR',
  })
})

test('the log of a test comes back byte by byte, and in parts', async () => {
  await roads.tar?.('all-statuses')
  const log = readFileSync(
    join(sampleFolder('all-statuses'), 'test-results/02-failtest.py_FailTest.test/debug.log'),
  )
  const url = `${server.origin}/jobs/aa0d4a7/tests/02-failtest.py%3AFailTest.test/files/debug.log`
  const whole = await fetch(url)
  expect(Buffer.from(await whole.arrayBuffer()).equals(log)).toBe(true)
  expect(whole.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const part = await fetch(url, { headers: { range: 'bytes=10-19' } })
  expect([part.status, Buffer.from(await part.arrayBuffer()).toString()]).toEqual([
    206,
    log.subarray(10, 20).toString(),
  ])
})

test('the packages of the machine are an environment that jobs share', async () => {
  await roads.tar?.('all-statuses')
  await roads.tar?.('small-sysinfo')
  const environment = async (job: string) => (await client.get(`/jobs/${job}/tests/`)).body.results[0].id
  const of = async (job: string) =>
    (await client.get(`/jobs/${job}/tests/${await environment(job)}/`)).body.environment as number
  expect(await of('aa0d4a7')).toBe(await of('fd6de77'))
  const { body } = await client.get(`/testenvironments/${await of('aa0d4a7')}/`)
  expect(body.installed_software_components.length).toBeGreaterThan(700)
  expect(body.installed_software_components).toContainEqual({
    name: 'adduser',
    version: '3.134',
    release: '',
    checksum: '',
    kind: 'deb',
    arch: expect.any(String),
  })
})

needing('curl')('upload.sh does the same with tar and curl', async () => {
  expect((await client.delete('/jobs/dd56aa987b15c12d8aa8f7edd41e8e0a6ab5e38c/')).status).toBe(204)
  const script = await fetch(`${server.origin}/upload.sh`)
  writeFileSync(join(folder.path, 'upload.sh'), await script.text())
  const { code, stdout, stderr } = await folder.shell(`sh upload.sh '${sampleFolder('failfast')}'`)
  expect({ code, stderr, jobs: JSON.parse(stdout || '{}').jobs }).toEqual({
    code: 0,
    stderr: '',
    jobs: [
      {
        id: 'dd56aa987b15c12d8aa8f7edd41e8e0a6ab5e38c',
        url: `${server.origin}/jobs/dd56aa987b15c12d8aa8f7edd41e8e0a6ab5e38c/`,
        tests: { added: 2, changed: 0, unchanged: 0 },
        files: { added: 18, changed: 0, unchanged: 0 },
        warnings: [],
      },
    ],
  })
})

test('upload waits for a server that is away, follows `latest` itself, and fails on what is refused', async () => {
  using place = new Folder()
  mkdirSync(join(place.path, 'results'))
  cpSync(sampleFolder('single-nosysinfo'), join(place.path, 'results/job'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  symlinkSync('job', join(place.path, 'results/latest'))
  const ok = await place.run(['upload', 'results/latest', server.origin])
  expect({ code: ok.code, stderr: ok.stderr }).toEqual({ code: 0, stderr: '' })

  const nobody = await place.run(['upload', 'results/job', 'http://127.0.0.1:9', '--patience', '1'])
  expect({ code: nobody.code, stdout: nobody.stdout }).toEqual({ code: 1, stdout: '' })
  expect(nobody.stderr).toContain('http://127.0.0.1:9 is away')

  writeFileSync(join(place.path, 'results/job/results.json'), '{"job_id": 7}')
  rmSync(join(place.path, 'results/job/.journal.sqlite')) // which would make a job by itself
  const refused = await place.run(['upload', 'results/job', server.origin])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/^results\/job: http:.* refused it \(400\): results\.json.*\n$/)
  for (const [args, sentence] of [
    [['results/job'], 'Name the server: as the last argument, or by AVOCADO_SERVER_URL.'],
    [['results/job', 'lab:9405'], '"lab:9405" is no URL such as http://server:9405.'],
    [['results/job', 'ftp://lab'], '"ftp://lab" is no URL such as http://server:9405.'],
    [[server.origin, 'results/job'], 'The URL of the server comes last.'],
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

  const following = place.run(['replay', journal, server.origin, '--follow', '--time-zone', 'UTC'])
  const status = async () => (await client.get('/jobs/0123456789abcdef/')).body.status
  while ((await status()) !== 'RUNNING') await Bun.sleep(20)
  row('1-a', 'ENDED', 'PASS')
  row('2-b', 'STARTED', null)
  while ((await client.get('/jobs/0123456789abcdef/testcount/')).body.testcount !== 2) await Bun.sleep(20)
  row('2-b', 'ENDED', 'FAIL')
  writeFileSync(join(place.path, 'results.json'), '{}')
  expect(await following).toEqual({
    code: 0,
    stdout: `${server.origin}/jobs/0123456789abcdef0123456789abcdef01234567/ 2 tests added, 2 changed\n`,
    stderr: '',
  })
  expect(await status()).toBe('FAIL')
  expect((await client.get('/jobs/0123456789abcdef/tests/2-b/activities/')).body.results).toEqual([
    { test: expect.any(Number), activity: 'STARTED', time: '2026-11-23T18:20:17.282430Z', status: null },
    { test: expect.any(Number), activity: 'ENDED', time: '2026-11-23T18:20:17.282430Z', status: 'FAIL' },
  ])
  const bytes = readFileSync(journal)
  const again = await place.run(['replay', place.path, server.origin]) // the directory will do
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
    names.map(async (name) => {
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
  expect((await new Client(last.origin).get('/jobs/?omit=tests')).body.count).toBe(names.length)
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

test('a job that stock Avocado reports live, and then uploads, is one job with each test once', async () => {
  const name = 'all-statuses'
  const results: Results & { tests: { name: string; logdir: string }[] } = JSON.parse(
    readFileSync(join(sampleFolder(name), 'results.json'), 'utf8'),
  )
  await client.delete(`/jobs/${results.job_id}/`)
  await roads.tar?.(name)
  const uploaded = await readJob(results.job_id)
  await client.delete(`/jobs/${results.job_id}/`)

  const description = 'job-2026-11-23T18.20-aa0d4a7'
  await client.post('/api/v2.0/groups', {
    uuid: results.job_id,
    ref_url: null,
    description,
    _auth_token: null,
  })
  for (const { name: testcase, status, fail_reason, logdir, time_elapsed } of results.tests) {
    const outcome = { PASS: 'PASSED', FAIL: 'FAILED', ERROR: 'NEEDS_INSPECTION' }[status] ?? 'INFO'
    const data = { status, logdir, time_elapsed: `${time_elapsed.toFixed(2)} s`, whiteboard: '' }
    const note = fail_reason === '<unknown>' ? null : fail_reason
    const body = { outcome, testcase, groups: [results.job_id], note, ref_url: null, data, _auth_token: null }
    expect((await client.post('/api/v2.0/results', body)).status).toBe(201)
  }
  const reply = await postArchive('tar -cf - .', name)
  expect(reply.body.jobs[0].tests).toEqual({ added: 0, changed: 41, unchanged: 0 })
  expect(await readJob(results.job_id)).toEqual(uploaded)
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
  const { code, shown } = await converse(place, ['upload', sampleFolder('small-sysinfo'), server.origin], [])
  expect({ code, shown }).toEqual({
    code: 0,
    shown: expect.stringMatching(/job-2026-11-23T18\.21-fd6de77 \[#{30}\] 100 %[\s\S]*there already/),
  })
})
