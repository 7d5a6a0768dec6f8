import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashToken } from '../../src/auth/credentials'
import { getUser } from '../../src/auth/queries'
import { addSession, findSessionUser } from '../../src/auth/session-queries'
import { Database } from '../../src/storage/database'
import { up } from '../../src/storage/migrations/0001-initial'

test('a database of the first schema is upgraded with what it holds, and then takes sessions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const path = join(folder, 'old.sqlite')
  const old = new Sqlite(path)
  up(old)
  old.run('PRAGMA user_version = 1')
  old.run(
    "INSERT INTO user (username, email, password_hash, role, created_at) VALUES ('admin', '', 'h', 'administrator', 5)",
  )
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
  const session = { user: 1, passwordHash: 'h', hash, now: 5, expires: 7, replaced: null }
  expect(await database.write(addSession, session)).toBe(true)
  expect(database.read((connection) => findSessionUser(connection, hash, 6))).toEqual({
    session: 1,
    id: 1,
    username: 'admin',
    role: 'administrator',
  })
  database.close()
  rmSync(folder, { recursive: true })
})
