// What an upgrade makes of the rows that are there, and that an upgraded database is like a new one. That all of the
// data comes along is in ../binary/upgrade.test.ts.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../../src/storage/database'
import * as initial from '../../src/storage/sqlite/migrations/0001-initial'
import { forecastUpgrade } from '../../src/storage/sqlite/migrations/forecast'
import { migrations } from '../../src/storage/sqlite/migrations/index'
import { formerDatabases, restoreFormer } from '../support/former'

const APPLICATION_ID = 0x41564f43
const QUARTER = 900_000_000

/** Columns of jobs that the tests differ in; the last job is hidden. */
/** A quarter of an hour of 2027. */
const FIRST = 2_000_000

const jobs = [
  {
    id: 'A-1',
    description: 'Nightly kernel',
    time: (FIRST + 7) * QUARTER + 5,
    passed: 2,
    errored: 0,
    failed: 1,
    complete: 1,
  },
  { id: 'b', description: null, time: (FIRST + 7) * QUARTER, passed: 0, errored: 1, failed: 0, complete: 1 },
  {
    id: 'c',
    description: 'Weekly',
    time: (FIRST + 9) * QUARTER,
    passed: 0,
    errored: 0,
    failed: 0,
    complete: 1,
  },
  {
    id: '#x',
    description: 'hidden',
    time: (FIRST + 9) * QUARTER,
    passed: 1,
    errored: 0,
    failed: 0,
    complete: 0,
  },
]

function makeFirstSchema(path: string): void {
  const sqlite = new Sqlite(path, { create: true, strict: true })
  initial.up(sqlite)
  sqlite.run(`PRAGMA user_version = 1`)
  sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`)
  const insert = sqlite.prepare(
    `INSERT INTO job (id, description, time, received_at, heard_at, elapsed, passed, errored, failed, complete)
     VALUES ($id, $description, $time, $time, $time, 0, $passed, $errored, $failed, $complete)`,
  )
  for (const job of jobs) insert.run(job)
  sqlite.run("UPDATE job SET unfinished = 1, warned = 2, not_applicable = 3, not_started = 4 WHERE id = 'c'")
  sqlite.run("INSERT INTO test_name VALUES (1, 'x')")
  sqlite.run("INSERT INTO test_variant VALUES (1, '')")
  sqlite.run(
    "INSERT INTO test (job, number, name, variant, status, started) VALUES (1, '', 1, 1, 3, NULL), (2, '', 1, 1, 2, ?)",
    [FIRST * QUARTER + 77],
  )
  sqlite.close()
}

function inFolder(work: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  try {
    work(join(folder, 'old.sqlite'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('what the dashboard needs is made of the rows that are there', () => {
  inFolder((path) => {
    makeFirstSchema(path)
    const { database, migrated } = Database.open(path)
    database.close()
    expect(migrated).toEqual(migrations.slice(1).map(({ name }) => name))
    const sqlite = new Sqlite(path, { readonly: true })
    const all = (text: string) => sqlite.prepare(text).all()
    expect(all('SELECT id, outcomes FROM job ORDER BY number')).toEqual([
      { id: 'A-1', outcomes: 1 + 4 },
      { id: 'b', outcomes: 2 },
      { id: 'c', outcomes: 8 + 16 + 32 + 64 },
      { id: '#x', outcomes: 1 },
    ])
    expect(all('SELECT id, time FROM test ORDER BY id')).toEqual([
      { id: 1, time: (FIRST + 7) * QUARTER + 5 },
      { id: 2, time: FIRST * QUARTER + 77 },
    ])
    const none = { jobs: 0, passed: 0, errored: 0, failed: 0, not_applicable: 0, warned: 0, unfinished: 0 }
    expect(all('SELECT * FROM quarter_total ORDER BY quarter')).toEqual([
      { ...none, quarter: FIRST + 7, jobs: 2, passed: 2, errored: 1, failed: 1 },
      { ...none, quarter: FIRST + 9, jobs: 1, not_applicable: 3, warned: 2, unfinished: 1 },
    ])
    const found = (expression: string) =>
      sqlite
        .prepare('SELECT rowid FROM job_search WHERE job_search MATCH ? ORDER BY rowid')
        .values(expression)
    expect(found('kernel')).toEqual([[1]])
    expect(found('id : ^ "a-1"')).toEqual([[1]])
    expect(found('hidden')).toEqual([])
    expect(sqlite.prepare('PRAGMA foreign_key_check').all()).toEqual([])
    expect(sqlite.prepare('PRAGMA integrity_check').values()).toEqual([['ok']])
    sqlite.close()
  })
})

test('jobs get the host, branch and environment that their labels, data and tests tell', () => {
  inFolder((path) => {
    const sqlite = new Sqlite(path, { create: true, strict: true })
    const before = migrations.findIndex(({ name }) => name === '0011-analysis')
    for (const { up } of migrations.slice(0, before)) up(sqlite)
    sqlite.run(`PRAGMA user_version = ${before}`)
    sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`)
    sqlite.run("INSERT INTO environment VALUES (1, 1, x'01'), (2, 1, x'02')")
    const jobs: {
      labels?: Record<string, string>
      sysinfo?: Record<string, string>
      environment?: number
      tests?: (number | null)[]
    }[] = [
      { labels: { host: 'rack1', branch: 'main' }, sysinfo: { hostname: 'rack2\n' }, environment: 2 },
      { sysinfo: { hostname: 'rack2\n', 'uname -a': 'Linux rack3 6.1 x86_64' }, tests: [1, 1, null] },
      { sysinfo: { 'uname -a': ' Linux  rack3 6.1 x86_64\n' }, tests: [1, 2] },
      { sysinfo: { hostname: 'localhost.localdomain' }, tests: [null] },
      { sysinfo: { hostname: '0123456789ab' }, environment: 1, tests: [2] },
      { labels: { host: '(none)', branch: 'next' } },
    ]
    sqlite.run("INSERT INTO testcase VALUES (1, 'x', '', NULL)")
    const insertJob = sqlite.prepare(
      `INSERT INTO job (id, time, received_at, last_report_at, elapsed, environment, complete)
       VALUES (?, 0, 0, 0, 0, ?, 1) RETURNING number`,
    )
    for (const [index, { labels = {}, sysinfo = {}, environment = null, tests = [] }] of jobs.entries()) {
      const [number] = insertJob.values(String(index), environment)[0] as [number]
      for (const [key, value] of Object.entries(labels)) {
        sqlite.run('INSERT INTO job_label VALUES (?, ?, ?)', [number, key, value])
      }
      for (const [key, value] of Object.entries(sysinfo)) {
        sqlite.run("INSERT INTO job_data (job, category, key, value) VALUES (?, 'sysinfo', ?, ?)", [
          number,
          key,
          value,
        ])
      }
      for (const [at, own] of tests.entries()) {
        sqlite.run(
          `INSERT INTO test (job, prefix, testcase, completed_by_activity, has_started, ran_at, environment)
           VALUES (?, ?, 1, 0, 0, 0, ?)`,
          [number, `${at}-`, own],
        )
      }
    }
    sqlite.close()
    Database.open(path).database.close()
    const upgraded = new Sqlite(path, { readonly: true })
    const rows = upgraded
      .prepare(
        `SELECT host.name, branch.name, reported_host, host_source, environment, environment_source
         FROM job LEFT JOIN host ON host.id = job.host LEFT JOIN branch ON branch.id = job.branch ORDER BY number`,
      )
      .values()
    expect(rows).toEqual([
      ['rack1', 'main', 'rack2', 3, 2, 3],
      ['rack2', null, 'rack2', 3, 1, 1],
      ['rack3', null, 'rack3', 2, null, 2],
      [null, null, 'localhost.localdomain', 3, null, 0],
      [null, null, '0123456789ab', 3, 1, 3],
      [null, 'next', null, 0, null, 0],
    ])
    expect(upgraded.prepare('SELECT name FROM host ORDER BY name').values()).toEqual([
      ['rack1'],
      ['rack2'],
      ['rack3'],
    ])
    upgraded.close()
  })
})

test('an empty database of the first schema comes along', () => {
  inFolder((path) => {
    const sqlite = new Sqlite(path, { create: true, strict: true })
    initial.up(sqlite)
    sqlite.run(`PRAGMA user_version = 1`)
    sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`)
    sqlite.close()
    const { database } = Database.open(path)
    database.close()
    const again = Database.open(path)
    again.database.close()
    expect(again.migrated).toEqual([])
  })
})

/** What is in the database, however it came about: columns, indexes, references. */
function shapeOf(path: string): Record<string, unknown[]> {
  const sqlite = new Sqlite(path, { readonly: true })
  const all = (text: string) => sqlite.prepare(text).values()
  const shape: Record<string, unknown[]> = {}
  for (const [table] of all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
    shape[String(table)] = [
      // The order of columns and their defaults tell how old a table is. Every insert names what it sets.
      ...all(`SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo('${table}') ORDER BY name`),
      ...all(`SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list('${table}') ORDER BY 2`),
      ...all(`SELECT name, "unique", partial FROM pragma_index_list('${table}') ORDER BY name`),
      ...all(`SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = '${table}' ORDER BY sql`),
    ]
  }
  sqlite.close()
  return shape
}

function shapeOfNew(): Record<string, unknown[]> {
  let shape = {}
  inFolder((path) => {
    Database.open(path).database.close()
    shape = shapeOf(path)
  })
  return shape
}

test.each(formerDatabases.map((former) => [former.name, former] as const))(
  '%s, upgraded, has all that a new database has',
  (_, former) => {
    inFolder((path) => {
      restoreFormer(former, path)
      Database.open(path).database.close()
      expect(shapeOf(path)).toEqual(shapeOfNew())
    })
  },
)

test('a database of the very first program that has been upgraded before gets what it still lacks', () => {
  const first = formerDatabases.find(({ name }) => name === 'schema-1-first')
  if (!first) throw new Error('schema-1-first is missing')
  inFolder((path) => {
    restoreFormer(first, path)
    const sqlite = new Sqlite(path)
    for (const { up } of migrations.slice(1, 7)) up(sqlite)
    sqlite.run('PRAGMA user_version = 7')
    sqlite.close()
    const { database, migrated } = Database.open(path)
    database.close()
    expect(migrated).toEqual(migrations.slice(7).map(({ name }) => name))
    expect(shapeOf(path)).toEqual(shapeOfNew())
    const upgraded = new Sqlite(path, { readonly: true })
    expect(upgraded.prepare('SELECT DISTINCT last_report_at = received_at FROM job').values()).toEqual([[1]])
    upgraded.close()
  })
})

test('a step that works on all jobs or tests says what that takes', () => {
  const folder = join(import.meta.dir, '../../src/storage/sqlite/migrations')
  const large = /INDEX \w+ ON (?:test|job)\(|(?:UPDATE|INTO) (?:test|job|compact_test)\b/
  const silent = migrations
    .slice(1) // the first one makes the tables
    .filter(({ name, costs }) => !costs && large.test(readFileSync(join(folder, `${name}.ts`), 'utf8')))
  expect(silent.map(({ name }) => name)).toEqual([])
})

test('the forecast of an upgrade grows with the jobs and tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forecast-'))
  try {
    const former = formerDatabases.find(({ version }) => version === 8)
    if (!former) throw new Error('the database of schema 8 is missing')
    const forecastOf = (copies: number) => {
      const path = join(folder, `${copies}.sqlite`)
      restoreFormer(former, path, copies)
      return forecastUpgrade(path)
    }
    const [few, many] = [forecastOf(0), forecastOf(2000)]
    if (!few || !many) throw new Error('there is no forecast')
    expect({ from: few.from, to: few.to, tests: few.tests }).toEqual({
      from: 8,
      to: migrations.length,
      tests: 10,
    })
    expect(many.tests).toBeGreaterThanOrEqual(few.tests + 2000 * 5)
    expect(many.seconds).toBeGreaterThan(few.seconds)
    // A copy of the file, and room for the indexes of 10,000 tests.
    expect(many.bytes - many.copyBytes).toBeGreaterThan(few.bytes - few.copyBytes + 10_000 * 50)
    const { database } = Database.open(join(folder, '0.sqlite'))
    database.close()
    expect(forecastUpgrade(join(folder, '0.sqlite'))).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
