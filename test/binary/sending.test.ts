// One file that cannot be sent keeps no job from being stored; what a run is called, and where it ran, is sent along; and
// whatever goes wrong is a sentence.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { sampleFolder } from '../ingest/samples'
import { binary, Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { needing } from '../support/needs'

const ID = 'dd56aa987b15c12d8aa8f7edd41e8e0a6ab5e38c'
const LINE = 'ERROR: device not ready, trying again\n'

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

/** A job's directory with everything in it that cannot be sent. */
async function makeStrange(): Promise<string> {
  await folder.shell('chmod -R u+rwx strange; rm -rf strange')
  const job = join(folder.path, 'strange')
  cpSync(sampleFolder('failfast'), job, { recursive: true, verbatimSymlinks: true })
  const data = join(job, 'test-results/strange')
  mkdirSync(data)
  writeFileSync(join(data, 'stdout'), LINE.repeat(300_000))
  writeFileSync(join(data, 'sparse.img'), '')
  truncateSync(join(data, 'sparse.img'), 80 * 1024 ** 2)
  writeFileSync(join(data, 'huge.img'), '')
  truncateSync(join(data, 'huge.img'), 600 * 1024 ** 2)
  writeFileSync(join(data, 'two\nlines'), 'x')
  symlinkSync('/etc/hostname', join(data, 'conf'))
  symlinkSync('../../id', join(data, 'inside'))
  writeFileSync(join(data, 'back\\slash'), 'kept')
  writeFileSync(join(data, 'ä b'), 'kept')
  await folder.shell(`mkfifo '${data}/console'; printf x > "$(printf '${data}/bad\\377name')"`)
  return job
}

const filesOf = async () =>
  (await client.all(`/jobs/${ID}/files/`))
    .map(({ path }) => path)
    .filter((path) => path.startsWith('test-results/strange/'))

test('upload leaves out what cannot be sent, says so, and the tests are stored', async () => {
  const job = await makeStrange()
  const { code, stdout, stderr } = await folder.run(['upload', job, server.origin])
  expect({ code, stdout: stdout.replace(/\d+ files/, 'N files') }).toEqual({
    code: 0,
    stdout: `${server.origin}/jobs/${ID}/ 2 tests added, 0 changed, 0 there already; N files added\n`,
  })
  const left = stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.replace('strange: test-results/strange/', ''))
  expect(left.sort()).toEqual([
    'bad\ufffdname is left out: its name is not UTF-8.',
    'conf is left out: it is a link out of the directory, to /etc/hostname.',
    'console is left out: it is no regular file.',
    'huge.img is left out: it is larger than 512 MiB.',
    'sparse.img is left out: nearly all of its 83886080 bytes are a hole.',
    `stdout is left out: its ${LINE.length * 300_000} bytes repeat themselves.`,
    'two?lines is left out: its name has a line break, or another character that is none of a name.',
  ])
  expect(await filesOf()).toEqual(['test-results/strange/back\\slash', 'test-results/strange/ä b'])
  await client.delete(`/jobs/${ID}/`)
})

needing('curl')('upload.sh leaves out the same', async () => {
  const job = await makeStrange()
  const script = await fetch(`${server.origin}/upload.sh`)
  writeFileSync(join(folder.path, 'upload.sh'), await script.text())
  const { code, stdout, stderr } = await folder.shell(`sh upload.sh '${job}'`)
  expect({ code, tests: JSON.parse(stdout || '{}').jobs?.[0].tests }).toEqual({
    code: 0,
    tests: { added: 2, changed: 0, unchanged: 0 },
  })
  const left = stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(`${job}: ./test-results/strange/`, ''))
  expect(left.sort()).toEqual(
    [
      `${job}: what has a line break in its name (1 files) is left out: no archive should hold that.`,
      'conf is left out: it is a link out of the directory.',
      'console is left out: it is no regular file.',
      'huge.img is left out: it is larger than 512 MiB.',
      'sparse.img is left out: it repeats itself, or is a hole.',
      'stdout is left out: it repeats itself, or is a hole.',
    ].sort(),
  )
  expect(await filesOf()).toEqual(
    expect.arrayContaining(['test-results/strange/back\\slash', 'test-results/strange/ä b']),
  )
  await client.delete(`/jobs/${ID}/`)
})

test('a job has the label of the host that sent it, further labels, and a description', async () => {
  const job = sampleFolder('failfast')
  const env = { AVOCADO_SERVER_LABELS: 'branch=main,note=a,b' }
  const { code } = await folder.run(['upload', '--description', 'nightly of x', job, server.origin], { env })
  expect(code).toBe(0)
  const { body } = await client.get(`/jobs/${ID}/`)
  expect({ description: body.description, labels: body.labels }).toEqual({
    description: 'nightly of x',
    labels: { branch: 'main', host: hostname(), note: 'a,b' },
  })
  await client.delete(`/jobs/${ID}/`)
  const flags = ['--label', 'host=rack7', '--label', 'tag=a', '--label', 'tag=b']
  expect((await folder.run(['upload', ...flags, job, server.origin], { env })).code).toBe(0)
  expect((await client.get(`/jobs/${ID}/`)).body.labels).toEqual({ host: 'rack7', tag: ['a', 'b'] })
  await client.delete(`/jobs/${ID}/`)
  const colons = { AVOCADO_SERVER_LABELS: 'branch:main,note:a\\,b:c,see:http://lab/?a=b' }
  expect((await folder.run(['upload', job, server.origin], { env: colons })).code).toBe(0)
  expect((await client.get(`/jobs/${ID}/`)).body.labels).toEqual({
    ...{ branch: 'main', host: hostname(), note: 'a,b:c', see: 'http://lab/?a=b' },
  })
  await client.delete(`/jobs/${ID}/`)
  expect(await folder.run(['upload', '--label', 'branch', job, server.origin])).toEqual({
    code: 2,
    stdout: '',
    stderr: '--label: "branch" is no label such as branch=main.\n',
  })
})

needing('curl')('upload.sh sends labels, a description and a token of a file', async () => {
  using place = new Folder()
  await place.setUp()
  const { stdout } = await place.run(['createtoken', '--user', 'admin'])
  writeFileSync(join(place.path, 'token'), stdout)
  await using closed = await place.serve()
  writeFileSync(join(place.path, 'upload.sh'), await (await fetch(`${closed.origin}/upload.sh`)).text())
  const variables =
    "AVOCADO_SERVER_LABELS='branch=a&b,tag=ä,note=a,b\\,c=d' AVOCADO_SERVER_DESCRIPTION='nightly: 100 %'"
  const command = `${variables} AVOCADO_SERVER_TOKEN_FILE=token sh upload.sh '${sampleFolder('failfast')}'`
  expect(await place.shell(command)).toMatchObject({ code: 0, stderr: '' })
  const { body } = await new Client(closed.origin).get(`/jobs/${ID}/`)
  expect({ description: body.description, labels: body.labels }).toEqual({
    description: 'nightly: 100 %',
    labels: { branch: 'a&b', host: hostname(), tag: 'ä', note: 'a,b,c=d' },
  })
})

test("upload takes a job's zip", async () => {
  const zip = join(
    import.meta.dir,
    '../fixtures/archive',
    readdirSync(join(import.meta.dir, '../fixtures/archive'))[0] ?? '',
  )
  const { code, stdout, stderr } = await folder.run(['upload', zip, server.origin])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(
    /^http:\S+ [1-9]\d* tests added, 0 changed, 0 there already; [1-9]\d* files added\n$/,
  )
})

test('a token is read from a file', async () => {
  using place = new Folder()
  await place.setUp()
  const { stdout } = await place.run(['createtoken', '--user', 'admin'])
  writeFileSync(join(place.path, 'token'), stdout)
  await using closed = await place.serve()
  const job = sampleFolder('failfast')
  const send = async (args: string[], env: Record<string, string> = {}) => {
    const { code, stderr } = await place.run(['upload', job, closed.origin, ...args], { env })
    return { code, stderr }
  }
  const ok = { code: 0, stderr: '' }
  expect(await send(['--token-file', 'token'])).toEqual(ok)
  expect(await send([], { AVOCADO_SERVER_TOKEN_FILE: 'token' })).toEqual(ok)
  expect(await send(['--token-file', 'token'], { AVOCADO_SERVER_TOKEN: 'wrong' })).toEqual(ok)
  writeFileSync(join(place.path, 'empty'), '\n')
  for (const [file, reason] of [
    ['nowhere', 'there is no such file'],
    ['.', 'it is a folder'],
    ['empty', 'it is empty'],
  ] as const) {
    expect(await send(['--token-file', file])).toEqual({
      code: 1,
      stderr: `${job}: --token-file ${file}: ${reason}.\n`,
    })
  }
})

test('a URL that leads to no server, or below it, is named in a sentence, without HTML', async () => {
  const job = sampleFolder('failfast')
  const other = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: ({ url }) =>
      url.includes('/moved/')
        ? Response.redirect('http://elsewhere.example/')
        : new Response('<html>welcome'),
  })
  const origin = `http://127.0.0.1:${other.port}`
  const sentences: [string, string][] = [
    [
      `${server.origin}/jobs/1`,
      `${server.origin}/jobs/1/imports/ is not there (404): the URL of a server is such as http://server:9405, without a path.`,
    ],
    [
      `${server.origin}/dashboard/`,
      `${server.origin}/dashboard/imports/ is not there (405): the URL of a server is such as http://server:9405, without a path.`,
    ],
    [
      `${origin}/moved`,
      `${origin}/moved/imports/ leads to another place (302, http://elsewhere.example/): name the URL of the server itself.`,
    ],
    [origin, `${origin} answered 200, but not as an avocado-server does.`],
  ]
  for (const [url, sentence] of sentences) {
    for (const [command, place] of [
      ['upload', job],
      ['replay', join(job, '.journal.sqlite')],
    ] as const) {
      expect(await folder.run([command, place, url, '--patience', '0'])).toEqual({
        code: 1,
        stdout: '',
        stderr: `${place}: ${sentence}\n`,
      })
    }
  }
  await other.stop(true)
})

test.each([
  ['upload', ['upload', 'nowhere', 'http://127.0.0.1:9'], 'nowhere: there is no such directory or file.'],
  ['upload', ['upload', '/dev/null', 'http://127.0.0.1:9'], '/dev/null: neither a directory nor a file.'],
  ['upload', ['upload', 'loop', 'http://127.0.0.1:9'], 'loop: it is a link that leads to itself.'],
  ['replay', ['replay', 'nowhere', 'http://127.0.0.1:9'], 'nowhere: there is no such file.'],
  ['backup', ['backup', '.'], undefined],
  ['restore', ['restore', '.'], undefined],
  ['check', ['check', '--backup', '.'], undefined],
  ['check', ['check', '--backup', 'nowhere'], undefined],
  ['backup', ['backup', 'nowhere/x.tar'], undefined],
  ['syncdb', ['syncdb', '--database', '/dev/null/x'], undefined],
  ['syncdb', ['syncdb', '--database', `${'x'.repeat(300)}`], undefined],
  ['runserver', ['runserver', '0', '--backup-to', 'nowhere'], undefined],
  ['runserver', ['runserver', '0', '--tls-cert', '.', '--tls-key', '.'], undefined],
])('%s: a fault of the file system is a sentence: %j', async (_, args, sentence) => {
  using place = new Folder()
  await place.run(['syncdb', '-v0', '--noinput'])
  symlinkSync('loop', join(place.path, 'loop'))
  const { code, stderr } = await place.run(args)
  expect(code).toBe(1)
  expect(stderr).not.toMatch(/Unexpected|\n {4}at /)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  if (sentence !== undefined) expect(stderr).toBe(`${sentence}\n`)
})

needing('otherUser')('what this user may not read or write is a sentence, for every command', async () => {
  using place = new Folder()
  await place.setUp()
  cpSync(sampleFolder('failfast'), join(place.path, 'job'), { recursive: true, verbatimSymlinks: true })
  mkdirSync(join(place.path, 'closed'), { mode: 0o700 })
  cpSync(sampleFolder('failfast'), join(place.path, 'closed/job'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  chmodSync(place.path, 0o755)
  const part = join(place.path, 'job/test-results')
  chmodSync(part, 0o700)
  const asOther = async (command: string) => {
    const quoted = `setpriv --reuid=65534 --regid=65534 --clear-groups ${binary()} ${command}`
    return place.shell(quoted)
  }
  for (const command of [
    'upload closed/job http://127.0.0.1:9',
    'replay closed/job http://127.0.0.1:9',
    'replay closed/job/.journal.sqlite http://127.0.0.1:9',
    'syncdb --noinput',
    'check',
    'backup x.tar',
    'backup closed/x.tar',
    'restore closed/x.tar',
    'check --backup closed/x.tar',
    'listusers',
    'changepassword admin',
    'runserver 127.0.0.1:0',
    'runserver 127.0.0.1:0 --database closed/x.sqlite',
  ]) {
    const { code, stderr } = await asOther(command)
    expect({ command, code, stderr }).toEqual({
      command,
      code: 1,
      stderr: expect.not.stringMatching(/Unexpected|\n {4}at /),
    })
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  }
  for (const journal of ['closed/job', 'closed/job/.journal.sqlite', '--follow closed/job/.journal.sqlite']) {
    const { stderr } = await asOther(`replay ${journal} http://127.0.0.1:9`)
    expect(stderr).toEndWith(': this user may not read it.\n')
  }
  const { stderr } = await asOther(`upload job ${server.origin}`)
  expect(stderr).toContain('job: test-results is left out: this user may not read it.')
  expect((await client.get(`/jobs/${ID}/`)).body.tests).toHaveLength(2)
  await client.delete(`/jobs/${ID}/`)
  expect(statSync(part).mode & 0o777).toBe(0o700)
})
