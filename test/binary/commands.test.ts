// The command line, without a terminal and at one.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../../package.json'
import { migrations } from '../../src/storage/sqlite/migrations'
import { binary, Folder, type Result } from '../support/binary'
import { Client } from '../support/client'
import { converse } from '../support/terminal'

function expectFailure(result: Result, code: 1 | 2, sentence: RegExp | string) {
  expect({
    code: result.code,
    stdout: result.stdout,
    lines: result.stderr.trim().split('\n').length,
  }).toEqual({
    code,
    stdout: '',
    lines: code === 1 ? 1 : expect.any(Number),
  })
  expect(result.stderr).toMatch(sentence)
}

test('--version shows the version', async () => {
  using folder = new Folder()
  expect(await folder.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('help shows what there is, and what a command takes', async () => {
  using folder = new Folder()
  const all = await folder.run(['--help'])
  expect(all.stdout).toStartWith('Usage: avocado-server [options] [command]')
  expect(await folder.run(['help'])).toEqual(all)
  const one = await folder.run(['syncdb', '--help'])
  expect(one.stdout).toStartWith('Usage: avocado-server syncdb')
  expect(await folder.run(['help', 'syncdb'])).toEqual(one)
})

test('no command, an unknown command, an unknown flag and a bad setting are wrong usage', async () => {
  using folder = new Folder()
  expectFailure(await folder.run([]), 2, 'Usage: avocado-server')
  expectFailure(await folder.run(['launch']), 2, "unknown command 'launch'")
  expectFailure(await folder.run(['syncdb', '--nope']), 2, "unknown option '--nope'")
  expectFailure(await folder.run(['syncdb', '-v7']), 2, '-v takes a number from 0 to 3.')
  expectFailure(await folder.run(['runserver', 'nowhere']), 2, '"nowhere" is no address')
  expectFailure(
    await folder.run(['runserver', '--time-zone', 'Mars/Base']),
    2,
    '--time-zone: "Mars/Base" is no time zone',
  )
  expectFailure(
    await folder.run(['runserver', 'nowhere.invalid:80', '--database', 'here.sqlite']),
    1,
    'Cannot listen on nowhere.invalid: that is no address of this machine.',
  )
  const env = { AVOCADO_SERVER_LOG_LEVEL: 'loud' }
  expectFailure(await folder.run(['runserver'], { env }), 2, 'AVOCADO_SERVER_LOG_LEVEL: "loud" is none of')
  expect(existsSync(join(folder.path, 'avocadoserver.sqlite'))).toBe(false)
})

test('syncdb creates the database, and changes nothing when it is run again', async () => {
  using folder = new Folder()
  const steps = migrations.map(({ name }) => name).join(', ')
  expect(await folder.run(['syncdb'])).toEqual({
    code: 0,
    stdout: `./avocadoserver.sqlite was brought up to date: ${steps}.\n`,
    stderr: '',
  })
  const path = join(folder.path, 'avocadoserver.sqlite')
  const before = readFileSync(path)
  expect(await folder.run(['migrate'])).toEqual({
    code: 0,
    stdout: './avocadoserver.sqlite is up to date.\n',
    stderr: '',
  })
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('createsuperuser refuses a name that exists, in a sentence', async () => {
  using folder = new Folder()
  await folder.setUp()
  expectFailure(
    await folder.run(['createsuperuser', '--username=admin', '--noinput']),
    1,
    'A user named admin exists already.',
  )
})

test('createsuperuser without a terminal reads the password from standard input', async () => {
  using folder = new Folder()
  await folder.run(['syncdb', '-v0'])
  const { code } = await folder.run(['createsuperuser', '--username=lab'], { stdin: 'correct horse\n' })
  expect(code).toBe(0)
  await using server = await folder.serve()
  const client = new Client(server.origin)
  expect((await client.as('lab', 'correct horse').post('/jobs/')).status).toBe(201)
  expectFailure(await folder.run(['createsuperuser']), 2, 'Without a terminal, --username is needed.')
})

test('a user made with --noinput has no usable password', async () => {
  using folder = new Folder()
  await folder.run(['syncdb', '-v0'])
  await folder.run(['createsuperuser', '--username=admin', '--noinput'])
  await using server = await folder.serve()
  const client = new Client(server.origin)
  for (const password of ['', 'null', 'admin']) {
    expect((await client.as('admin', password).post('/jobs/')).status).toBe(401)
  }
})

test('commands on users want a database that is there', async () => {
  using folder = new Folder()
  for (const args of [['createsuperuser', '--username=a', '--noinput'], ['changepassword'], ['listtokens']]) {
    expectFailure(await folder.run(args), 1, './avocadoserver.sqlite is no database yet: run syncdb first.')
  }
  await folder.run(['syncdb', '-v0'])
  expectFailure(await folder.run(['changepassword', 'eve']), 1, 'There is no user named eve.')
})

test('changepassword holds for a running server at once', async () => {
  using folder = new Folder()
  await folder.setUp('old password')
  await using server = await folder.serve()
  const client = new Client(server.origin)
  expect((await client.as('admin', 'old password').post('/jobs/')).status).toBe(201)
  await folder.run(['changepassword', 'admin'], { stdin: 'new password\n' })
  expect((await client.as('admin', 'old password').post('/jobs/')).status).toBe(401)
  expect((await client.as('admin', 'new password').post('/jobs/')).status).toBe(201)
})

test('an empty password changes nothing', async () => {
  using folder = new Folder()
  await folder.setUp()
  expectFailure(await folder.run(['changepassword'], { stdin: '\n' }), 1, 'The password is empty')
  expectFailure(await folder.run(['changepassword'], { stdin: '' }), 1, 'expected on standard input')
})

test('./scripts/run serves on the port that it is told, and refuses what it does not know', async () => {
  using folder = new Folder()
  binary()
  const script = join(import.meta.dir, '../../scripts/run')
  for (const args of [['--port'], ['--port', 'x'], ['--port=123456'], ['--host', 'a'], ['8080']]) {
    const { exitCode, stderr } = Bun.spawnSync([script, ...args], { cwd: folder.path })
    expect({ args, exitCode, stderr: stderr.toString() }).toEqual({
      args,
      exitCode: 2,
      stderr: 'usage: ./scripts/run [--port PORT]\n',
    })
  }
  const free = Bun.serve({ port: 0, fetch: () => new Response() })
  const { port } = free
  await free.stop(true)
  const child = Bun.spawn([script, '--port', String(port)], {
    cwd: folder.path,
    env: { ...process.env, AVOCADO_SERVER_DATABASE: join(folder.path, 'run.sqlite') },
    stdout: 'pipe',
    stderr: 'ignore',
  })
  let shown = ''
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    shown += chunk
    if (shown.includes('Listening on')) break
  }
  expect((await new Client(`http://127.0.0.1:${port}`).get('/version/')).status).toBe(200)
  child.kill()
  await child.exited
})

test('a token works until it is deleted, is shown once and kept as a hash', async () => {
  using folder = new Folder()
  await folder.setUp()
  const { stdout } = await folder.run([
    'createtoken',
    '--user',
    'admin',
    '--name',
    'rack 7',
    '--expires',
    '90d',
  ])
  const token = stdout.trim()
  await using server = await folder.serve()
  const client = new Client(server.origin, { authorization: `Bearer ${token}` })
  expect((await client.post('/jobs/')).status).toBe(201)

  const list = await folder.run(['listtokens'])
  expect(list.stdout).toMatch(
    /^ID {2}USER {3}NAME {4}ROLE {11}CREATED +EXPIRES +LAST USED\n1 {3}admin {2}rack 7 {2}administrator {2}\S+Z {2}\S+Z {2}\S+Z\n$/,
  )
  const { database } = { database: new Sqlite(join(folder.path, 'avocadoserver.sqlite'), { readonly: true }) }
  expect(JSON.stringify(database.query('SELECT * FROM token').all())).not.toContain(token.slice(8))
  database.close()

  expect((await folder.run(['deletetoken', '1'])).stdout).toBe('Token 1 deleted.\n')
  expect((await client.post('/jobs/')).status).toBe(401)
  expectFailure(await folder.run(['deletetoken', '1']), 1, 'There is no token 1.')
  expectFailure(await folder.run(['deletetoken', 'x']), 2, '"x" is no number of a token')
  expectFailure(
    await folder.run(['createtoken', '--user', 'admin', '--expires', 'soon']),
    2,
    '"soon" is no duration',
  )
  expectFailure(await folder.run(['createtoken', '--user', 'eve']), 1, 'There is no user named eve.')
})

test('settings come from the environment, and a flag beats them', async () => {
  using folder = new Folder()
  const env = { AVOCADO_SERVER_DATABASE: 'other.sqlite' }
  await folder.run(['syncdb', '-v0'], { env })
  expect(existsSync(join(folder.path, 'other.sqlite'))).toBe(true)
  await folder.run(['syncdb', '-v0', '--database', 'third.sqlite'], { env })
  expect(existsSync(join(folder.path, 'third.sqlite'))).toBe(true)
  await using server = await folder.serve([], { env: { AVOCADO_SERVER_OPEN: 'yes' } })
  expect((await new Client(server.origin).post('/jobs/')).status).toBe(201)
})

test('at a terminal, syncdb offers an administrator and asks twice for the password without showing it', async () => {
  using folder = new Folder()
  const { code, shown } = await converse(
    folder,
    ['syncdb'],
    [
      ['Create an administrator now?', '\r'],
      ['Username', '\r'],
      ['Email', '\r'],
      ['Password for admin', 'secret-1\r'],
      ['The same password again', 'secret-2\r'],
      ['The two passwords differ', ''],
      ['Password for admin', 'secret-3\r'],
      ['The same password again', 'secret-3\r'],
    ],
  )
  expect(code).toBe(0)
  expect(shown).toContain('Administrator admin created.')
  expect(shown).not.toContain('secret')
  await using server = await folder.serve()
  expect((await new Client(server.origin).as('admin', 'secret-3').post('/jobs/')).status).toBe(201)
})

test('Ctrl-C at a prompt changes nothing', async () => {
  using folder = new Folder()
  await folder.setUp()
  const { code, shown } = await converse(
    folder,
    ['changepassword', 'admin'],
    [['Password for admin', '\x03']],
  )
  expect(code).toBe(1)
  expect(shown).toContain('Cancelled: nothing was changed.')
  await using server = await folder.serve()
  expect((await new Client(server.origin).as('admin', '123').post('/jobs/')).status).toBe(201)
})

test('--ensure-administrator makes a password, shows it once, and does nothing the second time', async () => {
  using folder = new Folder()
  const first = await folder.run(['syncdb', '-v0', '--ensure-administrator'])
  const password = /^Administrator admin created, password (\S{16})\n/.exec(first.stdout)?.[1] ?? ''
  expect(await folder.run(['syncdb', '-v0', '--ensure-administrator'])).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })
  await using server = await folder.serve()
  expect((await new Client(server.origin).as('admin', password).post('/jobs/')).status).toBe(201)
})

test('reset-and-run deletes only what it may', async () => {
  using folder = new Folder()
  await folder.setUp()
  const path = join(folder.path, 'avocadoserver.sqlite')
  const before = readFileSync(path)
  expectFailure(await folder.run(['reset-and-run']), 2, 'Without a terminal, --noinput is needed')
  expect(readFileSync(path).equals(before)).toBe(true)
  const answer = await converse(folder, ['reset-and-run'], [['with everything in it?', 'n']])
  expect({ code: answer.code, deleted: !readFileSync(path).equals(before) }).toEqual({
    code: 1,
    deleted: false,
  })

  writeFileSync(path, 'a letter to a friend, which is no database')
  expectFailure(
    await folder.run(['reset-and-run', '--noinput']),
    1,
    'is not a database. It was left as it is.',
  )
  expect(readFileSync(path, 'utf8')).toBe('a letter to a friend, which is no database')
})

test('Ctrl-D at a prompt changes nothing', async () => {
  using folder = new Folder()
  await folder.setUp()
  const { code, shown } = await converse(
    folder,
    ['changepassword', 'admin'],
    [['Password for admin', '\x04']],
  )
  expect({ code, shown }).toEqual({
    code: 1,
    shown: expect.stringContaining('Cancelled: nothing was changed.'),
  })
})

test('what is typed at a prompt takes the place of what it proposes', async () => {
  using folder = new Folder()
  await folder.run(['syncdb', '-v0'])
  const { code, shown } = await converse(
    folder,
    ['createsuperuser'],
    [
      ['Username', 'a:b\r'],
      ['cannot be a username', '\x15bob\r'],
      ['Email', '\r'],
      ['Password for bob', 'secret-1\r'],
      ['The same password again', 'secret-1\r'],
    ],
  )
  expect({ code, shown }).toEqual({ code: 0, shown: expect.stringContaining('Administrator bob created.') })
})

test('a database in memory is refused', async () => {
  using folder = new Folder()
  const { code, stderr } = await folder.run(['syncdb', '--database', ':memory:'])
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: '":memory:" is no file: results would be lost when the server stops.\n',
  })
})
