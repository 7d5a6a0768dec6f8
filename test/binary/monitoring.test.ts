// What watches over the executable: its disk, and what only a process and a thread of their own can show.

import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { Folder } from '../support/binary'
import { Client } from '../support/client'
import { SmallDisk } from '../support/disk'
import { needing } from '../support/needs'
import { parseMetrics } from '../support/prometheus'

needing('tmpfs')(
  'a disk without room: not ready, in a sentence, and ready again when there is some',
  async () => {
    using folder = new Folder()
    using disk = new SmallDisk(32)
    await using server = await folder.serve([
      '--min-free',
      '64MiB',
      '--database',
      join(disk.path, 'a.sqlite'),
    ])
    const client = new Client(server.origin)
    const { status, body } = await client.get('/ready/')
    expect({ status, body }).toEqual({
      status: 503,
      body: {
        detail: expect.stringMatching(
          /^The disk of the server is nearly full: \d+ MiB are free in \/.+, and 64 MiB are kept free \(--min-free\)\.$/,
        ),
      },
    })
    expect((await client.get('/health/')).status).toBe(200)
    disk.resize(128)
    await Bun.sleep(1100) // for a second the server believes what it saw
    expect((await client.get('/ready/')).body).toEqual({ ready: true })
    await server.stop()
  },
)

test('the metrics of the executable are whole: what a commit took comes from the thread of the writer', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'a1' })
  const metrics = parseMetrics((await client.get('/metrics')).body)
  const value = (name: string, key = name) => metrics.get(name)?.values.get(key) ?? Number.NaN
  expect(value('avocado_commit_changes', 'avocado_commit_changes_sum')).toBeGreaterThanOrEqual(1)
  expect(value('avocado_commit_disk_seconds', 'avocado_commit_disk_seconds_sum')).toBeGreaterThan(0)
  expect(value('avocado_files_bytes')).toBe(0)
  expect(value('process_open_fds')).toBeLessThan(value('process_max_fds'))
})
