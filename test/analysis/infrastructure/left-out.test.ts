// What is told of tests leaves out jobs that are infrastructure, and nothing else.

import { beforeEach, expect, test } from 'bun:test'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { post, postNights } from './lab'

const server = withServer()
const GOOD = 'PPPPPPPPPPPP'
const NIGHT = 'EEPEEFEPEEEE'

const get = async (path: string) => (await server.client.get(path)).body

beforeEach(async () => {
  await postNights(server, [GOOD, GOOD, GOOD, NIGHT, GOOD, GOOD])
  await settle(server)
})

test('history shows the runs with a flag, and counts them only where it is asked to', async () => {
  const history = await get('/tests/history/?testcase=t0;a')
  const flags = history.runs.map((run: { infrastructure?: true; flake: boolean }) => [
    run.infrastructure ?? false,
    run.flake,
  ])
  const steady = [false, false]
  expect(flags).toEqual([steady, steady, [true, false], steady, steady, steady])
  expect(history.series.map(({ runs, failures }: Record<string, number>) => [runs, failures])).toEqual([
    [5, 0],
  ])
  expect(history.testcases[0].streaks.flakes).toBe(0)
  const all = await get('/tests/history/?testcase=t0;a&include=infrastructure')
  expect(all.series.map(({ runs, failures }: Record<string, number>) => [runs, failures])).toEqual([[6, 1]])
  expect((await server.client.get('/tests/history/?testcase=t0;a&include=nights')).body).toEqual({
    include: ['"nights" is no kind of run: use infrastructure.'],
  })
})

test('no regression and no flake is made of it, and a comparison takes another baseline', async () => {
  expect((await get('/regressions/')).results).toEqual([])
  await post(server, { id: 'bad', ago: 0.4, results: NIGHT })
  await post(server, { id: 'after', ago: 0.3, results: GOOD })
  await settle(server)
  const compare = async () => (await get('/jobs/compare/?job=after')).base
  expect(await compare()).toBe('bad') // it is suspected: that leaves nothing out
  await server.client.put('/jobs/bad/verdict/', { verdict: 'infrastructure' })
  expect(await compare()).toBe('rack1-5')
})

test('while a job is only suspected, all that it tells counts', async () => {
  await post(server, { id: 'bad', ago: 0.1, results: NIGHT })
  await settle(server)
  expect((await get('/jobs/bad/verdict/')).verdict).toBe('suspected')
  const [series] = (await get('/tests/history/?testcase=t0;a')).series
  expect([series.state, series.failures]).toEqual(['failing', 1])
})
