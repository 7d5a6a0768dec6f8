// --min-free: nothing is stored any more before the disk is full, and everything again when there is room.

import { expect } from 'bun:test'
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Folder } from '../support/binary'
import { Client } from '../support/client'
import { SmallDisk } from '../support/disk'
import { needing } from '../support/needs'

const test = needing('tmpfs')

const MIB = 1024 ** 2
const MIN_FREE = 40

function low(disk: SmallDisk) {
  const detail = new RegExp(
    `^The disk of the server is nearly full: \\d+ MiB are free in ${disk.path}, and ${MIN_FREE} MiB are kept free \\(--min-free\\)\\. Nothing was stored\\. Make room there, then send it again\\.$`,
  )
  return { status: 507, body: { detail: expect.stringMatching(detail) } }
}

const brief = ({ status, body }: { status: number; body: unknown }) => ({ status, body })

async function serveOn(folder: Folder, disk: SmallDisk) {
  const database = join(disk.path, 'a.sqlite')
  return folder.serve(['--open', '--min-free', `${MIN_FREE}MiB`, '--database', database])
}

test('with less free than that writes get 507, reads and deletions go on, and later writes again', async () => {
  using folder = new Folder()
  using disk = new SmallDisk(64)
  await using server = await serveOn(folder, disk)
  const client = new Client(server.origin)
  for (const id of ['one', 'two-is-long-enough']) await client.post('/jobs/', { id, tests: [{ tag: '1-a' }] })
  const other = join(disk.path, 'other')
  writeFileSync(other, Buffer.alloc(48 * MIB))
  await Bun.sleep(1000)
  expect([
    brief(await client.post('/jobs/', { id: 'three' })),
    brief(await client.post('/jobs/one/tests/', { tag: '2-a' })),
    brief(await client.patch('/jobs/one/tests/1-a/', { status: 'PASS' })),
    brief(await client.request('POST', '/imports/', { body: '{"id": "three"}' })),
  ]).toEqual(Array(4).fill(low(disk)))
  const result = { outcome: 'PASSED', testcase: 'b', groups: ['one'] }
  for (const [path, body] of [
    ['groups', { uuid: 'three' }],
    ['results', result],
  ] as const) {
    const { status, body: answer } = await client.post(`/api/v2.0/${path}`, body)
    expect([status, { detail: answer.message }]).toEqual([507, low(disk).body])
  }
  expect((await client.get('/jobs/one/tests/')).body.count).toBe(1)
  expect((await client.delete('/jobs/two-is-long-enough/')).status).toBe(204)
  expect((await client.delete('/jobs/one/tests/1-a/')).status).toBe(204)
  expect((await client.get('/jobs/three/')).status).toBe(404)
  rmSync(other)
  await Bun.sleep(1000)
  expect((await client.post('/jobs/', { id: 'three' })).status).toBe(201)
  expect(await server.stop()).toBe(0)
})

test('an import is ended while it comes, and takes no room then', async () => {
  using folder = new Folder()
  using disk = new SmallDisk(64)
  await using server = await serveOn(folder, disk)
  const client = new Client(server.origin)
  const free = () => statfsSync(disk.path).bavail * statfsSync(disk.path).bsize
  const before = free()
  const results = { job_id: 'c'.repeat(40), tests: [], total: 0, time: 1, start: '2026-11-24T12:00:00' }
  writeFileSync(join(folder.path, 'results.json'), JSON.stringify(results))
  await folder.shell('head -c 60000000 /dev/urandom > job.log; tar -cf job.tar results.json job.log')
  // Slower than a second: the disk is asked once in that.
  const bytes = readFileSync(join(folder.path, 'job.tar'))
  const body = new ReadableStream({
    async start(controller) {
      for (let at = 0; at < bytes.length; at += 4 * MIB) {
        controller.enqueue(bytes.subarray(at, at + 4 * MIB))
        await Bun.sleep(200)
      }
      controller.close()
    },
  })
  expect(brief(await client.request('POST', '/imports/', { body }))).toEqual(low(disk))
  expect((await client.get(`/jobs/${results.job_id}/`)).status).toBe(404)
  expect(before - free()).toBeLessThan(MIB)
  await Bun.sleep(1000)
  expect((await client.post('/jobs/', { id: 'next' })).status).toBe(201)
})
