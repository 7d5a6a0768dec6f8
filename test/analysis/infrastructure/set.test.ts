// What people say of a job: who may, what it changes, and that it stays.

import { expect, test } from 'bun:test'
import { repairAnalyses } from '../../../src/analysis/series/check'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { postNights } from './lab'

const server = withServer()

const GOOD = 'PPPPPPPPPPPP'
const NIGHT = 'EEPEEFEPEEEE'

const verdictOf = async (job: string) => (await server.client.get(`/jobs/${job}/verdict/`)).body

test('GET /jobs/:job/verdict/ tells what the server found, and why', async () => {
  await postNights(server, [GOOD, GOOD, NIGHT, GOOD])
  await settle(server)
  expect(await verdictOf('rack1-2')).toEqual({
    job: 'rack1-2',
    job_number: 3,
    verdict: 'infrastructure',
    verdict_by: null,
    set_at: null,
    comment: '',
    reason:
      '10 of 12 tests that had passed at their last run fail here, 9 with ERROR; in the next job of this host 100 % of them passed again, and no component explains it.',
    found: {
      ...{ verdict: 'infrastructure', recovered: true, expected: 12, broken: 10, errors: 9 },
      ...{ runs: 1, passed_again: 1, ran_again: 10, excused: 10, selective: false, relapses: 0 },
    },
    failed: 10,
  })
  expect((await verdictOf('rack1-1')).verdict).toBe('none')
  expect((await server.client.get('/jobs/nowhere/verdict/')).status).toBe(404)
})

test('a verdict that somebody set counts more than what the server found, stays, and is taken back', async () => {
  await postNights(server, [GOOD, GOOD, NIGHT, GOOD])
  await settle(server)
  const body = { verdict: 'none', comment: 'the switch was fine' }
  const { status, body: set } = await server.client.put('/jobs/rack1-2/verdict/', body)
  expect([status, set.verdict, set.verdict_by, set.comment, set.reason]).toEqual([
    200,
    'none',
    'admin',
    'the switch was fine',
    'admin said so.',
  ])
  expect(set.found.verdict).toBe('infrastructure')
  const failures = async () =>
    (await server.client.get('/tests/history/?testcase=t0;a')).body.series[0].failures
  await settle(server)
  expect(await failures()).toBe(1)
  await repairAnalyses(server.services)
  expect((await verdictOf('rack1-2')).verdict).toBe('none')
  expect((await server.client.put('/jobs/rack1-1/verdict/', { verdict: 'infrastructure' })).status).toBe(200)
  expect((await server.client.delete('/jobs/rack1-2/verdict/')).body.verdict).toBe('infrastructure')
  await settle(server)
  expect(await failures()).toBe(0)
  const log = await server.client.all('/audit/?action=verdict-set,verdict-taken-back')
  expect(log.map(({ action, object, detail }) => [action, object, detail])).toEqual([
    ['verdict-taken-back', 'job rack1-2', 'none, set by admin'],
    ['verdict-set', 'job rack1-1', 'infrastructure'],
    ['verdict-set', 'job rack1-2', 'none: the switch was fine'],
  ])
})

test('bad input is refused with a sentence that says what to do, and nothing is changed', async () => {
  await postNights(server, [GOOD])
  const put = (body: object) => server.client.put('/jobs/rack1-0/verdict/', body)
  expect((await put({ verdict: 'suspected' })).body).toEqual({
    verdict: ['"suspected" is no verdict: use infrastructure or none.'],
  })
  expect((await put({})).body).toEqual({ verdict: ['This field is required.'] })
  expect((await put({ verdict: 'none', comment: 'x'.repeat(1001) })).body).toEqual({
    comment: ['Ensure this field has no more than 1000 characters.'],
  })
  expect((await server.client.delete('/jobs/rack1-0/verdict/')).body).toEqual({
    detail: 'Nobody has set a verdict on this job: there is nothing to take back.',
  })
  expect((await verdictOf('rack1-0')).verdict_by).toBeNull()
})

test('members and administrators set verdicts; reporters, readers and strangers do not', async () => {
  await postNights(server, [GOOD])
  const path = '/jobs/rack1-0/verdict/'
  const refusals: [string, number][] = []
  expect((await server.stranger.put(path, { verdict: 'none' })).status).toBe(401)
  for (const role of ['member', 'reporter', 'reader']) {
    const { headers } = await server.client.post('/users/', {
      username: role,
      role,
      password: 'correct horse',
    })
    const user = new URL(headers.get('location') ?? '').pathname
    const { token } = (await server.client.post(`${user}tokens/`, { label: 'l' })).body
    const client = server.stranger.with({ authorization: `Bearer ${token}` })
    refusals.push([role, (await client.put(path, { verdict: 'none' })).status])
  }
  expect(refusals).toEqual([
    ['member', 200],
    ['reporter', 403],
    ['reader', 403],
  ])
})
