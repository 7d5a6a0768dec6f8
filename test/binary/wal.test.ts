// The WAL stays bounded under load, whoever reads slowly meanwhile.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { CHECKPOINT_PAGES, IDLE_MS } from '../../src/storage/sqlite/checkpoints'
import { Folder } from '../support/binary'
import { Client } from '../support/client'

const NAME = 'avocadoserver.sqlite'
const BOUND_BYTES = 3 * CHECKPOINT_PAGES * 4096
const MEBIBYTE = 1024 ** 2

/** Sends this and reads nothing of the answer. */
function hang(origin: string, text: string): Socket {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.pause())
  socket.on('error', () => {})
  socket.write(text)
  return socket
}

/** Jobs with long reasons, posted by four at once. */
class Load {
  private jobs = 0

  constructor(
    private readonly client: Client,
    private readonly wal: string,
  ) {}

  get walBytes(): number {
    return statSync(this.wal).size
  }

  /** @returns how large the WAL became. */
  async run(count: number): Promise<number> {
    let largest = 0
    const end = this.jobs + count
    const write = async () => {
      while (this.jobs < end) {
        const id = `job-${this.jobs++}`
        const fail_reason = `${id} ${'x'.repeat(2000)}`
        const tests = Array.from({ length: 100 }, (_, index) => ({
          tag: `${index}-a`,
          fail_reason: `${index} ${fail_reason}`,
        }))
        expect((await this.client.post('/jobs/', { id, tests })).status).toBe(201)
        largest = Math.max(largest, this.walBytes)
      }
    }
    await Promise.all([write(), write(), write(), write()])
    return largest
  }

  async isEmptied(): Promise<boolean> {
    const end = performance.now() + 10 * IDLE_MS
    while (this.walBytes > 0 && performance.now() < end) await Bun.sleep(50)
    return this.walBytes === 0
  }
}

test('readers and senders that hang do not make the WAL grow; a snapshot that another program holds does', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  const path = join(folder.path, NAME)
  const results = { job_id: 'logged', tests: [], total: 0, time: 1, start: '2026-11-24T12:00:00' }
  writeFileSync(join(folder.path, 'results.json'), JSON.stringify(results))
  writeFileSync(join(folder.path, 'job.log'), Buffer.alloc(32 * MEBIBYTE, 'a log\n'))
  await folder.shell('tar -cf job.tar results.json job.log')
  await client.request('POST', '/imports/', { body: Bun.file(join(folder.path, 'job.tar')) })
  const load = new Load(client, `${path}-wal`)
  await load.run(20)
  const get = (target: string) => hang(server.origin, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
  const hanging = [
    get('/events/'),
    get('/jobs/logged/files/job.log'),
    get('/jobs/'),
    hang(
      server.origin,
      'POST /imports/?format=ndjson HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"id": "line"}\n{"id": "half',
    ),
  ]
  expect(await load.run(150)).toBeLessThan(BOUND_BYTES)
  expect(await load.isEmptied()).toBe(true)
  for (const socket of hanging) socket.destroy()

  const other = new Sqlite(path, { readonly: true })
  other.run('BEGIN')
  other.query('SELECT count(*) FROM job').get()
  expect(await load.run(150)).toBeGreaterThan(BOUND_BYTES) // the same load: it is large enough to tell
  other.run('COMMIT')
  other.close()
  expect(await load.isEmptied()).toBe(true)
})
