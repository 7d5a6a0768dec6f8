// A database of the first schema, with data, comes along.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actOfCommand } from '../../src/audit/log'
import { hashToken } from '../../src/auth/credentials'
import { getUser } from '../../src/auth/queries'
import { addSession, findSessionUser } from '../../src/auth/session-queries'
import { listTokens } from '../../src/auth/token-queries'
import { Database } from '../../src/storage/database'
import * as initial from '../../src/storage/migrations/0001-initial'
import { migrations } from '../../src/storage/migrations/index'

const APPLICATION_ID = 0x41564f43
const QUARTER = 900_000_000

/** Columns of jobs that the tests differ in; the last job is hidden. */
const jobs = [
  {
    id: 'A-1',
    description: 'Nightly kernel',
    time: 7 * QUARTER + 5,
    passed: 2,
    errored: 0,
    failed: 1,
    complete: 1,
  },
  { id: 'b', description: null, time: 7 * QUARTER, passed: 0, errored: 1, failed: 0, complete: 1 },
  { id: 'c', description: 'Weekly', time: 9 * QUARTER, passed: 0, errored: 0, failed: 0, complete: 1 },
  { id: '#x', description: 'hidden', time: 9 * QUARTER, passed: 1, errored: 0, failed: 0, complete: 0 },
]

function makeFirstSchema(path: string): void {
  const sqlite = new Sqlite(path, { create: true, strict: true })
  initial.up(sqlite)
  sqlite.run(`PRAGMA user_version = 1`)
  sqlite.run(`PRAGMA application_id = ${APPLICATION_ID}`)
  const insert = sqlite.prepare(
    `INSERT INTO job (id, description, time, received_at, heard_at, elapsed, passed, errored, failed, complete)
     VALUES ($id, $description, $time, 0, 0, 0, $passed, $errored, $failed, $complete)`,
  )
  for (const job of jobs) insert.run(job)
  sqlite.run("UPDATE job SET unfinished = 1, warned = 2, not_applicable = 3, not_started = 4 WHERE id = 'c'")
  sqlite.run("INSERT INTO test_name VALUES (1, 'x')")
  sqlite.run("INSERT INTO test_variant VALUES (1, '')")
  sqlite.run(
    "INSERT INTO test (job, number, name, variant, status, started) VALUES (1, '', 1, 1, 3, NULL), (2, '', 1, 1, 2, 77)",
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
      { id: 1, time: 7 * QUARTER + 5 },
      { id: 2, time: 77 },
    ])
    const none = { jobs: 0, passed: 0, errored: 0, failed: 0, not_applicable: 0, warned: 0, unfinished: 0 }
    expect(all('SELECT * FROM quarter_total ORDER BY quarter')).toEqual([
      { ...none, quarter: 7, jobs: 2, passed: 2, errored: 1, failed: 1 },
      { ...none, quarter: 9, jobs: 1, not_applicable: 3, warned: 2, unfinished: 1 },
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

test('a database of the first schema is upgraded with what it holds, and then takes sessions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const path = join(folder, 'old.sqlite')
  const old = new Sqlite(path)
  initial.up(old)
  old.run('PRAGMA user_version = 1')
  old.run(
    "INSERT INTO user (username, email, password_hash, role, created_at) VALUES ('admin', '', 'h', 'administrator', 5)",
  )
  old.run("INSERT INTO token (user, label, hash, created_at) VALUES (1, 'lab', x'00', 5)")
  old.close(true)

  const { database, migrated } = Database.open(path)
  expect(migrated[0]).toBe('0002-sessions')
  expect(database.read((connection) => getUser(connection, 1))).toEqual({
    id: 1,
    username: 'admin',
    email: '',
    role: 'administrator',
    disabled: 0,
    createdAt: 5,
    passwordHash: 'h',
  })
  const hash = hashToken('secret')
  const session = { user: 1, passwordHash: 'h', hash, act: actOfCommand(5), expires: 7, replaced: null }
  expect(await database.write(addSession, session)).toBe(true)
  expect(database.read((connection) => findSessionUser(connection, hash, 6))).toEqual({
    session: 1,
    id: 1,
    username: 'admin',
    role: 'administrator',
  })
  // What it was worth so far.
  expect(database.read(listTokens).map(({ id, role }) => [id, role])).toEqual([[1, 'administrator']])
  database.close()
  rmSync(folder, { recursive: true })
})
