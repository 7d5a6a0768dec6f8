// GET /hosts/: how hosts do, and who is to blame.

import { expect, test } from 'bun:test'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { postNights } from './lab'

const server = withServer()
const GOOD = 'PPPPPPPPPPPP'
const NIGHT = 'EEPEEFEPEEEE'
const SICK = 'FFFPPPPPPPPP'

const get = async (path: string) => (await server.client.get(path)).body
const lines = async (query = '') =>
  (await get(`/hosts/?${query}`)).results.map(
    ({ host, jobs, failed_rate, expected_rate, blame }: Record<string, unknown>) => [
      host,
      jobs,
      failed_rate,
      expected_rate,
      blame,
    ],
  )

test('a host that fails more than the others is to blame, and comes first', async () => {
  const nights = Array.from({ length: 6 }, () => GOOD)
  await postNights(server, nights, { host: 'a' })
  await postNights(server, nights, { host: 'b' })
  await postNights(
    server,
    Array.from({ length: 6 }, () => SICK),
    { host: 'sick' },
  )
  await settle(server)
  expect(await lines()).toEqual([
    ['sick', 6, 0.25, 0, 'host'],
    ['a', 6, 0, 0.125, 'noise'],
    ['b', 6, 0, 0.125, 'noise'],
  ])
  expect(await lines('blame=host')).toEqual([['sick', 6, 0.25, 0, 'host']])
  expect((await lines('ordering=-host&page_size=1'))[0][0]).toBe('sick')
  const [sick] = (await get('/hosts/?host=sick')).results
  expect([sick.last_job.job, sick.verdict, sick.expected_rate, sick.blame]).toEqual([
    'sick-5',
    'none',
    null,
    null,
  ])
})

test('bad nights are counted, and left out of the rates unless asked for', async () => {
  for (const host of ['a', 'b']) await postNights(server, [GOOD, GOOD, NIGHT, GOOD], { host })
  await postNights(server, [GOOD, GOOD, GOOD, NIGHT], { host: 'c' })
  await settle(server)
  const { results } = await get('/hosts/?ordering=host')
  const numbers = results.map((row: Record<string, unknown>) => [
    ...[row.host, row.jobs, row.infrastructure_jobs, row.suspected_jobs, row.verdict],
    Number((row.failed_rate as number).toFixed(3)),
  ])
  expect(numbers).toEqual([
    ['a', 4, 1, 0, 'none', 0],
    ['b', 4, 1, 0, 'none', 0],
    ['c', 4, 0, 1, 'suspected', 0.208],
  ])
  const all = (await get('/hosts/?ordering=host&include=infrastructure')).results
  expect(Number(all[0].failed_rate.toFixed(3))).toBe(0.208)
  expect((await lines('verdict=suspected')).map(([host]: unknown[]) => host)).toEqual(['c'])
  expect((await server.client.get('/hosts/?blame=nobody')).body).toEqual({
    blame: ['"nobody" is no blame: use host, product or noise.'],
  })
})
