// What tells of one job comes by many roads: live by two plugins' protocols, as a journal, results.json and a directory.
// In whatever order, all meet in the same tests, and each test has its name without suite and number.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'
import { tar } from './archives'
import { journal, pluginResult, resultsJson, type SourceTest } from './avocado-sources'

const server = withServer()
const JOB = '5656565656565656565656565656565656565656'

const tests: SourceTest[] = [
  { id: '1-1-/bin/true;run-a', name: '/bin/true;run-a', status: 'PASS', at: 1 },
  { id: 'sanity-2-ok.py:Ok.test', name: 'ok.py:Ok.test', status: 'FAIL', at: 3 },
  { id: 'rhel-9-slow-10-ok.py:Ok.test', name: 'ok.py:Ok.test', status: 'PASS', at: 5 },
  { id: '3-3-way merge', name: '3-way merge', status: 'PASS', at: 7 },
]

const send = async (body: string | Uint8Array) => {
  const { status, body: answer } = await server.client.request('POST', '/imports/', { body: body as string })
  expect({ answer, ok: status === 200 || status === 201 }).toEqual({ answer, ok: true })
}

const roads: Record<string, () => Promise<void>> = {
  async 'the resultsdb plugin'() {
    const group = { uuid: JOB, description: 'job-2026-11-24T11.00-5656565', ref_url: null }
    expect((await server.client.post('/api/v2.0/groups', group)).status).toBe(201)
    for (const one of tests) {
      expect((await server.client.post('/api/v2.0/results', pluginResult(JOB, one))).status).toBe(201)
    }
  },
  async 'avocado-journal-replay'() {
    await server.client.post('/jobs/', new URLSearchParams({ uniqueident: JOB }))
    for (const { id, status } of tests) {
      for (const [activity, more] of [['STARTED', {}] as const, ['ENDED', { status }] as const]) {
        const time = `2026-11-24T11:00:0${activity === 'STARTED' ? 1 : 2}`
        const form = new URLSearchParams({ activity, time, test_tag: `'${id}'`, ...(more as object) })
        expect((await server.client.post(`/jobs/${JOB}/test_activity/`, form)).status).toBe(200)
      }
    }
  },
  'a journal': () => send(journal(JOB, tests)),
  'an old journal': () => send(journal(JOB, tests, { quoted: true })),
  'results.json': () => send(resultsJson(JOB, tests)),
  'a directory': () =>
    send(
      tar([
        { name: 'job/results.json', content: resultsJson(JOB, tests) },
        { name: 'job/.journal.sqlite', content: journal(JOB, tests) },
        { name: 'job/test-results/sanity-2-ok.py_Ok.test/debug.log', content: 'log' },
      ]),
    ),
}

const right = [
  ['1-1-/bin/true;run-a', '/bin/true', '1', 'run-a', 'PASS'],
  ['3-3-way merge', '3-way merge', undefined, null, 'PASS'],
  ['rhel-9-slow-10-ok.py:Ok.test', 'ok.py:Ok.test', 'rhel-9-slow', null, 'PASS'],
  ['sanity-2-ok.py:Ok.test', 'ok.py:Ok.test', 'sanity', null, 'FAIL'],
]

const stored = async () =>
  (await server.stranger.all(`/jobs/${JOB}/tests/?include=details`))
    .map(({ tag, name, suite, variant, status }) => [tag, name, suite, variant, status])
    .sort()

const orders = Object.keys(roads).flatMap((first) =>
  Object.keys(roads).flatMap((second) => (first === second ? [] : [[first, second] as const])),
)

test.each(orders)('%s, then %s', async (first, second) => {
  await roads[first]?.()
  await roads[second]?.()
  const tags = (await stored()).map(([tag]) => tag)
  expect(tags).toEqual(right.map(([tag]) => tag))
  await roads['results.json']?.()
  expect(await stored()).toEqual(right)
  await roads[first]?.()
  expect(await stored()).toEqual(right)
})

test('runs of one test in two jobs of the same suite are its history', async () => {
  const other = '6666666666666666666666666666666666666666'
  await roads['results.json']?.()
  await send(
    resultsJson(other, [{ id: 'sanity-1-ok.py:Ok.test', name: 'ok.py:Ok.test', status: 'PASS', at: 0 }]),
  )
  const path = `/jobs/${other}/tests/${encodeURIComponent('sanity-1-ok.py:Ok.test')}/history/`
  expect((await server.stranger.get(path)).body.count).toBe(2)
})

test('a suite whose name a file system would not like', async () => {
  const one: SourceTest = { id: 'a/b-1-ok.py:Ok.test', name: 'ok.py:Ok.test', status: 'PASS', at: 0 }
  await server.client.post('/api/v2.0/results', pluginResult(JOB, one))
  await send(resultsJson(JOB, [one]))
  expect(await stored()).toEqual([['a/b-1-ok.py:Ok.test', 'ok.py:Ok.test', 'a/b', null, 'PASS']])
})

test('a name that its folder has only the beginning of', async () => {
  const name = `${'long '.repeat(50)}.py:Long.test`
  const one: SourceTest = { id: `sanity-3-${name};run-a`, name: `${name};run-a`, status: 'PASS', at: 0 }
  const result = pluginResult(JOB, one)
  result.data.logdir = `/results/test-results/${`sanity-3-${name}`.slice(0, 240)};run-a`.replaceAll(';', '_')
  await server.client.post('/api/v2.0/results', result)
  await send(resultsJson(JOB, [one]))
  expect(await stored()).toEqual([[one.id, name, 'sanity', 'run-a', 'PASS']])
})
