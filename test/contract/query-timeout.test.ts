// A question that takes the database too long is given up, and others are answered.

import { expect, test } from 'bun:test'
import { QueryTooLong } from '../../src/storage/errors'
import { ownQuery } from '../support/own-query'
import { withServer } from '../support/server'

/** No time at all: what looks at more than a few hundred rows is given up. */
const server = withServer({}, {}, { queryTimeoutSeconds: 0 })
const TOO_LONG = {
  status: 503,
  body: {
    detail:
      'To find this takes too long (--query-timeout): ask for less, by a narrower filter or a simpler ordering.',
  },
}

/** Jobs, or one job with tests, more than are looked at without a look at the clock. */
async function fill(): Promise<void> {
  const tests = Array.from({ length: 600 }, (_, test) => ({ tag: `${test}-run.py`, status: 'FAIL' }))
  const jobs = Array.from({ length: 600 }, (_, job) => ({
    id: `nightly-${job}`,
    description: `nightly ${job}`,
  }))
  const lines = [{ id: 'large', time: '2026-11-24T11:00:00Z', tests }, ...jobs]
  const body = lines.map((line) => JSON.stringify(line)).join('\n')
  expect((await server.client.request('POST', '/imports/?format=ndjson', { body })).status).toBe(201)
}

test('lists whose filter or ordering looks at all rows are given up, in a sentence', async () => {
  await fill()
  for (const path of [
    '/jobs/?search=nightly',
    '/jobs/?search=night&status=none',
    '/jobs/?status=none&time_after=2020-01-01T00:00:00Z',
    '/jobs/?ordering=status,-time',
    '/jobs/large/tests/?search=nothing',
    '/jobs/large/tests/?ordering=-severity',
    '/statistics/failing/?days=7',
    '/jobs/compare/?job=large&base=nightly-7',
    '/matrix/?days=90',
    '/triage/?since=2026-01-01T00:00',
    '/tests/runs/?status=WARN',
    '/api/v2.0/results?testcases:like=*x*',
    '/api/v2.0/groups?description:like=*x*',
    '/api/v2.0/results/latest',
  ]) {
    const { status, body } = await server.stranger.get(path)
    const detail = body.detail ?? body.message
    expect({ path, status, body: { detail } }).toEqual({ path, ...TOO_LONG })
  }
})

test('what is found by an index is answered, and so is all else after something was given up', async () => {
  await fill()
  for (const path of [
    '/jobs/?search=nightly',
    '/jobs/',
    '/jobs/?ordering=-time&page=last',
    '/jobs/?search=599',
    '/jobs/nightly-7/',
    '/jobs/large/tests/?page=3',
    '/jobs/large/tests/summary/',
    '/statistics/',
  ]) {
    const { status } = await server.stranger.get(path)
    expect([path, status]).toEqual([path, path === '/jobs/?search=nightly' ? 503 : 200])
  }
  expect((await server.client.post('/jobs/large/tests/', { tag: 'one-more' })).status).toBe(200)
  expect((await server.client.delete('/jobs/large/')).status).toBe(204)
})

test('the transaction of what was given up has ended', async () => {
  await fill()
  expect(
    server.database.read(
      ownQuery(async (connection) => {
        for (;;) connection.row('SELECT count(*) FROM job WHERE in_time()')
      }),
    ),
  ).rejects.toThrow(QueryTooLong)
  const { number } = await server.makeJob({ id: 'later' })
  expect((await server.stranger.get('/jobs/later/')).body.number).toBe(number)
})
