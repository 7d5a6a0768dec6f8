// What takes long is read in a thread of its own.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLineActor } from '../../../../src/audit/log'
import { addUser, findUser } from '../../../../src/auth/queries'
import { NotFound } from '../../../../src/lib/errors'
import { fromPlainError } from '../../../../src/lib/transferable-errors'
import { LongQueries } from '../../../../src/server/workers/long-queries'
import { readerThread } from '../../../../src/server/workers/reader-thread'
import { writerThread } from '../../../../src/server/workers/writer-thread'
import { Database, defineQuery } from '../../../../src/storage/database'
import { DatabaseUnusable, QueryCancelled, QueryTooLong, ReaderClosed } from '../../../../src/storage/errors'
import { CHECKPOINT_PAGES } from '../../../../src/storage/sqlite/checkpoints'
import { ownQuery } from '../../../support/own-query'
import * as queries from './queries'
import { breakDown, countUp, findNothing } from './queries'

/** More than any test waits for. */
const FOREVER = { rows: 1e12 }

let folder: string
let database: Database

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  database = open()
})

afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

function open({ queryTimeoutSeconds = Number.POSITIVE_INFINITY } = {}): Database {
  const startReader = readerThread(new URL('./thread-entry.ts', import.meta.url))
  const options = { startReader, startWriter: writerThread(), queryTimeoutSeconds }
  return Database.open(join(folder, 'a.sqlite'), options).database
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

const usernames = defineQuery('usernamesOfTests', async () => undefined)

test('what is asked is found, and errors arrive with their class', async () => {
  expect(await database.readInWorker(countUp, { rows: 10_000 })).toBe(10_000)
  expect(await failureOf(database.readInWorker(findNothing, undefined))).toEqual(new NotFound())
  const unknown = await failureOf(database.readInWorker(usernames, undefined))
  expect(unknown?.message).toContain('no read named usernamesOfTests')
})

test('others are served meanwhile, and who gives up is not waited for', async () => {
  const controller = new AbortController()
  const long = failureOf(database.readInWorker(countUp, FOREVER, controller.signal))
  const after = database.readInWorker(countUp, { rows: 5 })
  const user = { username: 'a', email: '', role: 'member' as const, hash: null, actor: commandLineActor(5) }
  await database.write(addUser, user)
  expect(
    await database.read(ownQuery(async (connection) => (await findUser(connection, 'a'))?.username)),
  ).toBe('a')
  controller.abort()
  expect(await long).toBeInstanceOf(QueryCancelled)
  expect(await after).toBe(5)
})

test('what nobody wants any more does not begin', async () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const long = failureOf(database.readInWorker(countUp, FOREVER, first.signal))
  const waiting = failureOf(database.readInWorker(countUp, FOREVER, second.signal))
  second.abort()
  first.abort()
  expect([await long, await waiting].map((error) => error?.constructor)).toEqual([
    QueryCancelled,
    QueryCancelled,
  ])
})

test('the time that it may take begins when it is asked for', async () => {
  await database.close()
  database = open({ queryTimeoutSeconds: 0.2 })
  const asked = [FOREVER, FOREVER, { rows: 5 }].map((rows) => failureOf(database.readInWorker(countUp, rows)))
  const classes = (await Promise.all(asked)).map((error) => error?.constructor)
  expect(classes).toEqual([QueryTooLong, QueryTooLong, QueryTooLong])
  expect(await database.readInWorker(countUp, { rows: 5 })).toBe(5)
})

test('what has waited for most of its time is not begun, for it would not be done in time', async () => {
  await database.close()
  database = open({ queryTimeoutSeconds: 1 })
  const controller = new AbortController()
  const long = failureOf(database.readInWorker(countUp, FOREVER, controller.signal))
  const waiting = failureOf(database.readInWorker(countUp, { rows: 5 }))
  await Bun.sleep(600)
  controller.abort()
  expect([await long, await waiting].map((error) => error?.constructor)).toEqual([
    QueryCancelled,
    QueryTooLong,
  ])
  expect(await database.readInWorker(countUp, { rows: 5 })).toBe(5)
})

test('each place has its turn: a hundred reads from one do not keep the one from another waiting', async () => {
  const order: string[] = []
  const read = (from: string, rows = 20_000) =>
    database.readInWorker(countUp, { rows }, undefined, from).then(() => order.push(from))
  const many = Array.from({ length: 100 }, () => read('203.0.113.7'))
  const others = [read('198.51.100.1'), read('2001:db8:0:1::/64'), read('198.51.100.1')]
  await Promise.all([...many, ...others])
  // After the one that was under way, and in turns with the many.
  expect(order.slice(0, 5)).toEqual([
    ...['203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ...['2001:db8:0:1::/64', '198.51.100.1'],
  ])
})

test('one long read from elsewhere takes nothing of the time of the first from here', async () => {
  await database.close()
  database = open({ queryTimeoutSeconds: 4 })
  const [controller, behind] = [new AbortController(), new AbortController()]
  const long = failureOf(database.readInWorker(countUp, FOREVER, controller.signal, 'there'))
  const also = failureOf(database.readInWorker(countUp, FOREVER, behind.signal, 'there'))
  const here = database.readInWorker(countUp, { rows: 5 }, undefined, 'here')
  await Bun.sleep(2500) // more than half of it
  controller.abort()
  behind.abort()
  expect(await here).toBe(5)
  expect([await long, await also].map((error) => error?.constructor)).toEqual([
    QueryCancelled,
    QueryCancelled,
  ])
})

test('when the thread breaks down, who waits is told, and the next has another', async () => {
  const broken = failureOf(database.readInWorker(breakDown, undefined))
  const next = database.readInWorker(countUp, { rows: 5 })
  expect((await broken)?.message).toBe("the reader's thread ended without a word")
  expect(await next).toBe(5)
  expect(await database.readInWorker(countUp, { rows: 5 })).toBe(5)
})

test('who reads, one after another without a pause, does not make the WAL grow', async () => {
  let isOver = false
  const read = async () => {
    while (!isOver) await database.readInWorker(countUp, { rows: 200_000 })
  }
  const reading = Promise.all([read(), read(), read()])
  const wal = join(folder, 'a.sqlite-wal')
  let largest = 0
  for (let megabytes = 0; megabytes < 200; megabytes++) {
    const user = {
      username: `u${megabytes}`,
      role: 'member' as const,
      hash: null,
      actor: commandLineActor(5),
    }
    await database.write(addUser, { ...user, email: 'x'.repeat(1_000_000) })
    largest = Math.max(largest, statSync(wal).size)
  }
  isOver = true
  await reading
  // Some checkpoints more on a busy machine, and by no means all that was written.
  expect(largest).toBeLessThan(6 * CHECKPOINT_PAGES * 4096)
})

test('closing ends what is under way, and leaves nothing beside the file', async () => {
  const long = failureOf(database.readInWorker(countUp, FOREVER))
  const waiting = failureOf(database.readInWorker(countUp, { rows: 5 }))
  await database.close()
  expect([await long, await waiting].map((error) => error?.constructor)).toEqual([ReaderClosed, ReaderClosed])
  expect(readdirSync(folder)).toEqual(['a.sqlite'])
})

test('when the file has gone, it is read where it is open', async () => {
  const path = join(folder, 'a.sqlite')
  renameSync(path, `${path}.away`)
  expect(await database.readInWorker(countUp, { rows: 5 })).toBe(5)
  expect(readdirSync(folder).sort()).toEqual(['a.sqlite-shm', 'a.sqlite-wal', 'a.sqlite.away'])
  renameSync(`${path}.away`, path)
})

test('where the database cannot be opened, that read fails, and the next tries again', async () => {
  await database.close()
  const path = join(folder, 'a.sqlite')
  const reads = new LongQueries({ path, cancelled: Int32Array.of(0) }, [queries])
  const asked = { name: 'countUp', argument: { rows: 5 }, timeoutMs: 1000 }
  renameSync(path, `${path}.away`)
  mkdirSync(path)
  const outcome = await reads.find(asked)
  expect('error' in outcome && fromPlainError(outcome.error)).toBeInstanceOf(DatabaseUnusable)
  rmSync(path, { recursive: true })
  renameSync(`${path}.away`, path)
  expect(await reads.find(asked)).toEqual({ value: 5 })
  await reads.close()
})
