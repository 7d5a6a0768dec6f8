// Makes a fixture of test/fixtures/databases: what the program of a former commit stored, as SQL, and what it answered
// then. It is asked for everything that it can do; what it does not know yet is left out.
//
//     bun scripts/former-database.ts COMMIT NAME

import { Database as Sqlite } from 'bun:sqlite'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client, type Reply } from '../test/support/client'
import { type Former, withoutOrigin } from '../test/support/former'
import { cookieOf } from '../test/support/session'

const root = resolve(import.meta.dir, '..')
const jobs = join(root, 'test/fixtures/jobs')
const fixtures = join(root, 'test/fixtures/databases')
const PASSWORD = 'nine lives'

const [commit = '', name = ''] = process.argv.slice(2)
if (!commit || !name) throw new Error('Usage: bun scripts/former-database.ts COMMIT NAME')

const folder = mkdtempSync(join(tmpdir(), 'former-database-'))
const checkout = join(folder, 'checkout')
const database = join(folder, 'avocadoserver.sqlite')

/** Runs a program to its end. @returns what it wrote to standard output. */
async function run(command: string[], { cwd = folder, stdin = '' } = {}): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdin: new Blob([stdin]), stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')}: ${stdout}${stderr}`)
  return stdout.trim()
}

const program = (...args: string[]) => ['bun', join(checkout, 'src/main.ts'), ...args]

/** The origin of `runserver` once it listens. */
async function originOf(child: Bun.Subprocess<'ignore', 'pipe', 'inherit'>): Promise<string> {
  let said = ''
  const reader = child.stdout.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    said += new TextDecoder().decode(read.value)
    const [origin] = /http:\/\/127[\d.:]+/.exec(said) ?? []
    if (origin) return origin
  }
  throw new Error(`runserver ended: ${said}`)
}

/** Not every former program has the address: the answer is undefined then. */
async function unlessUnknown(reply: Promise<Reply>): Promise<Reply | undefined> {
  const { status, body, headers } = await reply
  if (status === 404) return undefined
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
  return { status, body, headers }
}

async function must(reply: Promise<Reply>): Promise<Reply> {
  const known = await unlessUnknown(reply)
  if (!known) throw new Error('not found')
  return known
}

/** A job directory of few files: of Avocado's own, in our fixtures. */
async function packedJob(): Promise<Blob> {
  const from = join(jobs, 'failfast', readdirSync(join(jobs, 'failfast'))[0] ?? '')
  const sysinfo = join(
    jobs,
    'small-sysinfo',
    readdirSync(join(jobs, 'small-sysinfo'))[0] ?? '',
    'sysinfo/pre',
  )
  const to = join(folder, 'job')
  for (const path of ['results.json', 'job.log', 'test-results/1-passtest.py_PassTest.test/debug.log']) {
    cpSync(join(from, path), join(to, path))
  }
  mkdirSync(join(to, 'sysinfo/pre'), { recursive: true })
  const packages = readFileSync(join(sysinfo, 'installed_packages'), 'utf8').split('\n').slice(0, 3)
  writeFileSync(join(to, 'sysinfo/pre/installed_packages'), `${packages.join('\n')}\n`)
  cpSync(join(sysinfo, 'uname -a'), join(to, 'sysinfo/pre/uname -a'))
  await run(['tar', '-cf', 'job.tar', '-C', 'job', '.'])
  return Bun.file(join(folder, 'job.tar'))
}

/** @returns what a client of the former program would remember. */
async function feed(client: Client): Promise<Pick<Former, 'session' | 'deleted'>> {
  await must(client.post('/softwarecomponentkinds/', { name: 'rpm' }))
  await must(client.post('/softwarecomponentarches/', { name: 'x86_64' }))
  const component = { version: '5.2.26', release: '3.fc40', checksum: '', kind: 'rpm', arch: 'x86_64' }
  const distro = { name: 'fedora', version: '40', release: '1', arch: 'x86_64' }
  await must(client.post('/softwarecomponents/', { name: 'unused', ...component }))
  await must(
    client.post('/testenvironments/', {
      distro,
      installed_software_components: [
        { name: 'bash', ...component },
        { name: 'zlib', ...component, kind: 'unknown' },
      ],
    }),
  )
  await must(
    client.post('/jobs/', {
      id: 'nightly.A-1',
      description: 'Nightly Käse',
      time: '2026-10-25T00:30:00.123456Z',
      elapsed_time: 12.25,
      status: 'FAIL',
      activities: [
        { activity: 'SETUP', time: '2026-10-25T00:30:01Z' },
        { activity: 'TEARDOWN', time: '2026-10-25T00:31:01Z' },
      ],
      tests: [
        {
          tag: '001-boot.py:Boot.test;run-disk-1',
          status: 'PASS',
          started: '2026-10-25T00:30:02.5Z',
          elapsed_time: 0.5,
          environment: 1,
          activities: [{ activity: 'STARTED', time: '2026-10-25T00:30:02Z', status: 'PASS' }],
          data: [{ category: 'keyval', key: 'throughput', value: '17.5' }],
        },
        { tag: '002-boot.py:Boot.test;run-disk-2', status: 'FAIL', fail_reason: "it's\nbroken" },
        { tag: '1-boot.py:Boot.test;run-disk-1', status: 'SKIP' },
        { tag: 'no number', status: 'WARN', elapsed_time: 3 },
        { tag: '5-;', status: 'ERROR', fail_reason: "it's\nbroken" },
      ],
    }),
  )
  await must(client.post('/jobs/', { id: 'b', tests: [{ tag: '1-slow' }] }))
  await must(client.post('/jobs/b/activities/', { activity: 'SETUP', time: '2026-10-26T00:30:01Z' }))
  await must(client.post('/jobs/b/tests/', { tag: '2-quick' }))
  const b = (await must(client.get('/jobs/b/tests/'))).body.results
  const [slow, quick] = b.map(({ id }: { id: number }) => `/jobs/b/tests/${id}`)
  const ended = { activity: 'ENDED', time: '2026-10-26T00:30:05Z', status: 'PASS' }
  await must(client.post(`${quick}/activities/`, ended))
  await must(client.post(`${slow}/data/`, { category: 'keyval', key: 'speed', value: null }))
  await unlessUnknown(client.post('/jobs/b/data/', { category: 'info', key: 'branch', value: 'main' }))

  await unlessUnknown(client.request('POST', '/imports/', { body: await packedJob() }))
  const group = {
    uuid: 'aa0d4a76ce502ecca8734f93314519f0ac88eeaf',
    description: 'by the plugin',
    ref_url: null,
  }
  if (await unlessUnknown(client.post('/api/v2.0/groups', group))) {
    const data = { time_elapsed: '0.06 s', status: 'PASS', 'param sleep': '1 (path: /run)' }
    const result = { outcome: 'PASSED', testcase: 'passtest.py:PassTest.test', groups: [group.uuid], data }
    await must(client.post('/api/v2.0/results', { ...result, note: null, ref_url: null }))
  }

  let session: string | undefined
  const user = { username: 'rack', email: 'rack@example.com', role: 'member', password: PASSWORD }
  if (await unlessUnknown(client.post('/users/', user))) {
    await must(client.post('/users/', { username: 'gone', role: 'member' }))
    await must(client.patch('/users/3/', { disabled: true }))
    const stranger = new Client(client.origin)
    session = cookieOf(await must(stranger.post('/auth/login/', { username: 'rack', password: PASSWORD })))
    await unlessUnknown(client.post('/users/2/tokens/', { label: 'rack 7', role: 'reporter' }))
  }

  // The last of all: what it was is given to nobody else.
  const { body } = await must(client.post('/jobs/', { id: 'deleted', tests: [{ tag: 'x' }] }))
  await must(client.delete('/jobs/deleted/'))
  return { ...(session && { session }), deleted: { job: body.number, test: body.tests[0].id } }
}

/** What the program shows of all that it stored, by address. */
async function answersOf(client: Client): Promise<Former['answers']> {
  const answers: Former['answers'] = {}
  const note = async (path: string) => {
    const body = (await unlessUnknown(client.get(path)))?.body
    if (body !== undefined && body.count !== 0) answers[path] = withoutOrigin(body, client.origin)
    return body
  }
  for (const path of [
    'softwarecomponentkinds',
    'softwarecomponentarches',
    'softwarecomponents',
    'linuxdistros',
  ])
    await note(`/${path}/`)
  for (const path of ['testenvironments', 'users', 'users/1/tokens', 'users/2/tokens', 'audit'])
    await note(`/${path}/`)
  for (const path of ['/api/v2.0/groups', '/api/v2.0/results']) await note(path)
  for (const job of (await note('/jobs/')).results) {
    const at = `/jobs/${job.id}`
    await note(`${at}/`)
    for (const part of ['activities', 'data', 'passrate']) await note(`${at}/${part}/`)
    for (const file of (await note(`${at}/files/`))?.results ?? [])
      await note(`${at}/files/${encodeURI(file.path)}`)
    for (const { id } of job.tests) {
      await note(`${at}/tests/${id}/`)
      for (const part of ['activities', 'data']) await note(`${at}/tests/${id}/${part}/`)
      for (const file of (await note(`${at}/tests/${id}/files/`))?.results ?? [])
        await note(`${at}/tests/${id}/files/${encodeURI(file.path)}`)
    }
  }
  return answers
}

/** JSON for people to read: a line for each answer. */
function toText({ answers, ...rest }: Former): string {
  const lines = Object.entries(answers).map(
    ([path, answer]) => `    ${JSON.stringify(path)}: ${JSON.stringify(answer)}`,
  )
  const head = Object.entries(rest).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  )
  return `{\n${head.join('\n')}\n  "answers": {\n${lines.join(',\n')}\n  }\n}\n`
}

/** As `.dump` of sqlite3 has it, but what is text in a BLOB is shown as text. */
function dump(): string {
  const sqlite = new Sqlite(database, { readonly: true })
  const all = (text: string) => sqlite.query<Record<string, string>, []>(text).all()
  const lines = ['user_version', 'application_id', 'auto_vacuum'].map(
    (pragma) => `PRAGMA ${pragma} = ${Object.values(all(`PRAGMA ${pragma}`)[0] ?? {})[0]};`,
  )
  lines.sort() // auto_vacuum has to come before the first table
  const literal = (value: unknown): string => {
    if (value === null || typeof value === 'number') return String(value)
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
    const bytes = Buffer.from(value as Uint8Array)
    const text = bytes.toString()
    const isText =
      bytes.length > 0 && Buffer.from(text).equals(bytes) && !/[^\n\t -~\u00a0-\uffff]/.test(text)
    return isText ? `CAST(${literal(text)} AS BLOB)` : `x'${bytes.toString('hex')}'`
  }
  // sqlite_sequence last: it grows with the rows of other tables.
  const tables = all(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name = 'sqlite_sequence', rowid",
  )
  const virtual = tables.filter(({ sql = '' }) => sql.startsWith('CREATE VIRTUAL')).map(({ name }) => name)
  for (const { name = '', sql = '' } of tables) {
    // Made with the virtual table; SQLite lets nobody write to them.
    if (virtual.some((owner) => name.startsWith(`${owner}_`))) continue
    if (!name.startsWith('sqlite_')) lines.push(`${sql};`)
    if (name === 'job_search') {
      lines.push('INSERT INTO job_search (rowid, id, number, description)')
      lines.push('  SELECT number, id, number, description FROM job WHERE complete = 1;')
      continue
    }
    if (virtual.includes(name)) continue // it keeps no texts that could be read: see below
    if (name === 'sqlite_sequence') lines.push('DELETE FROM sqlite_sequence;')
    const columns = all(`SELECT name FROM pragma_table_xinfo('${name}') WHERE hidden = 0`).map(
      (row) => row.name,
    )
    for (const row of sqlite.query(`SELECT ${columns.join(', ')} FROM ${name}`).values()) {
      lines.push(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${row.map(literal).join(', ')});`)
    }
  }
  if (virtual.includes('testcase_search')) {
    // As after an upgrade: the words of what is stored are added in the background.
    lines.push(
      "INSERT INTO task (name, state) SELECT 'fill the search', json_object(",
      "  'testcase', 0, 'testcases', (SELECT max(id) FROM testcase),",
      "  'reason', 0, 'reasons', (SELECT max(id) FROM fail_reason));",
    )
  }
  for (const { sql } of all(
    "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid",
  ))
    lines.push(`${sql};`)
  sqlite.close()
  return `${lines.join('\n')}\n`
}

/** What the program put beside the database, packed as it is. */
function contents(): Former['files'] {
  const files: Former['files'] = {}
  for (const path of new Bun.Glob('avocadoserver.sqlite.files/??/*').scanSync(folder)) {
    files[path] = readFileSync(join(folder, path)).toString('base64')
  }
  return files
}

/** Starts the server, feeds it, asks it, ends it. */
async function serve(): Promise<Pick<Former, 'session' | 'deleted' | 'answers'>> {
  const server = Bun.spawn(program('runserver', '127.0.0.1:0'), {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  try {
    const client = new Client(await originOf(server)).as('admin', PASSWORD)
    const fed = await feed(client)
    return { ...fed, answers: await answersOf(client) }
  } finally {
    server.kill('SIGTERM')
    await server.exited
  }
}

try {
  await run(['git', 'worktree', 'add', '--detach', checkout, commit], { cwd: root })
  await run(['bun', 'install', '--frozen-lockfile'], { cwd: checkout })
  await run(program('syncdb', '--noinput'))
  await run(program('createsuperuser', '--username=admin', '--email=admin@example.com', '--noinput'))
  await run(program('changepassword', 'admin'), { stdin: `${PASSWORD}\n` })
  const token = await run(program('createtoken', '--user', 'admin', '--name', 'lab'))
  const fed = await serve()
  const described = await run(['git', 'log', '-1', '--format=%h'], { cwd: checkout })
  mkdirSync(fixtures, { recursive: true })
  const made = `-- Stored by the program of commit ${described}: see README.md.\n`
  const former: Former = { commit: described, password: PASSWORD, token, files: contents(), ...fed }
  writeFileSync(join(fixtures, `${name}.sql`), made + dump())
  writeFileSync(join(fixtures, `${name}.json`), toText(former))
} finally {
  await run(['git', 'worktree', 'remove', '--force', checkout], { cwd: root })
  rmSync(folder, { recursive: true })
}
