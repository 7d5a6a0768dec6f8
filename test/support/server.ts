// A server for each test, or for all tests of a file: the whole app on a real socket, with a real database in a
// temporary folder.

import { afterAll, afterEach, beforeAll, beforeEach } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { commandLineActor } from '../../src/audit/log'
import { hashToken, makeToken } from '../../src/auth/credentials'
import type { Hashing } from '../../src/auth/hashing'
import { addUser, setPassword } from '../../src/auth/queries'
import { addToken } from '../../src/auth/token-queries'
import { FileStore } from '../../src/blobs/store'
import type { EventHub, EventLimits } from '../../src/events/hub'
import type { ServerSettings } from '../../src/lib/server-settings'
import { createApp } from '../../src/server/app'
import { startServer } from '../../src/server/listener'
import { createServices, type Services } from '../../src/server/services'
import { Database, type StartWriter } from '../../src/storage/database'
import { DiskSpaceGuard } from '../../src/storage/disk-space-guard'
import { Reader, type StartReader } from '../../src/storage/sqlite/reader'
import { Writer } from '../../src/storage/sqlite/writer'
import { Client } from './client'

/** What the server's clock says in tests: 2026-11-24T12:00:00Z. */
export const NOW = Date.UTC(2026, 10, 24, 12) * 1000

/** What tests change without a request. */
export const ACT = commandLineActor(NOW)

const defaults: ServerSettings = {
  open: false,
  private: false,
  zone: 'UTC',
  maxBodyBytes: 16 * 1024 ** 2,
  maxImportBytes: 4 * 1024 ** 3,
  maxFileBytes: 512 * 1024 ** 2,
  maxEntries: 100_000,
  files: true,
  bodyTimeoutSeconds: 30,
  maxRequests: 4096,
  trustProxy: false,
  allowedHosts: undefined,
}

export interface TestServer {
  /** Sends the token of the administrator `admin` with every request. */
  client: Client
  /** Sends no credentials. */
  stranger: Client
  database: Database
  files: FileStore
  diskSpace: DiskSpaceGuard
  events: EventHub
  services: Services
  config: ServerSettings
  /** What its clock says: NOW until a test sets it. */
  now: number
  /** The header by which `client` is the administrator. */
  authorization: string
  /** `http://127.0.0.1:PORT` */
  origin: string
  /** Sets the password of `admin`. */
  setPassword(password: string): Promise<void>
  /** Posts a job and returns it; everything is optional. */
  makeJob(job?: object): Promise<MadeJob>
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
export type MadeJob = { id: string; number: number; tests: any[]; activities: any[] } & Record<
  string,
  unknown
>

/** The writer in this thread, told of changes as one in another thread is: what JSON does not tell is lost here, too. */
const writerBeyondJson: StartWriter = (options, settle) => {
  const writer = new Writer(options, settle)
  return {
    add(task) {
      const isText = !task.write.hasBytes && task.argument !== undefined
      writer.add(isText ? { ...task, argument: JSON.parse(JSON.stringify(task.argument)) } : task)
    },
    close: () => writer.close(),
  }
}

/** The reader of what takes long in this thread, told of it as one in another thread is: by what can be cloned. */
const readerBeyondClone: StartReader = (path) => {
  const reader = new Reader(path)
  return {
    read: async (query, argument, timeoutMs) =>
      structuredClone(await reader.read(query, structuredClone(argument), timeoutMs)),
    close: async () => reader.close(),
  }
}

/**
 * A database with the administrator and a token of his, made once a file: a copy is as good as a new one, and there in a
 * fraction of the time.
 */
let made: ReturnType<typeof makeTemplate> | undefined

function template() {
  made ??= makeTemplate()
  return made
}

async function makeTemplate() {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const path = join(folder, 'test.sqlite')
  const { database } = Database.open(path, { startWriter: writerBeyondJson, startReader: readerBeyondClone })
  const admin = { username: 'admin', email: '', role: 'administrator', hash: null, actor: ACT } as const
  await database.write(addUser, admin)
  const token = makeToken()
  const row = { username: 'admin', label: '', hash: hashToken(token), expires: null, actor: ACT }
  await database.write(addToken, row)
  await database.close()
  const bytes = readFileSync(path)
  rmSync(folder, { recursive: true })
  return { bytes, token }
}

/** See CHEAP. */
export const cheapHash = (password: string) =>
  Bun.password.hash(password, { algorithm: 'argon2id', memoryCost: 8, timeCost: 1 })

/**
 * Hashes as those that are stored, but of 8 KiB and one pass, in place of 64 MiB and two. The parameters stand in them,
 * so the code that verifies all verifies them, in no time.
 */
const CHEAP: Hashing = { hash: cheapHash, unknownUserHash: await cheapHash(crypto.randomUUID()) }

type Settings = [
  config?: Partial<ServerSettings>,
  eventLimits?: EventLimits,
  others?: { queryTimeoutSeconds?: number; hashing?: Hashing },
]

/** Starts a server before each test of the file and stops it after. The result is filled in by then. */
export function withServer(...settings: Settings): TestServer {
  const server = {} as TestServer
  let stop: () => Promise<void>
  beforeEach(async () => {
    stop = await start(server, ...settings)
  })
  afterEach(() => stop())
  return server
}

/**
 * One server for all tests of the file, or of the `describe`: for those that only read, or are refused, or do not see
 * each other's data. To start one takes longer than most requests.
 */
export function withSharedServer(...settings: Settings): TestServer {
  const server = {} as TestServer
  let stop: () => Promise<void>
  beforeAll(async () => {
    stop = await start(server, ...settings)
  })
  afterAll(() => stop())
  return server
}

/** Fills in `server`. @returns what stops it. */
async function start(
  server: TestServer,
  ...[config = {}, eventLimits = {}, { hashing = CHEAP, ...databaseOptions } = {}]: Settings
): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const { bytes, token } = await template()
  writeFileSync(join(folder, 'test.sqlite'), bytes)
  const { database } = Database.open(join(folder, 'test.sqlite'), {
    ...databaseOptions,
    startWriter: writerBeyondJson,
    startReader: readerBeyondClone,
  })
  const log = pino({ level: 'silent' })
  server.now = NOW
  const diskSpace = new DiskSpaceGuard(folder, 0, log)
  const files = FileStore.open(join(folder, 'test.sqlite.files'), diskSpace)
  const services = createServices({
    database,
    files,
    diskSpace,
    config: { ...defaults, ...config },
    hashing,
    eventLimits,
    clock: () => server.now,
    log,
  })
  const app = createApp(services)
  const listening = startServer({ hostname: '127.0.0.1', port: 0 }, app.fetch)
  const origin = `http://127.0.0.1:${listening.address.port}`

  server.origin = origin
  server.database = database
  server.files = files
  server.diskSpace = diskSpace
  server.events = services.events
  server.services = services
  server.config = services.config
  server.stranger = new Client(origin)
  server.authorization = `Bearer ${token}`
  server.client = new Client(origin, { authorization: server.authorization })
  server.setPassword = async (password) =>
    database.write(setPassword, { username: 'admin', hash: await hashing.hash(password), actor: ACT })
  server.makeJob = async (job = {}) => {
    const reply = await server.client.post('/jobs/', job)
    if (reply.status !== 201) throw new Error(`makeJob: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body
  }
  return async () => {
    app.close()
    await listening.stop()
    await database.close()
    rmSync(folder, { recursive: true })
  }
}
