// replay --follow begins before the journal is there, and goes on as long as the job runs, however quiet that is.

import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'

let folder: Folder
let server: Serving
let client: Client

beforeAll(async () => {
  folder = new Folder()
  server = await folder.serve(['--open', '--time-zone', 'UTC'])
  client = new Client(server.origin)
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const LONG_AGO = new Date(Date.now() - 3_600_000)

/** A job's directory, as old as if nothing had been written for an hour. */
class Job {
  readonly path: string
  private sqlite: Sqlite | undefined

  constructor(readonly id: string) {
    this.path = join(folder.path, id)
    mkdirSync(this.path)
    writeFileSync(join(this.path, 'job.log'), '')
  }

  row(tag: string, action: string, time: string, status: string | null = null): void {
    if (!this.sqlite) {
      this.sqlite = new Sqlite(join(this.path, '.journal.sqlite'))
      this.sqlite.run('CREATE TABLE IF NOT EXISTS job_info (unique_id TEXT UNIQUE)')
      this.sqlite.run(
        'CREATE TABLE IF NOT EXISTS test_journal (tag TEXT, time TEXT, action TEXT, status TEXT, flushed BOOLEAN)',
      )
      this.sqlite.run('INSERT OR IGNORE INTO job_info VALUES (?)', [this.id])
    }
    this.sqlite.run('INSERT INTO test_journal VALUES (?, ?, ?, ?, 0)', [
      tag,
      `2026-11-23T${time}`,
      action,
      status,
    ])
  }

  /** Nobody has the journal open any more. */
  age(): void {
    this.sqlite?.close()
    this.sqlite = undefined
    for (const name of ['.journal.sqlite', 'job.log', '.'])
      utimesSync(join(this.path, name), LONG_AGO, LONG_AGO)
  }

  follow() {
    return folder.run(['replay', '--follow', '--time-zone', 'UTC', this.path, server.origin])
  }

  async reaches(status: string): Promise<void> {
    while ((await client.get(`/jobs/${this.id}/`)).body.status !== status) await Bun.sleep(20)
  }
}

const idOf = (digit: string) => digit.repeat(40)

test('it waits for the journal, and tells when each test started and how long it took', async () => {
  const job = new Job(idOf('a'))
  const following = job.follow()
  await Bun.sleep(1500) // it is there before the journal is
  writeFileSync(join(job.path, '.journal.sqlite'), '') // as it is for a moment
  await Bun.sleep(700)
  job.row('1-a', 'STARTED', '18:20:17.250000')
  await job.reaches('RUNNING')
  job.row('1-a', 'ENDED', '18:20:19.500000', 'PASS')
  writeFileSync(join(job.path, 'results.json'), '{}')
  expect(await following).toEqual({
    code: 0,
    stdout: `${server.origin}/jobs/${job.id}/ 1 tests added, 1 changed\n`,
    stderr: '',
  })
  const { body } = await client.get(`/jobs/${job.id}/tests/1-a/`)
  expect({ started: body.started, elapsed_time: body.elapsed_time }).toEqual({
    started: '2026-11-23T18:20:17.250000Z',
    elapsed_time: 2.25,
  })
  expect((await client.get(`/jobs/${job.id}/`)).body.labels).toEqual({ host: hostname() })
})

test('a test that says nothing for an hour is waited for while its log grows, or a process writes it', async () => {
  const job = new Job(idOf('b'))
  job.row('1-a', 'STARTED', '18:20:17')
  job.age()
  appendFileSync(join(job.path, 'job.log'), 'still here\n')
  const first = job.follow()
  await job.reaches('RUNNING')
  const writing = Bun.spawn(['sh', '-c', 'exec sleep 60 >>job.log'], { cwd: job.path })
  await Bun.sleep(1500)
  job.age()
  const second = job.follow()
  await Bun.sleep(2500)
  job.row('1-a', 'ENDED', '18:40:17', 'FAIL')
  await job.reaches('FAIL')
  writing.kill()
  writeFileSync(join(job.path, 'results.json'), '{}')
  expect([(await first).code, (await second).code]).toEqual([0, 0])
})

test('a job that nobody writes any more is given up, with a sentence', async () => {
  const job = new Job(idOf('c'))
  job.row('1-a', 'STARTED', '18:20:17')
  job.age()
  expect(await job.follow()).toEqual({
    code: 1,
    stdout: '',
    stderr: `${job.path}/.journal.sqlite: nobody has written there for 10 minutes: a test has not ended.\n`,
  })
})

test('a job that has ended without a journal is told so', async () => {
  const job = new Job(idOf('d'))
  const following = job.follow()
  await Bun.sleep(1000)
  writeFileSync(join(job.path, 'results.json'), '{}')
  expect(await following).toEqual({
    code: 1,
    stdout: '',
    stderr: `${job.path}/.journal.sqlite: the job has ended, and there is no journal: run Avocado with --journal.\n`,
  })
})

test('the tests of named suites have their names and their suite while the job runs, as results.json tells them', async () => {
  const job = new Job(idOf('e'))
  const following = job.follow()
  job.row("'sanity-1-a.py:A.test'", 'STARTED', '18:20:17')
  await job.reaches('RUNNING')
  job.row("'sanity-1-a.py:A.test'", 'ENDED', '18:20:18', 'PASS')
  job.row("'sanity-2-b.py:B.test'", 'STARTED', '18:20:18')
  job.row("'sanity-2-b.py:B.test'", 'ENDED', '18:20:19', 'FAIL')
  await job.reaches('FAIL')
  writeFileSync(join(job.path, 'results.json'), '{}')
  expect((await following).code).toBe(0)
  const { tests, description } = (await client.get(`/jobs/${job.id}/`)).body
  expect(tests.map(({ tag }: { tag: string }) => tag)).toEqual([
    'sanity-1-a.py:A.test',
    'sanity-2-b.py:B.test',
  ])
  expect(description).toBe(`a.py and 1 more on ${hostname()}`)
  expect((await client.get(`/jobs/${job.id}/tests/sanity-2-b.py:B.test/`)).body).toMatchObject({
    name: 'b.py:B.test',
    suite: 'sanity',
  })
})
