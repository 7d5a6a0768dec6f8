// /health/ and /ready/: for whoever starts the server again, or sends nobody to it.

import { expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { Room } from '../../src/http/room'
import { obstaclesOf } from '../../src/monitoring/readiness'
import { Database, defineWrite, type StartWriter } from '../../src/storage/database'
import { openConnection } from '../../src/storage/sqlite'
import { withServer } from '../support/server'

const server = withServer({ private: true })
const briefly = async (path: string, method = 'GET') => {
  const { status, body, headers } = await server.stranger.send(method, path)
  return { status, body, cached: headers.get('cache-control') }
}

test('with --private, too, anybody is told that the server is alive and ready, and nobody keeps that', async () => {
  expect(await briefly('/health/')).toEqual({ status: 200, body: { alive: true }, cached: 'no-store' })
  expect(await briefly('/ready/')).toEqual({ status: 200, body: { ready: true }, cached: 'no-store' })
  expect(await briefly('/ready')).toEqual({ status: 200, body: { ready: true }, cached: 'no-store' })
  expect(await briefly('/ready/', 'HEAD')).toEqual({ status: 200, body: null, cached: 'no-store' })
})

test('wrong credentials are wrong here, too', async () => {
  expect((await server.stranger.as('admin', 'wrong').get('/health/')).status).toBe(401)
})

test('the database file is gone: alive, not ready, and ready again when it is back', async () => {
  const { path } = server.database
  renameSync(path, `${path}.elsewhere`)
  expect((await server.stranger.get('/health/')).status).toBe(200)
  const { status, body, headers } = await server.stranger.get('/ready/')
  expect({ status, body, retry: headers.get('retry-after') }).toEqual({
    status: 503,
    body: {
      detail: 'The database file was removed or replaced: put it back, then start the server again.',
    },
    retry: '5',
  })
  renameSync(`${path}.elsewhere`, path)
  expect((await server.stranger.get('/ready/')).status).toBe(200)
})

test('whether the server is alive does not depend on the database', async () => {
  await server.database.close()
  expect((await server.stranger.get('/health/')).body).toEqual({ alive: true })
  const { status, body } = await server.stranger.get('/ready/')
  expect({ status, body }).toEqual({
    status: 503,
    body: {
      detail: expect.stringMatching(/^The database does not answer \(.+\): run avocado-server check\.$/),
    },
  })
})

test('another program has changed the schema: not ready', async () => {
  const other = openConnection(server.database.path)
  const [version] = other.row('PRAGMA user_version') as number[]
  other.execute('PRAGMA user_version = 99')
  expect((await server.stranger.get('/ready/')).body).toEqual({
    detail: `The database has schema 99, and this server needs ${version}: start it again.`,
  })
  other.execute(`PRAGMA user_version = ${version}`)
  other.close()
  expect((await server.stranger.get('/ready/')).status).toBe(200)
})

/** A database of its own, whose writer is another one. */
function withWriter(startWriter: StartWriter, look: (database: Database) => unknown): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const { database } = Database.open(join(folder, 'a.sqlite'), { startWriter })
  try {
    return look(database)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const log = pino({ level: 'silent' })
const roomy = new Room('/data', 0, log)
const nothing = defineWrite('nothingForHealth', () => undefined)

test('a writer that has ended, or that does not come to an end, is an obstacle', () => {
  const dead: StartWriter = (_, __, lost) => {
    lost(new Error('out of memory'))
    return { add() {}, close() {} }
  }
  expect(withWriter(dead, (database) => obstaclesOf({ database, room: roomy }))).toEqual([
    'The writer has ended (out of memory): start the server again.',
  ])
  const stuck: StartWriter = () => ({ add() {}, close() {} })
  const look = (database: Database) => {
    const before = obstaclesOf({ database, room: roomy })
    database.write(nothing, {}).catch(() => {})
    return [before, obstaclesOf({ database, room: roomy }), obstaclesOf({ database, room: roomy }, 0)]
  }
  expect(withWriter(stuck, look)).toEqual([[], [], ['A change has been waiting for 0 s: look at the disk.']])
})

test('a disk with less than --min-free is an obstacle', () => {
  const room = new Room('/data', 2 * 1024 ** 2, log, () => 1024 ** 2)
  const running: StartWriter = () => ({ add() {}, close() {} })
  expect(withWriter(running, (database) => obstaclesOf({ database, room }))).toEqual([
    'The disk of the server is nearly full: 1 MiB are free in /data, and 2 MiB are kept free (--min-free).',
  ])
})
