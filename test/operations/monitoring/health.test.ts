// /health/ and /ready/: for whoever starts the server again, or sends nobody to it.

import { expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { Readiness } from '../../../src/operations/monitoring/readiness'
import { Database, type StartWriter } from '../../../src/storage/database'
import { DiskSpaceGuard } from '../../../src/storage/disk-space-guard'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { Writer } from '../../../src/storage/sqlite/writer'
import { withServer } from '../../support/server'

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
      detail:
        'The database file was removed or replaced: put it back; to use another one, stop the server first.',
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
async function withWriter<T>(startWriter: StartWriter, look: (database: Database) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const { database } = Database.open(join(folder, 'a.sqlite'), { startWriter })
  try {
    return await look(database)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const log = pino({ level: 'silent' })
const roomy = new DiskSpaceGuard('/data', 0, log)

test('a writer that has ended, or that does not come to an end, is an obstacle', async () => {
  const dead: StartWriter = (_, __, lost) => {
    lost(new Error('out of memory'))
    return { add() {}, close() {} }
  }
  const ofDead = withWriter(dead, (database) => new Readiness({ database, diskSpace: roomy }).obstacles())
  expect(await ofDead).toEqual(['The writer has ended (out of memory): start the server again.'])
  const stuck: StartWriter = () => ({ add() {}, close() {} })
  const looks = await withWriter(stuck, async (database) => {
    const readiness = new Readiness({ database, diskSpace: roomy }, 600)
    const begun = performance.now()
    const answers = await Promise.all([readiness.obstacles(), readiness.obstacles()])
    const tookMs = performance.now() - begun
    return { answers, next: await readiness.obstacles(), tried: database.waitingWrites.count, tookMs }
  })
  const waiting = ['A change has been waiting for 1 s: look at the disk.']
  expect(looks).toEqual({ answers: [waiting, waiting], next: waiting, tried: 1, tookMs: expect.any(Number) })
  expect(looks.tookMs).toBeGreaterThan(500)
})

test('a write is tried where none was made for a while, and not beside others', async () => {
  await server.makeJob()
  const { change } = server.database
  expect((await server.stranger.get('/ready/')).status).toBe(200)
  expect(server.database.change).toBe(change)
  server.database.lastCommit.endedAt -= 10_000
  expect((await server.stranger.get('/ready/')).status).toBe(200)
  expect(server.database.change).toBe(change + 1)
  expect((await server.stranger.get('/ready/')).status).toBe(200)
  expect(server.database.change).toBe(change + 1)
})

test('a disk with less than --min-free is an obstacle', async () => {
  const diskSpace = new DiskSpaceGuard('/data', 2 * 1024 ** 2, log, () => 1024 ** 2)
  const running: StartWriter = (options, settle) => new Writer(options, settle)
  expect(await withWriter(running, (database) => new Readiness({ database, diskSpace }).obstacles())).toEqual(
    ['The disk of the server is nearly full: 1 MiB are free in /data, and 2 MiB are kept free (--min-free).'],
  )
})
