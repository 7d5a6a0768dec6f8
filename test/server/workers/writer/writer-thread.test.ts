// The writer in a thread of its own.

import { SQLiteError, Database as Sqlite } from 'bun:sqlite'
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLineActor } from '../../../../src/audit/log'
import { addUser, changeUser, findUser, setPassword } from '../../../../src/auth/queries'
import { mapInTurn } from '../../../../src/lib/cooperative'
import { Conflict, Invalid, NotFound } from '../../../../src/lib/errors'
import { fromPlainError, toPlainError } from '../../../../src/lib/transferable-errors'
import { writerThread } from '../../../../src/server/workers/writer-thread'
import { type Commit, Database, defineWrite } from '../../../../src/storage/database'
import { DatabaseBusy, WriterLost } from '../../../../src/storage/errors'
import { ownQuery } from '../../../support/own-query'
import { breakDown } from './break-down'

let folder: string
let database: Database

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const startWriter = writerThread(new URL('./thread-entry.ts', import.meta.url))
  database = Database.open(join(folder, 'a.sqlite'), { startWriter }).database
})

afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

function failureOf(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}

const actor = commandLineActor(5)

const user = (username: string) => ({
  username,
  email: '',
  role: 'administrator' as const,
  hash: null,
  actor,
})
const names = (...names: string[]) =>
  database.read(
    ownQuery((connection) => mapInTurn(names, async (name) => (await findUser(connection, name))?.username)),
  )

test('who has an answer sees its data, and the commit is told of', async () => {
  const commits: Commit[] = []
  database.subscribe(
    (commit) => commits.push(commit),
    () => {},
  )
  for (let count = 0; count < 50; count++) {
    const { id } = await database.write(addUser, user(`u${count}`))
    expect({ id, names: await names(`u${count}`) }).toEqual({ id: count + 1, names: [`u${count}`] })
    expect(database.change).toBe(commits.at(-1)?.change as number)
  }
  const added = Array.from({ length: 50 }, (_, index) => [
    { kind: 'user' as const, id: index + 1 },
    { kind: 'audit' as const, id: index + 1 },
  ])
  expect(commits.map(({ changes }) => changes)).toEqual(added)
})

test('writes of one moment share a commit, are done in order, and fail alone', async () => {
  let commits = 0
  // A busy machine may stop the thread for so long that it ends the commit before the last of them.
  for (let round = 0; round < 5 && commits !== 1; round++) {
    const { change } = database
    const answered: string[] = []
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'a', 'c'].map(async (name) => {
        try {
          return await database.write(addUser, user(`${name}${round}`))
        } finally {
          answered.push(name)
        }
      }),
    )
    const first = 3 * round + 1
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: { id: first } },
      { status: 'fulfilled', value: { id: first + 1 } },
      { status: 'rejected', reason: new Invalid({ username: 'This field must be unique.' }) },
      { status: 'fulfilled', value: { id: first + 2 } },
    ])
    expect(answered).toEqual(['a', 'b', 'a', 'c'])
    commits = database.change - change
  }
  expect(commits).toBe(1)
})

test('errors arrive with their class and all that an answer is made of', async () => {
  await database.write(addUser, user('admin'))
  const missing = await database
    .write(setPassword, { username: 'nobody', hash: 'h', actor })
    .catch((error) => error)
  expect(missing).toBeInstanceOf(NotFound)
  const conflict = await database
    .write(changeUser, { id: 1, actor: { ...actor, user: 1 }, value: { disabled: true } })
    .catch((error) => error)
  expect(conflict).toBeInstanceOf(Conflict)
  expect({ code: conflict.code, body: conflict.body }).toEqual({
    code: 'conflict',
    body: { detail: 'You cannot disable yourself or give up your role: another administrator can.' },
  })
})

test("errors of the database keep their code, and others' their message and stack", () => {
  const failure = failureOf(() => new Sqlite(':memory:').run('SELECT nothing'))
  const arrived = fromPlainError(structuredClone(toPlainError(failure)))
  expect(arrived).toBeInstanceOf(SQLiteError)
  expect({ ...arrived, message: arrived.message }).toEqual({ ...failure, message: failure.message })
  expect(fromPlainError(structuredClone(toPlainError(new DatabaseBusy())))).toBeInstanceOf(DatabaseBusy)
  const other = new TypeError('x is undefined')
  expect(fromPlainError(structuredClone(toPlainError(other)))).toMatchObject({
    message: 'x is undefined',
    stack: other.stack,
  })
})

test("another process's commit is told of once, our own never as another's", async () => {
  const commits: Commit[] = []
  database.subscribe(
    (commit) => commits.push(commit),
    () => {},
  )
  const { change } = database
  const { database: other } = Database.open(database.path)
  await other.write(addUser, user('other'))
  database.checkOtherProcesses()
  database.checkOtherProcesses()
  expect(commits).toEqual([{ change: change + 1, changes: 'unknown' }])

  const own = database.write(addUser, user('own'))
  await new Promise(setImmediate) // by then the thread is told
  // In the file before it is heard of: this thread hears nothing in a loop that does not wait.
  while ((await names('own'))[0] === undefined) Bun.sleepSync(1)
  database.checkOtherProcesses()
  expect(commits.length).toBe(1)
  await own
  expect(commits.at(-1)).toEqual({
    change: change + 2,
    changes: [
      { kind: 'user', id: expect.any(Number) },
      { kind: 'audit', id: expect.any(Number) },
    ],
  })

  await other.write(addUser, user('unnoticed'))
  await other.close()
  await database.write(addUser, user('after'))
  expect(commits.at(-1)).toEqual({ change: change + 4, changes: 'unknown' })
})

test('closing finishes what waits, and leaves nothing beside the file', async () => {
  const writes = ['a', 'b', 'c'].map((name) => database.write(addUser, user(name)))
  await database.close()
  expect(await Promise.all(writes)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  expect(readdirSync(folder)).toEqual(['a.sqlite'])
})

test('when the thread breaks down, those who wait and those who come are told', async () => {
  await database.write(addUser, user('admin'))
  const late = defineWrite('a write that the thread has no time for', async () => {})
  await database.write(breakDown, undefined)
  const loss = await database.writerLost
  expect(loss).toBeInstanceOf(WriterLost)
  expect(loss.message).toBe('error: broken down')
  expect(await database.write(late, undefined).catch((error) => error)).toBe(loss)
  expect(await names('admin')).toEqual(['admin'])
})
