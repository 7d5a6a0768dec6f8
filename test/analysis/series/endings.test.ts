// When a job is over, and which jobs are other reports of one.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { ownQuery } from '../../support/own-query'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { environmentOf } from './lab'

const server = withServer()
const MINUTE = 60_000_000

async function rows(text: string): Promise<unknown[]> {
  return server.database.read(
    ownQuery(async ({ database }) => {
      using statement = database.prepare(text)
      return statement.values().flat()
    }),
  )
}
const ended = async (id: string) => (await rows(`SELECT ended_at FROM job WHERE id = '${id}'`))[0]

test('a job is over at its final status, or after 10 minutes of silence; a later run opens it again', async () => {
  const { client } = server
  await server.makeJob({ id: 'final', status: 'PASS', tests: [{ tag: '1-x', status: 'PASS' }] })
  await server.makeJob({ id: 'silent', tests: [{ tag: '1-x', status: 'PASS' }] })
  await server.makeJob({ id: 'runs', status: 'RUNNING', tests: [{ tag: '1-x', status: 'PASS' }] })
  await settle(server)
  expect([await ended('final'), await ended('silent'), await ended('runs')]).toEqual([NOW, null, null])
  server.now += 11 * MINUTE
  await settle(server)
  expect([await ended('final'), await ended('silent'), await ended('runs')]).toEqual([
    NOW,
    server.now,
    server.now,
  ])
  await client.post('/jobs/silent/tests/', { tag: '2-y', status: 'PASS' })
  expect(await ended('silent')).toBeNull()
})

test('an import of a results.json is over at once', async () => {
  const body = JSON.stringify({
    job_id: 'c'.repeat(40),
    tests: [{ id: '1-a', name: 'a', status: 'PASS', start: 1_795_500_000, time: 1 }],
  })
  expect((await server.client.request('POST', '/imports/', { body })).status).toBe(201)
  expect(await ended('c'.repeat(40))).toBe(NOW)
})

const report = (id: string, more: object, start?: number) => ({
  id,
  status: 'FAIL',
  time: formatTime(NOW - 60 * MINUTE),
  labels: { host: 'a' },
  tests: ['x', 'y', 'z', 'w'].map((name, at) => ({
    tag: `${at}-${name}`,
    status: name === 'x' ? 'FAIL' : 'PASS',
    elapsed_time: 1.234567 + at,
    ...(start !== undefined && { started: formatTime(NOW - start * MINUTE) }),
  })),
  ...more,
})

test('two reports of one run count once: the one with starts, and the other when that is deleted', async () => {
  await server.makeJob(report('plain', {}))
  await server.makeJob(report('with-starts', {}, 59))
  await server.makeJob(report('other-host', { labels: { host: 'b' } }, 59))
  await settle(server)
  const duplicates = () =>
    rows('SELECT job.id || " of " || other.id FROM job JOIN job AS other ON other.number = job.duplicate_of')
  expect(await duplicates()).toEqual(['plain of with-starts'])
  const history = async () => {
    const { body } = await server.client.get('/tests/history/?name=x')
    return body.runs.map(({ job }: { job: string }) => job)
  }
  expect((await history()).sort()).toEqual(['other-host', 'with-starts'])
  const counted = async () => {
    const { body } = await server.client.get('/tests/?testcase=x')
    return body.results.map(({ runs, failures }: { runs: number; failures: number }) => [runs, failures])
  }
  expect(await counted()).toEqual([[2, 2]])
  expect(await rows('SELECT sum(runs) FROM series')).toEqual([8])
  await server.client.delete('/jobs/with-starts/')
  await settle(server)
  expect((await history()).sort()).toEqual(['other-host', 'plain'])
  expect(await rows('SELECT sum(runs) FROM series')).toEqual([8])
})

test('a job becomes another report, or ceases to be, by what is corrected after it was over', async () => {
  const duplicates = async () => {
    await settle(server)
    return rows(
      'SELECT job.id || " of " || other.id FROM job JOIN job AS other ON other.number = job.duplicate_of ORDER BY job.id',
    )
  }
  const { client } = server
  await server.makeJob(report('first', {}))
  await server.makeJob(report('second', { labels: { host: 'b' } }, 59))
  expect(await duplicates()).toEqual([])
  await client.patch('/jobs/second/', { labels: { host: 'a' } })
  expect(await duplicates()).toEqual(['first of second'])
  // The one that knows its environment counts, also where the packages come late.
  const environment = await environmentOf(server, '43', ['bash=1'])
  expect((await client.patch('/jobs/first/tests/0-x/', { environment })).status).toBe(200)
  expect(await duplicates()).toEqual(['second of first'])
  await client.patch('/jobs/second/', { labels: { host: 'c' } })
  expect(await duplicates()).toEqual([])
  expect((await client.patch('/jobs/second/', { labels: { host: null } })).status).toBe(200)
  await client.patch('/jobs/first/', { labels: { host: null } })
  expect(await duplicates()).toEqual(['second of first'])
  await client.delete('/jobs/first/')
  expect(await duplicates()).toEqual([])
})
