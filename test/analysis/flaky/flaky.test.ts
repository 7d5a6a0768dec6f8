// GET /flaky/: the tests that fail now and then by themselves.

import { expect, test } from 'bun:test'
import { repairAnalyses } from '../../../src/analysis/series/check'
import { formatTime } from '../../../src/lib/time'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { DAY, environmentOf, nightly } from '../series/lab'

const server = withServer()

const ask = async (query = '') => {
  const { status, body } = await server.client.get(`/flaky/?${query}`)
  expect([query, status]).toEqual([query, 200])
  return body
}
const names = (body: { results: { testcase: string }[] }) => body.results.map(({ testcase }) => testcase)

/** Posts a job with several runs of tests that took so many seconds, `hours` before now. */
const post = (id: string, hours: number, host: string, tests: object[], labels = {}) =>
  server.makeJob({ id, time: formatTime(NOW - (hours * DAY) / 24), labels: { host, ...labels }, tests })

/** The worked example: flakes on A, a regression on B. */
async function workedExample() {
  const one = await environmentOf(server, '43', ['qemu-kvm=1'])
  const other = await environmentOf(server, '43', ['qemu-kvm=2'])
  await nightly(server, 'a', 'PPFPPPPFPP', { environments: Array(10).fill(one), reason: 'lost 12 packets' })
  await nightly(server, 'b', 'PPPFFFFF', {
    environments: [...Array(3).fill(one), ...Array(5).fill(other)],
    reason: 'no such device',
  })
}

test('the worked example: two flakes in 13 runs; an update that broke the test is none', async () => {
  await workedExample()
  await settle(server)
  const { results, window, count } = await ask()
  expect(count).toBe(1)
  const [{ rate, low, high, streaks, rerun, ...item }] = results
  expect({ ...streaks, rate: streaks.rate.toFixed(4), low: streaks.low.toFixed(4) }).toEqual({
    runs: 13,
    flakes: 2,
    events: 2,
    rate: '0.1538',
    low: '0.0523',
  })
  expect(low < rate && rate < high).toBe(true)
  expect(item).toEqual({
    testcase: 'x',
    suite: '',
    name: 'x',
    variant: null,
    flaky: true,
    hosts: ['a'],
    templates: ['lost <*> packets'],
    template_ids: [expect.any(Number)],
    last_flake: {
      job: 'a-7',
      job_number: expect.any(Number),
      time: formatTime(NOW - 3 * DAY),
      test: expect.any(Number),
    },
    cost_seconds: 0,
  })
  expect(rerun).toEqual({
    flake_rate: rate,
    probability: expect.closeTo((0.95 / rate) ** 5 / (1 + (0.95 / rate) ** 5), 12), // five failures in a row on b
    more_runs: { if_fails: 0, if_passes: expect.any(Number) },
    to_prove_fix: Math.ceil(Math.log(0.05) / Math.log(1 - rate)),
  })
  expect(window).toEqual({ from: '2026-08-26T00:00:00Z', to: '2026-11-24T12:01:00Z' })
})

test('a long streak with updates at both edges is no flake; without any update it is one event, which is not enough', async () => {
  const ids = [await environmentOf(server, '43', ['a=1']), await environmentOf(server, '43', ['a=2'])]
  const streak = 'PPPPPFFFFFPPPPP'
  const updates = [...streak].map((letter) => (letter === 'F' ? ids[1] : ids[0])) as number[]
  await nightly(server, 'a', streak, { tag: '1-updated', environments: updates })
  await nightly(server, 'b', streak, { tag: '1-same', environments: Array(15).fill(ids[0]) })
  await settle(server)
  expect(await ask()).toMatchObject({ count: 0, results: [] })
  const [same, ...others] = (await ask('all=true')).results
  expect(others).toEqual([])
  expect(same).toMatchObject({ testcase: 'same', flaky: false, streaks: { runs: 15, flakes: 5, events: 1 } })
})

test('a flaky test that fails now says what more runs would tell', async () => {
  const environment = await environmentOf(server, '43', ['a=1'])
  await nightly(server, 'a', 'PPFPPPPFPPPPPPFPPPF', { environments: Array(19).fill(environment) })
  await settle(server)
  const [{ streaks, rerun, rate }] = (await ask()).results
  expect(streaks).toMatchObject({ runs: 18, flakes: 3, events: 3 })
  const odds = 0.95 / rate
  expect(rerun).toEqual({
    flake_rate: rate,
    probability: expect.closeTo(odds / (1 + odds), 12),
    more_runs: { if_fails: 1, if_passes: 2 },
    to_prove_fix: Math.ceil(Math.log(0.05) / Math.log(1 - rate)),
  })
})

test('flakes cost the time that they took, and the list is in the order that was asked for', async () => {
  const run = (tag: string, seconds: number, status = 'PASS') => ({
    tag,
    status,
    elapsed_time: seconds,
    ...(status === 'FAIL' && { fail_reason: `${tag} broke` }),
  })
  for (let night = 0; night < 12; night++) {
    await post(`job-${night}`, 300 - night, 'a', [
      run('1-short', 1, night % 4 === 1 ? 'FAIL' : 'PASS'),
      run('2-long', 100.5, night % 6 === 2 ? 'FAIL' : 'PASS'),
      run('3-sound', 5),
    ])
  }
  await settle(server)
  const byCost = await ask('ordering=-cost_seconds')
  expect(byCost.results.map(({ testcase, cost_seconds }: never) => [testcase, cost_seconds])).toEqual([
    ['long', 201],
    ['short', 3],
  ])
  expect(names(await ask('ordering=testcase'))).toEqual(['long', 'short'])
  expect(names(await ask('ordering=-flakes'))).toEqual(['short', 'long'])
  expect(names(await ask('ordering=-last_flake'))).toEqual(['short', 'long'])
  expect(names(await ask('name=lon'))).toEqual(['long'])
  expect(names(await ask('testcase=short'))).toEqual(['short'])
  expect(names(await ask('page_size=1&page=2'))).toHaveLength(1)
  expect((await server.client.get('/flaky/?page=3')).status).toBe(404)
})

test('with conditions on jobs, or another window, the rates are those of these runs', async () => {
  await workedExample()
  const tests = [{ tag: '1-x', status: 'PASS' }]
  for (let at = 0; at < 5; at++) await post(`stable-${at}`, 100 + at, 'c', tests, { branch: 'stable' })
  await settle(server)
  expect(names(await ask('host=a'))).toEqual(['x'])
  expect(names(await ask('host=b'))).toEqual([])
  expect(names(await ask('branch=main'))).toEqual(['x'])
  expect(names(await ask('label=branch:stable'))).toEqual([])
  const [whole] = (await ask('days=90')).results
  const [stored] = (await ask()).results
  expect(whole).toEqual(stored)
  const [ofA] = (await ask('host=a')).results
  expect(ofA).toMatchObject({ hosts: ['a'], streaks: { runs: 10, flakes: 2, events: 2 } })
  // Only the second flake is in the last 5 days: that is one event.
  expect(names(await ask('days=5'))).toEqual([])
  expect((await ask('days=5&all=true')).results).toMatchObject([{ streaks: { flakes: 1 } }])
  expect(names(await ask(`until=${formatTime(NOW - 30 * DAY)}&all=true`))).toEqual([])
})

test('bad parameters are refused with a sentence', async () => {
  for (const [query, field] of [
    ['days=0', 'days'],
    ['days=x', 'days'],
    ['until=yesterday', 'until'],
    ['all=perhaps', 'all'],
    ['label=!a&label=!b&label=!c&label=!d&label=!e', 'label'],
  ] as const) {
    const { status, body } = await server.client.get(`/flaky/?${query}`)
    expect([query, status, Object.keys(body)]).toEqual([query, 400, [field]])
  }
})

test('a new run, a correction and a deletion change the list once they are analysed', async () => {
  const environment = await environmentOf(server, '43', ['a=1'])
  const ids = await nightly(server, 'a', 'PPFPPPFPP', { environments: Array(9).fill(environment) })
  expect((await ask()).incomplete).toBe(true)
  await settle(server)
  expect((await ask()).results).toMatchObject([{ streaks: { flakes: 2, events: 2 } }])
  await server.client.patch(`/jobs/${ids[6]}/tests/1-x/`, { elapsed_time: 7 })
  await settle(server)
  expect((await ask()).results).toMatchObject([{ cost_seconds: 7 }])
  await server.client.delete(`/jobs/${ids[2]}/`)
  await settle(server)
  expect((await ask()).results).toEqual([])
  expect((await ask('all=true')).results).toMatchObject([{ streaks: { runs: 8, flakes: 1, events: 1 } }])
})

test('check finds a stored row that is not that of the runs, and repair makes it anew', async () => {
  await workedExample()
  await settle(server)
  const before = await ask()
  const connection = openConnection(server.database.path)
  connection.database.run('UPDATE testcase_flakiness SET events = 7, cost = 5')
  connection.database.run('DELETE FROM template_run')
  connection.close()
  const background = { database: server.database, clock: () => server.now }
  expect(await repairAnalyses(background)).toMatchObject([{ count: 1 }])
  expect(await ask()).toEqual(before)
})
