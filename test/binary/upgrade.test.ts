// Databases that former programs made are upgraded by the binary with all that is in them: also when it is killed in
// the middle, and never without a way back.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { copyFileSync, cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrations } from '../../src/storage/sqlite/migrations'
import { binary, Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { SmallDisk } from '../support/disk'
import { type FormerDatabase, formerDatabases, restoreFormer, withoutOrigin } from '../support/former'
import { needing } from '../support/needs'
import { scaled } from '../support/scale'
import { killedAt, readTrace } from '../support/strace'

const NAME = 'avocadoserver.sqlite'
const LATEST = migrations.length
const SNAPSHOT = `${NAME}.before-${LATEST}`
const STORE = `${NAME}.files`
const APPLICATION_ID = 0x41564f43
/** Jobs of five tests: an upgrade writes dozens of pages, or hundreds. */
const MANY = scaled(150, 700)
/** How often each upgrade is killed at a random moment, after those that are chosen. */
const ROUNDS = scaled(2, 10)

const oldest = formerDatabases[0] as FormerDatabase

function versionOf(path: string): number {
  const sqlite = new Sqlite(path, { readonly: true })
  try {
    using statement = sqlite.prepare('PRAGMA user_version')
    return Number(statement.values()[0]?.[0])
  } finally {
    sqlite.close(true)
  }
}

/** The schema version, and a hash of all that the tables hold. */
function contentsOf(path: string) {
  const sqlite = new Sqlite(path, { readonly: true })
  const rows = (text: string) => {
    using statement = sqlite.prepare(text) // left open it would keep its lock
    return statement.values()
  }
  const hasher = new Bun.CryptoHasher('sha256')
  for (const [name, sql] of rows('SELECT name, sql FROM sqlite_schema ORDER BY type, name')) {
    hasher.update(JSON.stringify([name, sql]))
  }
  for (const [table] of rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
    if (String(table).endsWith('_search')) continue // what it holds is in tables of its own
    for (const row of rows(`SELECT * FROM ${table}`)) hasher.update(JSON.stringify(row))
  }
  const contents = {
    version: rows('PRAGMA user_version')[0]?.[0],
    integrity: rows('PRAGMA integrity_check')[0]?.[0],
    hash: hasher.digest('hex'),
  }
  sqlite.close(true)
  return contents
}

/** The folder of what lies beside the database, where it has any. */
function storeOf({ former }: FormerDatabase): string[] {
  return Object.keys(former.files).length > 0 ? [STORE] : []
}

async function expectSound(folder: Folder): Promise<void> {
  expect(await folder.run(['check', '--files'])).toEqual({
    code: 0,
    stdout: `./${NAME} is sound.\n`,
    stderr: '',
  })
}

/** Schemas that no version ever had: their steps came together. */
const BETWEEN_VERSIONS = [12, 13, 14]

test('there is a former database of every earlier schema', () => {
  const versions = new Set(formerDatabases.map(({ version }) => version))
  const earlier = Array.from({ length: LATEST - 1 }, (_, index) => index + 1)
  expect([...versions]).toEqual(earlier.filter((version) => !BETWEEN_VERSIONS.includes(version)))
})

/** Makes a database on a disk that has room for so many of its size. @returns what it holds */
function fillDisk(disk: SmallDisk, path: string, times: number) {
  restoreFormer(oldest, path, 4000)
  disk.resize(Math.ceil((statSync(path).size * times) / 1024 ** 2))
  return contentsOf(path)
}

/** A test without an environment has that of its job today, which may be the one that other tests of the job name. */
function asToday(answer: unknown): object {
  if (typeof answer !== 'object' || answer === null) return answer as object // of a file: its hash
  if (!('fail_reason' in answer) || !('environment' in answer) || answer.environment !== null) return answer
  const { environment, ...others } = answer
  return others
}

/** Whoever could sign in still can, with all that was given to him. */
async function expectSignIns({ origin }: Serving, { former }: FormerDatabase): Promise<void> {
  const stranger = new Client(origin)
  const statusOf = async (client: Client) => (await client.get('/users/')).status
  expect(await statusOf(stranger.as('admin', former.password))).toBe(200)
  expect(await statusOf(stranger.as('admin', 'wrong'))).toBe(401)
  expect(await statusOf(stranger.with({ authorization: `Bearer ${former.token}` }))).toBe(200)
  if (!former.session) return // there were no other users then
  const { body } = await stranger.with({ cookie: former.session }).get('/auth/me/')
  expect(body.user).toMatchObject({ username: 'rack', role: 'member' })
  expect(await statusOf(stranger.as('rack', former.password))).toBe(403)
}

for (const database of formerDatabases) {
  const { name, version, former } = database

  test(`${name} is upgraded with all that it shows, and kept as it was`, async () => {
    using folder = new Folder()
    restoreFormer(database, folder.database)
    const before = contentsOf(folder.database)
    expect(before).toMatchObject({ version, integrity: 'ok' })
    writeFileSync(`${folder.database}.before-1`, 'the snapshot of an earlier upgrade')
    const { code, stdout, stderr } = await folder.run(['syncdb', '--noinput'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toEndWith(`The database as it was before the upgrade is kept in ./${SNAPSHOT}.\n`)
    expect(readdirSync(folder.path).sort()).toEqual([NAME, SNAPSHOT, ...storeOf(database)])
    expect(contentsOf(join(folder.path, SNAPSHOT))).toEqual(before)
    expect(statSync(join(folder.path, SNAPSHOT)).mode & 0o777).toBe(0o600)
    expect(versionOf(folder.database)).toBe(LATEST)
    await expectSound(folder)

    // Of what happened when the database was made, nothing is too old for the audit log.
    await using server = await folder.serve(['--audit-days', '36500'])
    const client = new Client(server.origin).as('admin', former.password)
    for (const [path, answer] of Object.entries(former.answers)) {
      const { status, body } = await client.get(path)
      expect({ path, status, body: withoutOrigin(body, server.origin) }).toMatchObject({
        path,
        status: 200,
        body: asToday(answer),
      })
    }
    await expectSignIns(server, database)

    // What no former program kept for all to ask, and what goes on from where it was.
    const found = await client.get('/jobs/?search=nightly+kase&outcome=WARN&status=FAIL&ordering=-failures')
    expect(found.body.results.map(({ id }: { id: string }) => id)).toEqual(['nightly.A-1'])
    const { body: history } = await client.get('/jobs/nightly.A-1/tests/1/history/')
    expect(history.results.map(({ id }: { id: number }) => id)).toEqual([1, 3])
    const made = await client.post('/jobs/', { id: 'new', tests: [{ tag: '1-slow' }] })
    expect(made).toMatchObject({
      status: 201,
      body: { number: former.deleted.job + 1, tests: [{ id: former.deleted.test + 1 }] },
    })
    expect((await client.post('/jobs/b/tests/', { tag: '3-late', status: 'PASS' })).status).toBe(200)
    expect((await client.delete('/jobs/nightly.A-1/')).status).toBe(204)
    await server.stop()
    await expectSound(folder)
  })

  needing('strace')(`${name} survives kill -9 in its upgrade: whole or untouched`, async () => {
    using folder = new Folder()
    using original = new Folder()
    restoreFormer(database, original.database, MANY)
    const store = storeOf(database)
    for (const name of store) cpSync(join(original.path, name), join(folder.path, name), { recursive: true })
    const restore = () => {
      for (const name of readdirSync(folder.path)) if (name !== STORE) rmSync(join(folder.path, name))
      copyFileSync(original.database, folder.database)
    }
    const [snapshot, wal] = [join(folder.path, SNAPSHOT), `${folder.database}-wal`]
    const command = [binary(), 'syncdb', '-v0', '--noinput']
    const start = (command: string[]) => Bun.spawn(command, { cwd: folder.path, stdin: 'ignore' })

    const before = contentsOf(original.database)
    restore()
    const trace = join(original.path, 'trace')
    const traced = ['strace', '-f', '-qq', '-y', '--seccomp-bpf', '-o', trace, '-e', 'pwrite64', ...command]
    expect(await start(traced).exited).toBe(0)
    const after = contentsOf(folder.database)
    expect(after).toMatchObject({ version: LATEST, integrity: 'ok' })
    const calls = readTrace(await Bun.file(trace).text())
    const writesTo = (path: string) => calls.filter(({ file }) => file === path).length

    // All of the transaction goes to the WAL at its end: after the WAL's own header, and up to the page that makes the
    // others count.
    for (const nth of [2, Math.ceil(writesTo(wal) / 2), writesTo(wal)]) {
      restore()
      const child = start(killedAt({ call: 'pwrite64', file: wal, nth }, command))
      await child.exited
      expect(child.signalCode).toBe('SIGKILL')
      expect(statSync(wal).size).toBeGreaterThan(0)
      expect(contentsOf(folder.database)).toEqual(before)
      expect(contentsOf(snapshot)).toEqual(before)
    }
    // Then it is committed: before the WAL is said to be on disk, and while it moves into the file.
    for (const moment of [
      { call: 'fsync', file: wal, nth: 2 },
      { call: 'pwrite64', file: folder.database, nth: Math.ceil(writesTo(folder.database) / 2) },
    ]) {
      restore()
      const child = start(killedAt(moment, command))
      await child.exited
      expect(child.signalCode).toBe('SIGKILL')
      expect(contentsOf(folder.database)).toEqual(after)
      expect(contentsOf(snapshot)).toEqual(before)
    }

    // And anywhere: the next one begins with what this one has left.
    restore()
    const begin = performance.now()
    expect(await start(command).exited).toBe(0)
    const takesMs = performance.now() - begin
    restore()
    for (let round = 0; round < ROUNDS; round++) {
      const child = start(command)
      await Bun.sleep(Math.random() * takesMs)
      child.kill('SIGKILL')
      await child.exited
      const now = contentsOf(folder.database)
      expect([before, after]).toContainEqual(now)
      if (existsSync(snapshot)) expect(contentsOf(snapshot)).toEqual(before)
      else expect(now).toEqual(before)
      if (now.version === LATEST) restore()
    }
    expect(await start(command).exited).toBe(0)
    expect(readdirSync(folder.path).sort()).toEqual([NAME, SNAPSHOT, ...store])
    expect(contentsOf(folder.database)).toEqual(after)
    await expectSound(folder)
  })
}

test('a server says what an upgrade takes before it, and that it kept the database', async () => {
  using folder = new Folder()
  restoreFormer(oldest, folder.database)
  await using server = await folder.serve()
  expect(server.greeting).toStartWith(
    `./${NAME} is upgraded from schema 1 to ${LATEST} (7 tests): it takes less than a minute and about 1 MiB of the disk, ` +
      '1 MiB for a copy of it as it is and 1 MiB for new indexes. What results tell together is derived after that, while ' +
      'the server serves: until then such answers say "incomplete".\n' +
      `The database as it was before the upgrade is kept in ./${SNAPSHOT}.\navocado-server `,
  )
})

test('the copy is restored after a kill, and what came since is kept', async () => {
  using folder = new Folder()
  const newest = formerDatabases.at(-1)
  if (!newest) throw new Error('there is no former database')
  restoreFormer(newest, folder.database)
  const before = contentsOf(folder.database)
  {
    await using server = await folder.serve(['--open'])
    for (const id of ['since', 'since-then'])
      expect((await new Client(server.origin).post('/jobs/', { id })).status).toBe(201)
    server.child.kill('SIGKILL')
    await server.child.exited
  }
  const { code, stdout, stderr } = await folder.run(['restore', SNAPSHOT])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(contentsOf(folder.database)).toEqual(before)
  const [, kept = ''] = /^What was there before is kept in \.\/(\S+?),? /m.exec(`${stdout} `) ?? []
  expect(await folder.run(['check', '--database', kept.replace(/\.$/, '')])).toMatchObject({ code: 0 })
  await using server = await folder.serve(['--open', '--database', kept.replace(/\.$/, '')])
  expect((await new Client(server.origin).get('/jobs/since-then/')).status).toBe(200)
})

test('a database whose -wal has what is new is no copy', async () => {
  using folder = new Folder()
  using other = new Folder()
  await using server = await folder.serve(['--open'])
  // A state of the data that is still read keeps what comes later in the WAL, however long the command takes to begin.
  const reader = new Sqlite(folder.database, { readonly: true })
  reader.run('BEGIN')
  reader.query('SELECT number FROM change').get()
  await new Client(server.origin).post('/jobs/', { id: 'a' })
  const refused = await other.run(['restore', folder.database])
  reader.run('COMMIT')
  reader.close(true)
  expect(refused).toEqual({
    code: 1,
    stdout: '',
    stderr: `${folder.database} is no copy: what was stored last is in ${folder.database}-wal. Make a backup of it instead.\n`,
  })
  expect(readdirSync(other.path)).toEqual([])
})

test('of a database that holds nothing no copy is kept', async () => {
  using folder = new Folder()
  const sqlite = new Sqlite(folder.database, { create: true, strict: true })
  migrations[0]?.up(sqlite)
  sqlite.run('PRAGMA user_version = 1')
  sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`)
  sqlite.close(true)
  const { code, stdout } = await folder.run(['syncdb', '--noinput'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringContaining('kept') })
  expect(readdirSync(folder.path)).toEqual([NAME])
  expect(versionOf(folder.database)).toBe(LATEST)
})

test('a database that another program has open is not upgraded', async () => {
  using folder = new Folder()
  restoreFormer(oldest, folder.database)
  const other = new Sqlite(folder.database)
  other.query('SELECT count(*) FROM job').get()
  expect(await folder.run(['syncdb', '--noinput'])).toEqual({
    code: 1,
    stdout: '',
    stderr: `./${NAME} is in use by another process: stop it first.\n`,
  })
  other.close()
  expect(versionOf(folder.database)).toBe(oldest.version)
})

needing('tmpfs')('without room for the copy there is no upgrade', async () => {
  using folder = new Folder()
  using disk = new SmallDisk(64)
  const database = join(disk.path, NAME)
  const before = fillDisk(disk, database, 1.5)
  expect(await folder.run(['syncdb', '--noinput', '--database', database])).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^The upgrade of \S+ needs about \d+ MiB in \S+, \d+ MiB for a copy of it as it is and \d+ MiB for new indexes, and \d MiB are free: make room there\. \S+ was left as it is\.\n$/,
    ),
  })
  expect(contentsOf(database)).toEqual(before)
  expect(readdirSync(disk.path).filter((name) => name.includes('before'))).toEqual([])
})

needing('tmpfs')('with room for the copy alone there is no upgrade, and no copy', async () => {
  using folder = new Folder()
  using disk = new SmallDisk(64)
  const database = join(disk.path, NAME)
  const before = fillDisk(disk, database, 2.3)
  const { code, stderr } = await folder.run(['syncdb', '--noinput', '--database', database])
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining(`make room there. ${database} was left as it is.\n`),
  })
  expect(contentsOf(database)).toEqual(before)
  expect(readdirSync(disk.path).filter((name) => name.includes('before'))).toEqual([])
  disk.resize(64)
  expect((await folder.run(['syncdb', '-v0', '--noinput', '--database', database])).code).toBe(0)
  expect(versionOf(database)).toBe(LATEST)
})
