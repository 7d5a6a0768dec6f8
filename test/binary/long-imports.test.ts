// A long import is under way, and others post all the same.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { Client } from '../support/client'

const JOBS = 1000
const TESTS_PER_JOB = 100
/** A bound for a machine that does other things as well; alone it is a twentieth of that. */
const MAX_P99_MS = 1000

const lines = Array.from({ length: JOBS }, (_, job) => {
  const tests = Array.from({ length: TESTS_PER_JOB }, (_, test) => ({
    tag: `${test + 1}-suite_${job % 20}.py:Test.test_${test}`,
    status: (job + test) % 11 === 0 ? 'FAIL' : 'PASS',
  }))
  return JSON.stringify({ id: `import-${job}`, tests })
})

test('while 100,000 tests are imported, who posts one test does not wait for them', async () => {
  using folder = new Folder()
  await using serving = await folder.serve(['--open'])
  const client = new Client(serving.origin)
  await client.post('/jobs/', { id: 'single' })
  let isUnderWay = true
  const imported = fetch(`${serving.origin}/imports/?format=ndjson`, {
    method: 'POST',
    body: lines.join('\n'),
  }).then(async (reply) => {
    const { jobs } = (await reply.json()) as { jobs: object[] }
    isUnderWay = false
    return { status: reply.status, jobs: jobs.length }
  })
  const milliseconds: number[] = []
  while (isUnderWay) {
    const start = performance.now()
    const { status } = await client.post('/jobs/single/tests/', { tag: `${milliseconds.length}-a.py:A.test` })
    expect(status).toBe(200)
    milliseconds.push(performance.now() - start)
    await Bun.sleep(1)
  }
  expect(await imported).toEqual({ status: 201, jobs: JOBS })
  expect((await client.get('/jobs/single/testcount/')).body).toEqual({ testcount: milliseconds.length })
  milliseconds.sort((one, other) => one - other)
  const p99 = milliseconds[Math.floor(milliseconds.length * 0.99)] as number
  console.log(`${milliseconds.length} posts beside the import, p99 ${p99.toFixed(0)} ms`)
  expect(milliseconds.length).toBeGreaterThan(5)
  expect(p99).toBeLessThan(MAX_P99_MS)
}, 60_000)
