// `check`: what it finds, what it says, and what --repair puts right.

import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, readdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'

const NAME = 'avocadoserver.sqlite'
const SOUND = { code: 0, stdout: './avocadoserver.sqlite is sound.\n', stderr: '' }

/** A database with jobs that real Avocado made, and their files, to be copied. */
let filled: Folder

beforeAll(async () => {
  filled = new Folder()
  await using server = await filled.serve(['--open'])
  const samples = join(import.meta.dir, '../fixtures/jobs')
  const jobs = ['all-statuses', 'killed-sigkill'].flatMap((name) =>
    readdirSync(join(samples, name)).map((job) => join(samples, name, job)),
  )
  Bun.spawnSync([binary(), 'upload', ...jobs, server.origin], { stdout: 'ignore', stderr: 'ignore' })
  const client = new Client(server.origin)
  await client.post('/jobs/', {
    id: 'early',
    time: '2001-02-03T04:05:06Z',
    tests: [{ tag: '1-a', status: 'PASS' }],
  })
  await client.post('/jobs/', { id: 'gone', description: 'soon', tests: [{ tag: '1-a', status: 'WARN' }] })
  await client.delete('/jobs/gone/')
  await client.post('/jobs/', {
    id: 'plain',
    description: 'Über-nightly',
    status: 'PASS',
    tests: [{ tag: '1-a' }],
  })
  await client.patch('/jobs/plain/', { description: 'weekly run' })
  const environment = await client.post('/testenvironments/', {
    distro: { name: 'fedora', version: '43', release: '0', arch: 'x86_64' },
  })
  await client.post('/jobs/', {
    id: 'placed',
    labels: { host: 'rack7', branch: 'main' },
    tests: [
      { tag: '1-a', environment: Number(environment.headers.get('location')?.split('/').at(-2)) },
      { tag: '2-a', status: 'PASS' },
    ],
  })
  const log = Buffer.from(Array.from({ length: 40_000 }, (_, index) => index % 251))
  await client.request('POST', '/imports/', { body: await archiveWith(filled, log) })
  await server.stop()
})

afterAll(() => filled[Symbol.dispose]())

/** A tar of a job whose log is too large for a row. */
async function archiveWith(folder: Folder, log: Uint8Array): Promise<Uint8Array> {
  const results = { job_id: 'f'.repeat(40), tests: [], total: 0, time: 1, start: '2026-11-24T12:00:00' }
  writeFileSync(join(folder.path, 'results.json'), JSON.stringify(results))
  writeFileSync(join(folder.path, 'job.log'), log)
  const { code } = await folder.shell('tar -cf job.tar results.json job.log')
  expect(code).toBe(0)
  return readFileSync(join(folder.path, 'job.tar'))
}

function copyOfFilled(): Folder {
  const folder = new Folder()
  for (const name of [NAME, `${NAME}.files`]) {
    cpSync(join(filled.path, name), join(folder.path, name), { recursive: true })
  }
  return folder
}

function change(folder: Folder, ...statements: string[]): void {
  const sqlite = new Sqlite(join(folder.path, NAME))
  for (const statement of statements) sqlite.run(statement)
  sqlite.close()
}

/** Where the contents lie that are too large for a row. */
function storedFiles(folder: Folder): string[] {
  const store = join(folder.path, `${NAME}.files`)
  return readdirSync(store, { recursive: true })
    .map(String)
    .filter((name) => /^..\/.{62}$/.test(name))
    .map((name) => join(store, name))
}

test('a sound database is one sentence, beside a server and without one', async () => {
  using folder = copyOfFilled()
  expect(await folder.run(['check'])).toEqual(SOUND)
  expect(await folder.run(['check', '--files'])).toEqual(SOUND)
  await using server = await folder.serve()
  expect(await folder.run(['check', '--files'])).toEqual(SOUND)
  expect(await folder.run(['check', '--repair'])).toEqual({
    code: 1,
    stdout: '',
    stderr: './avocadoserver.sqlite is in use by another process: stop it first.\n',
  })
  expect((await fetch(server.origin)).status).toBe(200)
})

const faults: { sql: string; says: string }[] = [
  {
    sql: "UPDATE job SET passed = passed + 1 WHERE id = 'plain'",
    says: '1 jobs whose counted tests are not those they have: job 5.',
  },
  {
    sql: "UPDATE job SET outcomes = 127 WHERE id IN ('plain', 'early')",
    says: '2 jobs whose counted tests are not those they have: job 3, job 5.',
  },
  {
    sql: 'UPDATE job_total SET jobs = jobs + 1 WHERE status IN (0, 6)',
    says: '2 statuses whose number of jobs is wrong: none, PASS.',
  },
  { sql: 'DELETE FROM job_total WHERE status = 6', says: '1 statuses whose number of jobs is wrong: PASS.' },
  {
    sql: 'UPDATE quarter_total SET unfinished = 7 WHERE quarter < 1200000',
    says: '1 quarters of an hour whose jobs and tests are counted wrong: 2001-02-03T04:00:00Z.',
  },
  {
    sql: "DELETE FROM job_search WHERE rowid = (SELECT number FROM job WHERE id = 'plain')",
    says: '1 jobs that are searched by words that are not theirs: job 5.',
  },
  {
    sql: "UPDATE job SET description = 'Über-nightly' WHERE id = 'plain'",
    says: '1 jobs that are searched by words that are not theirs: job 5.',
  },
  {
    sql: "UPDATE job SET host = (SELECT min(id) FROM host) WHERE id IN ('plain', 'placed')",
    says: '2 jobs whose host or branch is not that of their labels and reports: job 5, job 6.',
  },
  {
    sql: "UPDATE job SET host = NULL, branch = NULL WHERE id = 'placed'",
    says: '1 jobs whose host or branch is not that of their labels and reports: job 6.',
  },
  {
    sql: "INSERT INTO job_label VALUES ((SELECT number FROM job WHERE id = 'plain'), 'host', 'rack8')",
    says: '1 jobs whose host or branch is not that of their labels and reports: job 5.',
  },
  {
    sql: "UPDATE job SET environment = NULL, environment_source = 0 WHERE id = 'placed'",
    says: '1 jobs whose environment is not that of their tests: job 6.',
  },
  {
    sql: 'DELETE FROM testcase_search WHERE rowid IN (1, 2)',
    says: '2 test cases that are searched by words that are not theirs: test case 1, test case 2.',
  },
  {
    sql: 'DELETE FROM reason_search WHERE rowid = 1',
    says: '7 fail reasons, or words of them, that are searched wrongly: fail reason 1, the word fail, the word is, the word supposed, the word test and others.',
  },
  {
    sql: "UPDATE fail_reason SET text = text || ' Übel' WHERE id = 1",
    says: '1 fail reasons, or words of them, that are searched wrongly: the word ubel.',
  },
  {
    sql: "UPDATE test SET ran_at = ran_at + 1 WHERE job = (SELECT number FROM job WHERE id = 'early')",
    says: expect.stringMatching(
      /^1 tests without a start of their own that lie at another time than their job: test \d+\.$/,
    ) as unknown as string,
  },
]

for (const { sql, says } of faults) {
  test(`check finds and --repair mends: ${sql}`, async () => {
    using folder = copyOfFilled()
    change(folder, sql)
    const found = await folder.run(['check'])
    expect({ ...found, stderr: found.stderr.trimEnd() }).toEqual({ code: 1, stdout: '', stderr: says })
    const { code, stdout, stderr } = await folder.run(['check', '--repair'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`Repaired: ${found.stderr}./avocadoserver.sqlite is sound.\n`)
    expect(await folder.run(['check'])).toEqual(SOUND)
  })
}

test('a repaired database answers as before', async () => {
  const ask = async (folder: Folder) => {
    await using server = await folder.serve()
    const client = new Client(server.origin)
    const replies = await Promise.all(
      [
        '/jobs/?omit=activities,tests&include=outcomes',
        '/jobs/?search=weekly',
        '/statistics/history/?interval=day',
      ].map((path) => client.get(path)),
    )
    return JSON.parse(JSON.stringify(replies.map(({ body }) => body)).replaceAll(server.origin, ''))
  }
  using folder = copyOfFilled()
  const before = await ask(folder)
  change(
    folder,
    'UPDATE job SET passed = 0, errored = 9, outcomes = 2',
    'DELETE FROM job_total',
    'DELETE FROM quarter_total',
    "INSERT INTO job_search (job_search) VALUES ('delete-all')",
    "INSERT INTO reason_search (rowid, text) VALUES (999, 'x')",
    'UPDATE test SET ran_at = 0 WHERE has_started = 0',
  )
  expect((await folder.run(['check', '--repair'])).code).toBe(0)
  expect(await ask(folder)).toEqual(before)
})

test('what no repair can mend is said, and stays as it is', async () => {
  using folder = copyOfFilled()
  change(
    folder,
    'PRAGMA foreign_keys = OFF',
    'DELETE FROM activity_name WHERE id = 1',
    'DELETE FROM testcase WHERE id = 1',
    'DELETE FROM testcase_search WHERE rowid = 1',
  )
  const { code, stdout, stderr } = await folder.run(['check', '--repair'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'There was nothing to repair.\n' })
  expect(stderr).toMatch(/^\d+ rows of test refer to rows of testcase that are gone: \d+/m)
})

test('stored files that are missing, cut short or changed are named', async () => {
  using folder = copyOfFilled()
  const [file = ''] = storedFiles(folder)
  const hash = file.slice(-65).replace('/', '')
  const says = (fault: string) => ({
    code: 1,
    stdout: '',
    stderr: `1 stored files are ${fault}: ${hash}.\n`,
  })
  const bytes = readFileSync(file)
  const other = Uint8Array.from(bytes)
  other[12] = (other[12] ?? 0) ^ 255
  writeFileSync(file, other)
  expect(await folder.run(['check'])).toEqual(SOUND)
  expect(await folder.run(['check', '--files'])).toEqual(says('damaged'))
  truncateSync(file, bytes.length - 1)
  expect(await folder.run(['check'])).toEqual(says('of the wrong size'))
  unlinkSync(file)
  expect(await folder.run(['check'])).toEqual(says('missing'))
})

test('a damaged file is said in words, and --repair leaves it alone', async () => {
  using folder = copyOfFilled()
  const path = join(folder.path, NAME)
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 4096 * 40, 4096 * 42)
  writeFileSync(path, bytes)
  for (const command of [['check'], ['check', '--repair']]) {
    const { code, stdout, stderr } = await folder.run(command)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^\.\/avocadoserver\.sqlite is damaged: restore it from a backup\. SQLite says:\n {2}\S/,
    )
  }
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

test('where there is no database, none is made', async () => {
  using folder = new Folder()
  expect(await folder.run(['check'])).toEqual({
    code: 1,
    stdout: '',
    stderr: './avocadoserver.sqlite is no database yet: run syncdb first.\n',
  })
  expect(readdirSync(folder.path)).toEqual([])
})
