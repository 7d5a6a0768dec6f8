// What the original server's static dashboard asks, and what it reads of the answers: pointed at this server, it works.

import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()

const job = (index: number) => ({
  id: `job-${String(index).padStart(2, '0')}`,
  description: `Job ${index}`,
  time: `2026-11-${String(index + 1).padStart(2, '0')}T12:00:00Z`,
  elapsed_time: index,
  status: index % 2 === 0 ? 'PASS' : 'FAIL',
  tests: [
    { tag: '1-a', status: 'PASS' },
    ...(index % 2 === 0
      ? []
      : [
          { tag: '2-b', status: 'FAIL' },
          { tag: '3-c', status: 'SKIP' },
        ]),
  ],
})

beforeAll(async () => {
  for (let index = 0; index < 12; index++) await server.makeJob(job(index))
})

/** As a page of another origin asks: it may read the answer only when the header says so. */
async function ask(path: string) {
  const reply = await server.stranger.with({ origin: 'http://dashboard.example' }).get(path)
  expect(reply.headers.get('access-control-allow-origin')).toBe('*')
  expect(reply.headers.get('content-type')).toBe('application/json')
  return reply
}

test('GET /version/ gives the version', async () => {
  const { status, body } = await ask('/version/')
  expect([status, body]).toEqual([200, { version: expect.stringMatching(/^\d+\.\d+\.\d+$/) }])
})

test('the first page of the newest jobs has what the table shows', async () => {
  const { body } = await ask('/jobs/?page_size=10&page=1&ordering=-time')
  expect(body.count).toBe(12)
  expect(
    body.results.map((row: Record<string, unknown> & { tests: unknown[] }) => [
      row.id,
      row.description,
      row.time,
      row.elapsed_time,
      row.status,
      row.tests.length,
    ]),
  ).toEqual(
    Array.from({ length: 10 }, (_, offset) => {
      const { id, description, time, elapsed_time, status, tests } = job(11 - offset)
      return [id, description, time, elapsed_time, status, tests.length]
    }),
  )
})

test('GET /jobs/?ordering=-time without a size is the same page', async () => {
  const { body: sized } = await ask('/jobs/?page_size=10&page=1&ordering=-time')
  expect((await ask('/jobs/?ordering=-time')).body.results).toEqual(sized.results)
})

test('the summaries of all jobs and of each of the newest are there', async () => {
  expect((await ask('/jobs/summary/')).body).toEqual({ passed: 6, failed: 6, other: 0 })
  const { body } = await ask('/jobs/?ordering=-time')
  for (const { id, tests } of body.results) {
    const { body: summary } = await ask(`/jobs/${id}/tests/summary/`)
    expect(summary).toEqual(
      tests.length === 1 ? { passed: 1, failed: 0, other: 0 } : { passed: 1, failed: 1, other: 1 },
    )
  }
})

test.each([
  ['time', ['job-00', 'job-01']],
  ['-time', ['job-11', 'job-10']],
  ['id', ['job-00', 'job-01']],
  ['-id', ['job-11', 'job-10']],
  ['description', ['job-00', 'job-01']],
  ['-description', ['job-09', 'job-08']],
  ['status', ['job-01', 'job-03']],
  ['-status', ['job-10', 'job-08']],
  ['tests_total', ['job-00', 'job-02']],
  ['-tests_total', ['job-11', 'job-09']],
  ['elapsed_time', ['job-00', 'job-01']],
  ['-elapsed_time', ['job-11', 'job-10']],
])('its column sorts by ordering=%s', async (ordering, first) => {
  const { body } = await ask(`/jobs/?page_size=2&page=1&ordering=${ordering}`)
  expect(body.results.map(({ id }: { id: string }) => id)).toEqual(first)
})

test('the page behind the last is an error whose detail it shows', async () => {
  const { status, body } = await ask('/jobs/?page_size=10&page=3&ordering=-time')
  expect([status, body]).toEqual([404, { detail: 'Not found' }])
})
