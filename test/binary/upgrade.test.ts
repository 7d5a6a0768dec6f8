// Databases of every earlier schema, with data, are upgraded by the binary: also when it is killed in the middle, and
// never without a way back.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { copyFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrations } from '../../src/storage/migrations'
import { binary, Folder } from '../support/binary'
import { SmallDisk } from '../support/disk'

const NAME = 'avocadoserver.sqlite'
const LATEST = migrations.length
const SNAPSHOT = `${NAME}.before-${LATEST}`
const APPLICATION_ID = 0x41564f43
const JOBS = 2000
const TESTS_OF_JOB = 10

function count(path: string) {
  const sqlite = new Sqlite(path, { readonly: true })
  const value = (text: string) => {
    using statement = sqlite.prepare(text) // left open it would keep its lock
    return statement.values()[0]?.[0]
  }
  const counted = {
    version: value('PRAGMA user_version'),
    integrity: value('PRAGMA integrity_check'),
    jobs: value('SELECT count(*) FROM job'),
    tests: value('SELECT count(*) FROM test'),
    started: value('SELECT sum(started) FROM test'),
  }
  sqlite.close(true)
  return counted
}

/** A table of `value`: 1, 2, 3 and so on. */
function series(end: number): string {
  return `(SELECT key + 1 AS value FROM json_each('${JSON.stringify(Array(end).fill(0))}'))`
}

/** Fills a database of the first schema and takes it up to `version`, as the programs of their time did. */
function makeOld(path: string, version: number, jobs = JOBS): void {
  const sqlite = new Sqlite(path, { create: true })
  sqlite.run('PRAGMA journal_mode = WAL')
  sqlite.run('PRAGMA synchronous = OFF')
  sqlite.run('BEGIN')
  for (const [index, migration] of migrations.slice(0, version).entries()) {
    migration.up(sqlite)
    if (index > 0) continue
    sqlite.run("INSERT INTO test_name VALUES (1, 'a'), (2, 'b')")
    sqlite.run("INSERT INTO test_variant VALUES (1, '')")
    sqlite.run(
      `INSERT INTO job (id, description, time, received_at, heard_at, elapsed, status, passed, failed, complete)
       SELECT 'job-' || value, 'nightly run ' || value, value * 700000000, 0, 0, 1.5, 6, ${TESTS_OF_JOB} / 2,
         ${TESTS_OF_JOB} / 2, 1 FROM ${series(jobs)}`,
    )
    sqlite.run(
      `INSERT INTO test (job, number, name, variant, status, started, elapsed)
       SELECT job.number, value || '-', 1 + value % 2, 1, 1 + 2 * (value % 2), job.time + value, 0.25
       FROM job, ${series(TESTS_OF_JOB)}`,
    )
    sqlite.run('UPDATE job_total SET jobs = ? WHERE status = 6', [jobs])
    sqlite.run('UPDATE change SET number = 5')
  }
  sqlite.run(`PRAGMA user_version = ${version}`)
  sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`)
  sqlite.run('COMMIT')
  sqlite.close(true)
}

for (let version = 1; version < LATEST; version++) {
  const old = () => {
    const folder = new Folder()
    makeOld(join(folder.path, NAME), version)
    return folder
  }

  test(`schema ${version} is upgraded with its rows, and kept as it was`, async () => {
    using folder = old()
    const path = join(folder.path, NAME)
    const before = count(path)
    expect(before.version).toBe(version)
    writeFileSync(`${path}.before-1`, 'the snapshot of an earlier upgrade')
    const { code, stdout, stderr } = await folder.run(['syncdb', '--noinput'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toEndWith(`The database as it was before the upgrade is kept in ./${SNAPSHOT}.\n`)
    expect(readdirSync(folder.path).sort()).toEqual([NAME, SNAPSHOT])
    expect(count(path)).toEqual({ ...before, version: LATEST })
    expect(count(join(folder.path, SNAPSHOT))).toEqual(before)
    expect(statSync(join(folder.path, SNAPSHOT)).mode & 0o777).toBe(0o600)
    expect((await folder.run(['check'])).stdout).toBe(`./${NAME} is sound.\n`)
  })

  test(`schema ${version} survives kill -9 at any moment of its upgrade`, async () => {
    using folder = old()
    const path = join(folder.path, NAME)
    const before = count(path)
    using whole = new Folder()
    copyFileSync(path, join(whole.path, NAME))
    const start = performance.now()
    expect((await whole.run(['syncdb', '-v0', '--noinput'])).code).toBe(0)
    const takesMs = performance.now() - start

    for (let round = 0; round < 8; round++) {
      const child = Bun.spawn([binary(), 'syncdb', '-v0', '--noinput'], {
        cwd: folder.path,
        stdin: 'ignore',
        stderr: 'ignore',
      })
      await Bun.sleep(Math.random() * takesMs)
      child.kill('SIGKILL')
      await child.exited
      const after = count(path)
      expect([before, { ...before, version: LATEST }]).toContainEqual(after)
      if (existsSync(join(folder.path, SNAPSHOT))) {
        expect(count(join(folder.path, SNAPSHOT))).toEqual(before)
      }
      if (after.version !== LATEST) continue
      for (const name of readdirSync(folder.path)) await Bun.file(join(folder.path, name)).delete()
      makeOld(path, version)
    }
    expect((await folder.run(['syncdb', '-v0', '--noinput'])).code).toBe(0)
    expect(count(path)).toEqual({ ...before, version: LATEST })
    expect((await folder.run(['check'])).stdout).toBe(`./${NAME} is sound.\n`)
    expect(readdirSync(folder.path).sort()).toEqual([NAME, SNAPSHOT])
  }, 60_000)
}

test('a server says that it kept the database before it upgraded it', async () => {
  using folder = new Folder()
  makeOld(join(folder.path, NAME), 1, 1)
  await using server = await folder.serve()
  expect(server.greeting).toStartWith(
    `The database as it was before the upgrade is kept in ./${SNAPSHOT}.\navocado-server `,
  )
})

test('of a database that holds nothing no copy is kept', async () => {
  using folder = new Folder()
  const path = join(folder.path, NAME)
  makeOld(path, 1, 0)
  const sqlite = new Sqlite(path)
  sqlite.run('UPDATE change SET number = 0')
  sqlite.close()
  const { code, stdout } = await folder.run(['syncdb', '--noinput'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringContaining('kept') })
  expect(readdirSync(folder.path)).toEqual([NAME])
})

test('a database that another program has open is not upgraded', async () => {
  using folder = new Folder()
  makeOld(join(folder.path, NAME), 1, 1)
  const other = new Sqlite(join(folder.path, NAME))
  other.query('SELECT count(*) FROM job').get()
  expect(await folder.run(['syncdb', '--noinput'])).toEqual({
    code: 1,
    stdout: '',
    stderr: `./${NAME} is in use by another process: stop it first.\n`,
  })
  other.close()
  expect(count(join(folder.path, NAME)).version).toBe(1)
})

test('without room for the copy there is no upgrade', async () => {
  using folder = new Folder()
  using disk = new SmallDisk(6)
  makeOld(join(disk.path, NAME), 1, 3000)
  const before = count(join(disk.path, NAME))
  const database = join(disk.path, NAME)
  expect(await folder.run(['syncdb', '--noinput', '--database', database])).toEqual({
    code: 1,
    stdout: '',
    stderr: `There is no room for ${database}.before-${LATEST}, the copy that is kept before an upgrade: make room there. ${database} was left as it is.\n`,
  })
  expect(count(database)).toEqual(before)
  expect(readdirSync(disk.path).filter((name) => name.includes('before'))).toEqual([])
})
