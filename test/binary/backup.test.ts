// `backup` beside a server, `restore` and what it refuses: whatever happens, a whole database is there.

import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { migrations } from '../../src/storage/sqlite/migrations'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'
import { SmallDisk } from '../support/disk'
import { needing } from '../support/needs'

const NAME = 'avocadoserver.sqlite'
const FILES = `${NAME}.files`
const KEPT = new RegExp(`^${NAME}\\.replaced-\\d{8}T\\d{6}Z$`)
const SOUND = { code: 0, stdout: `./${NAME} is sound.\n`, stderr: '' }
const MADE = {
  code: 0,
  stdout: expect.stringMatching(/^a\.tar: .* MiB, with a database of .* MiB/),
  stderr: '',
}

/** A job that real Avocado ran, with files too large for rows, a job posted, and a backup of both in `a.tar`. */
let filled: Folder

beforeAll(async () => {
  filled = new Folder()
  await using server = await filled.serve(['--open'])
  const samples = join(import.meta.dir, '../fixtures/jobs/all-statuses')
  const jobs = readdirSync(samples).map((job) => join(samples, job))
  Bun.spawnSync([binary(), 'upload', ...jobs, server.origin], { stdout: 'ignore', stderr: 'ignore' })
  await new Client(server.origin).post('/jobs/', { id: 'posted', tests: [{ tag: '1-a', status: 'PASS' }] })
  expect(await filled.run(['backup', 'a.tar'])).toEqual(MADE)
  await server.stop()
})

afterAll(() => filled[Symbol.dispose]())

function copyOfFilled(): Folder {
  const folder = new Folder()
  for (const name of readdirSync(filled.path)) {
    cpSync(join(filled.path, name), join(folder.path, name), { recursive: true })
  }
  return folder
}

/** A job that is there after the backup was made, and gone with it. */
async function addLater(folder: Folder): Promise<void> {
  await using server = await folder.serve(['--open'])
  await new Client(server.origin).post('/jobs/', { id: 'later' })
  await server.stop()
}

/** A job with a log of 2 MB that cannot be packed. */
async function addLog(folder: Folder): Promise<void> {
  await using server = await folder.serve(['--open'])
  const results = { job_id: 'f'.repeat(40), tests: [], total: 0, time: 1, start: '2026-11-24T12:00:00' }
  writeFileSync(join(folder.path, 'results.json'), JSON.stringify(results))
  await folder.shell('head -c 2000000 /dev/urandom > job.log; tar -cf job.tar results.json job.log')
  const body = readFileSync(join(folder.path, 'job.tar'))
  expect((await new Client(server.origin).request('POST', '/imports/', { body })).status).toBe(201)
  await server.stop()
}

async function idsIn(folder: Folder, ...args: string[]): Promise<string[]> {
  await using server = await folder.serve(['--open', ...args])
  const { body } = await new Client(server.origin).get('/jobs/?ordering=number')
  await server.stop()
  return body.results.map(({ id }: { id: string }) => id)
}

function storedFiles(path: string): string[] {
  return readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => /^..\/.{62}$/.test(name))
    .sort()
}

test('a backup is one private file that tar and zstd can read', async () => {
  using folder = copyOfFilled()
  expect(statSync(join(folder.path, 'a.tar')).mode & 0o777).toBe(0o600)
  await folder.shell('tar -xf a.tar && cat database/*.zst > database.zst')
  const database = await Bun.zstdDecompress(readFileSync(join(folder.path, 'database.zst')))
  writeFileSync(join(folder.path, 'b.sqlite'), database)
  cpSync(join(folder.path, 'files'), join(folder.path, 'b.sqlite.files'), { recursive: true })
  expect(await folder.run(['check', '--files', '--database', 'b.sqlite'])).toEqual({
    ...SOUND,
    stdout: 'b.sqlite is sound.\n',
  })
})

test('check --backup says whether it could be restored, and changes nothing', async () => {
  using folder = copyOfFilled()
  const before = readdirSync(folder.path).sort()
  expect(await folder.run(['check', '--backup', 'a.tar'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^a\.tar is sound: the database as it was at 20[\d-]+T[\d:.]+Z\.\n$/),
    stderr: '',
  })
  expect(readdirSync(folder.path).sort()).toEqual(before)
})

test('made under load, it has all that was acknowledged before, and is sound', async () => {
  using folder = copyOfFilled()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  let isWriting = true
  let written = 0
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let turn = 0; isWriting; turn++, written++) {
      const tests = [{ tag: `1-${writer}`, status: 'PASS' }]
      expect((await client.post('/jobs/', { id: `load-${writer}-${turn}`, tests })).status).toBe(201)
    }
  })
  while (written < 50) await Bun.sleep(5)
  const before = written
  expect(await folder.run(['backup', 'b.tar'])).toEqual({
    ...MADE,
    stdout: expect.stringMatching(/^b\.tar: /),
  })
  isWriting = false
  await Promise.all(writers)
  expect(await folder.run(['restore', 'b.tar', '--database', 'b.sqlite'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^b\.sqlite is as it was at 20\d\d-\d\d-\d\dT[\d:.]+Z\.\n$/),
    stderr: '',
  })
  const jobs = new Sqlite(join(folder.path, 'b.sqlite'), { readonly: true })
    .query<{ count: number }, []>("SELECT count(*) AS count FROM job WHERE id LIKE 'load-%'")
    .get()
  expect(jobs?.count).toBeGreaterThanOrEqual(before)
  expect((await folder.run(['check', '--files', '--database', 'b.sqlite'])).code).toBe(0)
})

test('restored, all is as it was, and the database of before is kept', async () => {
  using folder = copyOfFilled()
  const before = await idsIn(folder)
  await addLater(folder)
  const { code, stdout, stderr } = await folder.run(['restore', 'a.tar'])
  const kept = readdirSync(folder.path).find((name) => KEPT.test(name)) ?? ''
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toEndWith(
    `What was there before is kept in ./${kept}, its stored files in ./${kept}.files.\n`,
  )
  expect(readdirSync(folder.path).sort()).toEqual(['a.tar', NAME, FILES, kept, `${kept}.files`].sort())
  expect(await folder.run(['check', '--files'])).toEqual(SOUND)
  expect(await idsIn(folder)).toEqual(before)
  expect(await idsIn(folder, '--database', kept)).toEqual([...before, 'later'])
  expect(storedFiles(join(folder.path, `${kept}.files`))).toEqual(storedFiles(join(folder.path, FILES)))
  expect(statSync(join(folder.path, NAME)).mode & 0o777).toBe(0o600)
})

test('a damaged database and a file that is lost come back from a backup', async () => {
  using folder = copyOfFilled()
  const path = join(folder.path, NAME)
  writeFileSync(path, readFileSync(path).fill(0xa5, 0, 8192))
  unlinkSync(join(folder.path, FILES, storedFiles(join(folder.path, FILES))[0] ?? ''))
  expect((await folder.run(['restore', 'a.tar'])).code).toBe(0)
  expect(await folder.run(['check', '--files'])).toEqual(SOUND)
})

test('beside a server nothing is restored in its place', async () => {
  using folder = copyOfFilled()
  await using server = await folder.serve(['--open'])
  expect(await folder.run(['restore', 'a.tar'])).toEqual({
    code: 1,
    stdout: '',
    stderr: `./${NAME} is in use by another process: stop it first.\n`,
  })
  expect((await new Client(server.origin).post('/jobs/', { id: 'more' })).status).toBe(201)
})

const damages: { what: string; damage(bytes: Buffer, path: string): void; says: string }[] = [
  {
    what: 'whose end is missing',
    damage: (bytes, path) => truncateSync(path, bytes.length - 2048),
    says: 'a.tar is damaged: its end is missing. Nothing was restored.\n',
  },
  {
    what: 'that is cut off',
    damage: (bytes, path) => truncateSync(path, bytes.length / 2),
    says: 'a.tar is damaged or no backup of avocado-server: Unexpected end of data.\n',
  },
  {
    what: 'with another byte in its database',
    damage(bytes, path) {
      const at = bytes.indexOf('database/00000001.zst') + 512 + 5000
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
      writeFileSync(path, bytes)
    },
    says: 'a.tar is damaged: ',
  },
  {
    what: 'with another byte in a stored file',
    damage(bytes, path) {
      const at = bytes.indexOf('files/') + 512 + 500
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
      writeFileSync(path, bytes)
    },
    says: 'a.tar has faults, nothing was restored (--force restores it as it is):\n1 stored files are damaged: ',
  },
  {
    what: 'that is none',
    damage: (_, path) => writeFileSync(path, 'a letter'),
    says: 'a.tar is damaged or no backup of avocado-server: Unexpected end of data.\n',
  },
  {
    what: 'of a newer version',
    damage(bytes, path) {
      const [found = ''] = /"program":"[^"]*","schema":\d+/.exec(bytes.toString('latin1')) ?? []
      bytes.write('"program":"","schema":99'.padEnd(found.length), bytes.indexOf(found))
      writeFileSync(path, bytes)
    },
    says: `a.tar was made by a newer avocado-server (schema 99, this one knows ${migrations.length}): restore it with that version.\n`,
  },
]

for (const { what, damage, says } of damages) {
  test(`a backup ${what} is refused, and nothing is changed`, async () => {
    using folder = copyOfFilled()
    const path = join(folder.path, 'a.tar')
    damage(readFileSync(path), path)
    const before = readFileSync(join(folder.path, NAME))
    const { code, stdout, stderr } = await folder.run(['restore', 'a.tar'])
    expect(await folder.run(['check', '--backup', 'a.tar'])).toEqual({ code, stdout, stderr })
    expect({ code, stdout, stderr: stderr.slice(0, says.length) }).toEqual({
      code: 1,
      stdout: '',
      stderr: says,
    })
    expect(readdirSync(folder.path).sort()).toEqual(['a.tar', NAME, FILES])
    expect(readFileSync(join(folder.path, NAME)).equals(before)).toBe(true)
  })
}

test('a restore that is killed at any moment leaves the old database or the new one', async () => {
  using folder = copyOfFilled()
  const old = await idsIn(folder)
  await addLater(folder)
  const later = [...old, 'later']
  const seen = new Set<string>()
  for (let round = 0; round < 12; round++) {
    const child = Bun.spawn([binary(), 'restore', 'a.tar'], {
      cwd: folder.path,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
    })
    await Bun.sleep(20 + round * 20)
    child.kill('SIGKILL')
    await child.exited
    const ids = await idsIn(folder)
    expect([old, later]).toContainEqual(ids)
    seen.add(String(ids))
    expect(await folder.run(['check', '--files'])).toEqual(SOUND)
    if (ids.length === old.length) await addLater(folder)
  }
  expect([...seen]).toContain(String(later))
})

test('a backup of an earlier schema is restored, and upgraded at the next start', async () => {
  using folder = new Folder()
  const sqlite = new Sqlite(join(folder.path, NAME), { create: true })
  for (const { up } of migrations.slice(0, -1)) up(sqlite)
  sqlite.run(`PRAGMA user_version = ${migrations.length - 1}`)
  sqlite.run(`PRAGMA application_id = ${0x41564f43}`)
  sqlite.run('UPDATE change SET number = 5')
  sqlite.close()
  expect(await folder.run(['backup', 'a.tar'])).toEqual(MADE)
  const { code, stdout } = await folder.run(['restore', 'a.tar', '--database', 'b.sqlite'])
  expect(code).toBe(0)
  expect(stdout).toEndWith('It is of an earlier version: the next start upgrades it.\n')
  expect((await folder.run(['syncdb', '-v0', '--noinput', '--database', 'b.sqlite'])).code).toBe(0)
  expect((await folder.run(['check', '--database', 'b.sqlite'])).stdout).toBe('b.sqlite is sound.\n')
})

test('--no-files leaves the stored files out, and restoring leaves those that are there', async () => {
  using folder = copyOfFilled()
  const stored = storedFiles(join(folder.path, FILES))
  expect((await folder.run(['backup', 'b.tar', '--no-files'])).stdout).not.toContain('stored files')
  expect((await folder.shell('tar -tf b.tar | grep files/')).stdout).toBe('')
  const { stdout } = await folder.run(['restore', 'b.tar'])
  expect(stdout).toEndWith(`The backup has no stored files: those in ./${FILES} were left as they are.\n`)
  expect(storedFiles(join(folder.path, FILES))).toEqual(stored)
  expect(await folder.run(['check', '--files'])).toEqual(SOUND)
})

test('a stored file that is missing is told, and the backup can be restored all the same', async () => {
  using folder = copyOfFilled()
  const [lost = ''] = storedFiles(join(folder.path, FILES))
  unlinkSync(join(folder.path, FILES, lost))
  expect(await folder.run(['backup', 'b.tar'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^b\.tar: /),
    stderr: `Warning: 1 stored files are missing, the backup is without them: ${lost.replace('/', '')}.\n`,
  })
  expect((await folder.run(['restore', 'b.tar', '--database', 'b.sqlite'])).code).toBe(0)
  expect((await folder.run(['check', '--files', '--database', 'b.sqlite'])).code).toBe(0)
})

test('a damaged database is not backed up', async () => {
  using folder = copyOfFilled()
  const path = join(folder.path, NAME)
  writeFileSync(path, readFileSync(path).fill(0xa5, 4096 * 30, 4096 * 60))
  const { code, stdout, stderr } = await folder.run(['backup', 'b.tar'])
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/is damaged \(.*\): there is no backup of it as it is\./),
  })
  expect(existsSync(join(folder.path, 'b.tar'))).toBe(false)
})

test('a backup that cannot be made says why and leaves nothing', async () => {
  using folder = copyOfFilled()
  mkdirSync(join(folder.path, 'folder'))
  chmodSync(join(folder.path, 'a.tar'), 0o644)
  const refusals = [
    [['backup', 'a.tar'], 'a.tar exists already: choose another name, or replace it with --force.'],
    [['backup', 'folder'], 'folder is a folder: give the name of a file in it.'],
    [['backup', NAME, '--force'], `${NAME} is the database itself.`],
    [['backup', 'none/b.tar'], `The folder ${folder.path}/none does not exist: create it first.`],
    [
      ['backup', 'b.tar', '--database', 'none.sqlite'],
      'none.sqlite is no database yet: there is nothing to back up.',
    ],
    [['restore', 'none.tar'], 'none.tar does not exist.'],
    [['restore', 'folder'], 'folder cannot be read: it is a folder.'],
    [['check', '--backup', 'folder'], 'folder cannot be read: it is a folder.'],
  ] as const
  const before = readdirSync(folder.path).sort()
  for (const [args, says] of refusals) {
    expect(await folder.run([...args])).toEqual({ code: 1, stdout: '', stderr: `${says}\n` })
  }
  expect(readdirSync(folder.path).sort()).toEqual(before)
  expect((await folder.run(['backup', 'a.tar', '--force'])).code).toBe(0)
  expect(statSync(join(folder.path, 'a.tar')).mode & 0o777).toBe(0o600)
})

needing('tmpfs')('without room there is neither a backup nor a change to the database', async () => {
  using folder = copyOfFilled()
  using disk = new SmallDisk(5)
  const database = join(disk.path, 'b.sqlite')
  // Too little for the database, as is known before; and for the stored files, as is found out.
  for (const [bytes, file] of [
    [4_500_000, 'b.tar'],
    [3_200_000, 'c.tar'],
  ] as const) {
    writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(bytes))
    if (file === 'c.tar') await addLog(folder)
    expect(await folder.run(['backup', join(disk.path, file)])).toEqual({
      code: 1,
      stdout: '',
      stderr: `There is no room for ${disk.path}/${file}: make room there, or choose another place. Nothing was left of it.\n`,
    })
    expect(readdirSync(disk.path)).toEqual(['ballast'])
  }
  writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(5_100_000))
  expect(await folder.run(['restore', 'a.tar', '--database', database])).toEqual({
    code: 1,
    stdout: '',
    stderr: `There is no room for ${database}: make room there, or choose another place. Nothing was left of it.\n`,
  })
  expect(readdirSync(disk.path)).toEqual(['ballast'])
})

test('what a backup that was killed has left, the next one of that name removes', async () => {
  using folder = copyOfFilled()
  const gone = Bun.spawnSync(['true']).pid
  for (const end of ['part', 'database']) writeFileSync(join(folder.path, `b.tar.${gone}.${end}`), 'half')
  expect((await folder.run(['backup', 'b.tar'])).code).toBe(0)
  expect(readdirSync(folder.path).sort()).toEqual(['a.tar', NAME, FILES, 'b.tar'])
})

test('of two backups to one name at the same time each is whole', async () => {
  using folder = copyOfFilled()
  const results = await Promise.all([1, 2].map(() => folder.run(['backup', 'b.tar', '--force'])))
  expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    Array(2).fill({ code: 0, stderr: '' }),
  )
  expect((await folder.run(['restore', 'b.tar', '--database', 'b.sqlite'])).code).toBe(0)
})

test('Ctrl-C leaves nothing of a backup', async () => {
  using folder = copyOfFilled()
  const sqlite = new Sqlite(join(folder.path, NAME))
  sqlite.run('CREATE TABLE large AS SELECT randomblob(100000000) AS bytes')
  sqlite.close()
  const child = Bun.spawn([binary(), 'backup', 'b.tar'], {
    cwd: folder.path,
    stdin: 'ignore',
    stderr: 'pipe',
  })
  while (!existsSync(join(folder.path, `b.tar.${child.pid}.database`))) await Bun.sleep(5)
  child.kill('SIGINT')
  expect([await child.exited, await child.stderr.text()]).toEqual([1, 'Stopped: b.tar was not made.\n'])
  expect(readdirSync(folder.path).sort()).toEqual(['a.tar', NAME, FILES])
})
