// `check --backup` finds every bit that has changed within a stored file, also where what it is unpacked to stays the same.

import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBackup } from '../../../src/operations/backups/make'
import { checkBackup } from '../../../src/operations/backups/restore'
import { withServer } from '../../support/server'

const server = withServer()

test('a flipped bit anywhere in a stored file is a fault', async () => {
  const log = Buffer.from(Array.from({ length: 40_000 }, (_, index) => index % 251))
  const results = { job_id: 'f'.repeat(40), tests: [], total: 0, time: 1, start: '2026-11-24T12:00:00' }
  const tar = new Bun.Archive({ 'results.json': JSON.stringify(results), 'job.log': log })
  expect((await server.client.request('POST', '/imports/', { body: await tar.blob() })).status).toBe(201)
  const folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const backup = join(folder, 'a.tar')
  expect((await makeBackup(server.database.path, backup, true)).files).toBeGreaterThan(0)
  await checkBackup(backup)
  const whole = readFileSync(backup)
  const header = whole.indexOf('files/')
  const start = header + 512
  const size = Number.parseInt(whole.subarray(header + 124, header + 135).toString(), 8)
  const found: string[] = []
  for (let at = start; at < start + size; at += Math.max(1, Math.floor(size / 60))) {
    const flipped = Buffer.from(whole)
    flipped[at] = (flipped[at] as number) ^ 1
    writeFileSync(backup, flipped)
    const fault = await checkBackup(backup).then(
      () => 'sound',
      ({ message }: Error) => message,
    )
    expect([at - start, fault]).toEqual([at - start, expect.stringContaining('nothing was restored')])
    found.push(fault)
  }
  expect(found.length).toBeGreaterThan(20)
  rmSync(folder, { recursive: true })
}, 120_000)
