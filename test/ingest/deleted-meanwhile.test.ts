// A job that is deleted while more of it is imported: it is not shown again without what is gone, and what was imported
// is a job of its own.

import { expect, test } from 'bun:test'
import { nameFiles } from '../../src/ingest/files'
import type { IngestServices } from '../../src/ingest/services'
import { storeReport } from '../../src/ingest/store'
import { deleteHiddenJobRows, hideJob } from '../../src/results/jobs/deletion'
import { repairDerivedData } from '../../src/results/jobs/derived-data'
import { ACT, NOW, withServer } from '../support/server'
import { parseTap } from './at-once'

const server = withServer()

test.each([
  ['before anything is deleted', 0],
  ['after something was', 1],
])('the job goes out of sight while it is imported, %s', async (_, rows) => {
  const { database, files } = server
  const services = { database, files, clock: () => NOW } as IngestServices
  const report = { ...parseTap('TAP version 13\n1..2\nok 1 - a\nnot ok 2 - b\n'), id: 'again' }
  await storeReport(services, report)
  const older = (await server.client.get('/jobs/again/')).body.number
  const stored = await storeReport(services, report, {
    async beforeReveal(job) {
      if (job !== older) return
      await database.write(hideJob, { job, actor: ACT })
      if (rows > 0) await database.write(deleteHiddenJobRows, { job, rows })
    },
  })
  expect(stored).toMatchObject({ isNew: true, tests: { added: 2 } })
  expect(stored.job).toBeGreaterThan(older)
  expect((await server.client.get('/jobs/again/')).body.tests.length).toBe(2)
  expect((await server.client.get(`/jobs/${older}/`)).status).toBe(404)
  while (!(await database.write(deleteHiddenJobRows, { job: older, rows: 1000 })).done);
  expect(await database.write(repairDerivedData, {})).toEqual([]) // nothing was to be put right
  expect((await server.client.get('/jobs/summary/')).body).toEqual({ passed: 0, failed: 1, other: 0 })
})

test('no file is named by a job that is being deleted', async () => {
  const { number: job } = await server.makeJob()
  const { database, files } = server
  using hold = files.hold()
  const content = await files.put(bytes('a log'), 100, hold)
  await database.write(hideJob, { job, actor: ACT })
  const naming = nameFiles(
    { database, clock: () => NOW },
    job,
    [{ tag: undefined, path: 'job.log', content }],
    {
      isNew: false,
    },
  )
  await expect(naming).rejects.toThrow('Not found')
})

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
