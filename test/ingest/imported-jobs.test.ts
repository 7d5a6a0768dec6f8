// The answer to an import of any number of jobs has a size.

import { expect, test } from 'bun:test'
import { type ImportedJob, ImportedJobs } from '../../src/ingest/import-result'
import { withServer } from '../support/server'

const server = withServer()
const counts = { added: 1, changed: 0, unchanged: 0 }
const job = (place: number, warnings: string[] = [], isNew = false): ImportedJob => ({
  ...{ job: place, jobId: String(place), isNew, tests: counts, files: counts },
  warnings,
})

test('of more than 10,000 jobs the first are listed, in their order, and all are counted', () => {
  const outcomes = new ImportedJobs()
  for (let place = 0; place < 20_000; place++) outcomes.add(job(place ^ 1, [], place === 19_999), place ^ 1)
  const listed = outcomes.listed()
  expect([outcomes.count, outcomes.hasNew, listed.length]).toEqual([20_000, true, 10_000])
  expect(listed.map(({ job }) => job)).toEqual(Array.from({ length: 10_000 }, (_, index) => index))
})

test('their warnings have a size, too', () => {
  const outcomes = new ImportedJobs()
  for (let place = 0; place < 100; place++) outcomes.add(job(place, ['x'.repeat(1024 ** 2)]))
  expect([outcomes.count, outcomes.listed().length]).toEqual([100, 8])
})

test('those of the files of a form are one list', () => {
  const outcomes = new ImportedJobs()
  for (let file = 0; file < 3; file++) {
    const ofFile = new ImportedJobs()
    for (let place = 0; place < 12_000; place++) ofFile.add(job(place, [], file === 2 && place === 11_999))
    outcomes.addAll(ofFile)
  }
  expect([outcomes.count, outcomes.hasNew, outcomes.listed().length]).toEqual([36_000, true, 10_000])
})

test('NDJSON of 10,050 jobs: 10,000 of them are in the answer', async () => {
  const lines = Array.from({ length: 10_050 }, (_, index) => JSON.stringify({ id: `job-${index}` }))
  const { status, body } = await server.client.request('POST', '/imports/', { body: lines.join('\n') })
  expect([status, body.jobs.length, body.jobs_count]).toEqual([201, 10_000, 10_050])
  expect((await server.client.get('/jobs/?page_size=1')).body.count).toBe(10_050)
})
