// Triage: bad nights have a line of their own, and those that are certain are in no cause.

import { expect, test } from 'bun:test'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { post, postNights } from './lab'

const server = withServer()
const GOOD = 'PPPPPPPPPPPP'
const NIGHT = 'EEPEEFEPEEEE'

const triage = async (query = '') => (await server.client.get(`/triage/?since=2026-11-22T00:00${query}`)).body
const lines = (body: { infrastructure: { results: Record<string, unknown>[] } }) =>
  body.infrastructure.results.map(({ job, host, verdict, verdict_by, broken, expected }) => [
    ...[job, host, verdict, verdict_by, broken, expected],
  ])

test('suspected jobs come first, and infrastructure leaves the causes', async () => {
  await postNights(server, [GOOD, GOOD, NIGHT, GOOD], { host: 'a' })
  await postNights(server, [GOOD, GOOD, GOOD, NIGHT], { host: 'b' })
  await settle(server)
  const body = await triage()
  expect(lines(body)).toEqual([
    ['b-3', 'b', 'suspected', null, 10, 12],
    ['a-2', 'a', 'infrastructure', null, 10, 12],
  ])
  expect([body.infrastructure.count, body.infrastructure.suspected]).toEqual([2, 1])
  expect(body.window.failures).toBe(10) // those of b alone
  expect(lines(await triage('&host=a'))).toEqual([['a-2', 'a', 'infrastructure', null, 10, 12]])
  await server.client.put('/jobs/b-3/verdict/', { verdict: 'infrastructure', comment: 'switch' })
  await server.client.put('/jobs/a-2/verdict/', { verdict: 'none' })
  await settle(server)
  const after = await triage()
  expect(lines(after)).toEqual([['b-3', 'b', 'infrastructure', 'admin', 10, 12]])
  expect(after.window.failures).toBe(10) // those of a alone
  expect(after.infrastructure.results[0].reason).toBe('admin said so.')
})

test('a job that somebody calls infrastructure is listed though it is no mass failure', async () => {
  await postNights(server, [GOOD, 'EPPPPPPPPPPP'])
  await server.client.put('/jobs/rack1-1/verdict/', { verdict: 'infrastructure' })
  await settle(server)
  expect(lines(await triage())).toEqual([['rack1-1', 'rack1', 'infrastructure', 'admin', null, null]])
})

test('what arrived since somebody looked is listed, whenever it ran', async () => {
  await postNights(server, [GOOD, '-', GOOD])
  await settle(server)
  server.now += 60_000_000
  await post(server, { id: 'late', ago: 2, results: NIGHT })
  await settle(server)
  const looked = '2026-11-24T07:42:30Z'
  const { body } = await server.client.get(`/triage/?since=looked&looked_at=${looked}`)
  expect(lines(body).map(([job]) => job)).toEqual(['late'])
})
