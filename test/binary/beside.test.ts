// Other processes beside a server: a second server is refused, commands write along.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { linkSync, mkdirSync, readdirSync, realpathSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { scaled } from '../support/scale'

const NAME = 'avocadoserver.sqlite'
/** How often servers race each other for a database. */
const ROUNDS = scaled(2, 20)
const REFUSAL = `./${NAME} is in use by another process: stop it first.\n`
const SOUND = { code: 0, stdout: `./${NAME} is sound.\n`, stderr: '' }

test('a second server is refused, and the first one goes on', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const refused = { code: 1, stdout: '', stderr: REFUSAL }
  expect(await folder.run(['runserver', '127.0.0.1:0'])).toEqual(refused)
  expect(await folder.run(['reset-and-run', '--noinput'])).toEqual(refused)
  expect((await new Client(server.origin).post('/jobs/', { id: 'a1' })).status).toBe(201)
  const beside = ['', '-lock', '-shm', '-wal'].map((end) => `${NAME}${end}`)
  expect(readdirSync(folder.path).toSorted()).toEqual(beside)
  await server.stop('SIGKILL')
  await using next = await folder.serve(['--open'])
  expect((await new Client(next.origin).get('/jobs/a1/')).status).toBe(200)
  expect(await next.stop()).toBe(0)
  expect(readdirSync(folder.path)).toEqual([NAME])
})

test('a server that starts while a command has the database open waits for that', async () => {
  using folder = new Folder()
  await folder.setUp()
  const command = new Sqlite(folder.database)
  command.run('SELECT count(*) FROM job')
  const ended = Bun.sleep(1500).then(() => command.close(true))
  await using server = await folder.serve(['--open'])
  await ended
  expect((await new Client(server.origin).post('/jobs/', { id: 'a1' })).status).toBe(201)
  expect(await server.stop()).toBe(0)
})

for (const database of ['a new database', 'a database that is there'] as const) {
  test(`of servers that start at the same moment with ${database}, one serves`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      using folder = new Folder()
      if (database !== 'a new database') await folder.setUp()
      const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => folder.serve(['--open'])))
      const serving = attempts.filter(
        (attempt): attempt is PromiseFulfilledResult<Serving> => 'value' in attempt,
      )
      const refusals = attempts.flatMap((attempt) => ('reason' in attempt ? [attempt.reason.message] : []))
      for (const { value } of serving) await value.stop()
      expect(refusals).toEqual(Array(3).fill(`runserver ended: ${REFUSAL}`))
      expect(serving.length).toBe(1)
      expect(await folder.run(['check'])).toEqual(SOUND)
    }
  })
}

test('of servers that start at the same moment by different names of one database, one serves', async () => {
  for (const isNew of [true, false]) {
    for (let round = 0; round < ROUNDS; round++) {
      using folder = new Folder()
      const home = join(folder.path, 'home')
      mkdirSync(home)
      symlinkSync('home', join(folder.path, 'folder-link'))
      symlinkSync(join('folder-link', NAME), join(folder.path, 'link'))
      if (!isNew) await folder.run(['syncdb', '-v0', '--noinput', '--database', `home/${NAME}`])
      const names = [`home/${NAME}`, join(home, NAME), `folder-link/${NAME}`, 'link']
      const attempts = await Promise.allSettled(
        names.map((name) => folder.serve(['--open', '--database', name])),
      )
      const serving = attempts.flatMap((attempt) => ('value' in attempt ? [attempt.value] : []))
      const refusals = attempts.flatMap((attempt) => ('reason' in attempt ? [attempt.reason.message] : []))
      for (const server of serving) await server.stop()
      expect(refusals).toEqual(Array(3).fill(expect.stringMatching(/ is in use by another process: stop it/)))
      expect(serving.length).toBe(1)
      expect(readdirSync(folder.path).toSorted()).toEqual(['folder-link', 'home', 'link'])
      expect((await folder.run(['check', '--database', 'link'])).code).toBe(0)
    }
  }
})

test('by a link a database is the same, with all that lies beside it', async () => {
  using folder = new Folder()
  const file = join(realpathSync(folder.path), NAME)
  symlinkSync(NAME, join(folder.path, 'link'))
  {
    await using server = await folder.serve(['--open', '--database', 'link'])
    await new Client(server.origin).post('/jobs/', { id: 'a1' })
    const beside = [NAME, `${NAME}-lock`, `${NAME}-shm`, `${NAME}-wal`, 'link']
    expect(readdirSync(folder.path).toSorted()).toEqual(beside)
    expect(await server.stop()).toBe(0)
  }
  mkdirSync(join(folder.path, 'link.files'))
  expect(await folder.run(['runserver', '127.0.0.1:0', '--database', 'link'])).toEqual({
    code: 1,
    stdout: '',
    stderr: `link is a link to ${file}, and what is in link.files belongs beside that: move it to ${file}.files.\n`,
  })
  renameSync(join(folder.path, 'link.files'), `${file}.files`)
  expect((await folder.run(['backup', 'a.tar', '--database', 'link'])).code).toBe(0)
  expect((await folder.run(['restore', 'a.tar', '--database', 'link'])).code).toBe(0)
  expect(realpathSync(join(folder.path, 'link'))).toBe(file)
  symlinkSync('circle', join(folder.path, 'circle'))
  expect(await folder.run(['check', '--database', 'circle'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'circle is a link that leads in a circle.\n',
  })
})

test('a database with a hard link is refused by either name, and untouched', async () => {
  using folder = new Folder()
  await folder.run(['syncdb', '-v0', '--noinput'])
  linkSync(folder.database, join(folder.path, 'second'))
  for (const name of [`./${NAME}`, 'second']) {
    expect(await folder.run(['runserver', '127.0.0.1:0', '--database', name])).toEqual({
      code: 1,
      stdout: '',
      stderr: `${name} has a second name (a hard link), and to use both would damage it: remove one, or make a copy.\n`,
    })
  }
  expect(readdirSync(folder.path).toSorted()).toEqual([NAME, 'second'])
  renameSync(join(folder.path, 'second'), `${folder.database}.replaced-20261124T120000Z`)
  expect(await folder.run(['check'])).toEqual(SOUND)
})

test('commands write while 16 writers post: all of it is there, and what they change holds for the next request', async () => {
  using folder = new Folder()
  await folder.setUp()
  await using server = await folder.serve()
  const admin = new Client(server.origin).as('admin', '123')
  await admin.post('/jobs/', { id: 'load' })
  let isOver = false
  const acknowledged: string[] = []
  const refusals: unknown[] = []
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let count = 0; !isOver; count++) {
      const tag = `${count}-w${writer}`
      const { status, body } = await admin.post('/jobs/load/tests/', { tag, status: 'PASS' })
      if (status === 200) acknowledged.push(tag)
      else refusals.push({ status, body })
    }
  })
  const useToken = async (name: string) => {
    const { code, stdout } = await folder.run(['createtoken', '--user', 'admin', '--name', name])
    const token = stdout.trim().split(/\s+/).at(-1)
    const client = new Client(server.origin).with({ authorization: `Bearer ${token}` })
    const { status } = await client.post('/jobs/', { id: name })
    return { name, code, status }
  }
  const names = Array.from({ length: 24 }, (_, index) => `token-${index}`)
  const lanes = [0, 1, 2, 3].map(async (lane) => {
    const used = []
    for (const name of names.filter((_, index) => index % 4 === lane)) used.push(await useToken(name))
    return used
  })
  const used = (await Promise.all(lanes)).flat()
  isOver = true
  await Promise.all(writers)
  expect(used.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
    names.toSorted((a, b) => a.localeCompare(b)).map((name) => ({ name, code: 0, status: 201 })),
  )
  expect(refusals).toEqual([])
  const { body } = await admin.get('/jobs/load/')
  expect(body.tests.map(({ tag }: { tag: string }) => tag).sort()).toEqual(acknowledged.sort())
  expect((await admin.get('/jobs/load/testcount/')).body).toEqual({ testcount: acknowledged.length })
  expect((await admin.get('/jobs/?omit=tests,activities')).body.count).toBe(1 + names.length)
  expect(await folder.run(['check'])).toEqual(SOUND)
})
