// What all answers about runs have in common: which runs there are, in which order, and to which series they belong.

import { describe, expect, test } from 'bun:test'
import { formatTime } from '../../src/lib/time'
import { NOW, withServer } from '../support/server'
import { settle } from '../support/settled'
import { DAY, environmentOf, nightly } from './series/lab'

const server = withServer()
const HOUR = DAY / 24

interface Series {
  host: string | null
  branch: string | null
  distro: string | null
  runs: number
  failures: number
  flakes: number
  streak: number
}

async function history(query = 'name=x') {
  await settle(server)
  const { status, body } = await server.client.get(`/tests/history/?${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return body
}
const jobsOf = async () => (await history()).runs.map(({ job }: { job: string }) => job)
const seriesOf = async (): Promise<Series[]> => (await history()).series

/** A job with one test that passes. */
const ran = (id: string, more: object, test: object = {}) =>
  server.makeJob({ id, tests: [{ tag: '1-x', status: 'PASS', ...test }], ...more })

describe('series', () => {
  test.each(['localhost', 'localhost.localdomain', '(none)', '0123456789ab'])(
    'the host %s is unknown, and one series with the jobs that name none',
    async (host) => {
      await ran('a', { labels: { host } })
      await ran('b', {})
      expect(await seriesOf()).toMatchObject([{ host: null, runs: 2 }])
    },
  )

  test('branches part series, and no branch is one of its own', async () => {
    for (const [id, branch] of [
      ['a', 'main'],
      ['b', 'next'],
      ['c', 'main'],
    ] as const) {
      await ran(id, { labels: { host: 'rack7', branch } })
    }
    await ran('d', { labels: { host: 'rack7' } })
    const found = (await seriesOf()).map(({ branch, runs }) => [branch, runs])
    expect(found.toSorted()).toEqual(
      [
        ['main', 2],
        ['next', 1],
        [null, 1],
      ].toSorted(),
    )
  })

  test('versions of a distro part series, releases and packages do not; without environment the distro is that of the job before, else of the next', async () => {
    const [old, update, other] = [
      await environmentOf(server, '43', ['bash=1']),
      await environmentOf(server, '43', ['bash=2']),
      await environmentOf(server, '44', ['bash=2']),
    ]
    for (const [day, environment] of [undefined, old, undefined, update, other, undefined].entries()) {
      const time = formatTime(NOW - (10 - day) * DAY)
      await ran(
        `job-${day}`,
        { time, labels: { host: 'rack7' } },
        environment === undefined ? {} : { environment },
      )
    }
    const found = (await seriesOf()).map(({ distro, runs }) => [distro, runs])
    expect(found.toSorted()).toEqual([
      ['fedora 43 x86_64', 4],
      ['fedora 44 x86_64', 2],
    ])
    // The environment of the first job comes late, and is another one.
    await server.client.patch('/jobs/job-0/tests/1-x/', { environment: other })
    expect((await seriesOf()).map(({ runs }) => runs).toSorted()).toEqual([3, 3])
  })

  test('a corrected label moves a run, and a deleted job takes it away', async () => {
    const ids = await nightly(server, 'rack7', 'PPFF')
    expect(await seriesOf()).toMatchObject([{ host: 'rack7', runs: 4, streak: 2 }])
    await server.client.patch(`/jobs/${ids[3]}/`, { labels: { host: 'rack8' } })
    const moved = (await seriesOf()).map(({ host, runs, streak }) => [host, runs, streak])
    expect(moved.toSorted()).toEqual([
      ['rack7', 3, 1],
      ['rack8', 1, 1],
    ])
    await server.client.delete(`/jobs/${ids[3]}/`)
    await server.client.patch(`/jobs/${ids[2]}/tests/1-x/`, { status: 'PASS' })
    expect(await seriesOf()).toMatchObject([{ host: 'rack7', runs: 3, failures: 0, streak: 3 }])
  })
})

describe('runs', () => {
  test('what was skipped or cancelled neither ends nor joins a streak', async () => {
    await nightly(server, 'rack7', 'PPFSFSF')
    expect(await seriesOf()).toMatchObject([{ runs: 5, failures: 3, streak: 3, flakes: 0 }])
  })

  test('two runs of one test in one job both count: it failed, then passed, and so flaked', async () => {
    const time = formatTime(NOW - HOUR)
    const runs = (first: object, second: object) => [
      { tag: '1-x', started: time, elapsed_time: 1, ...first },
      { tag: '2-x', started: formatTime(NOW - HOUR + 5_000_000), elapsed_time: 1, ...second },
    ]
    const failed = { status: 'FAIL', fail_reason: 'no' }
    await nightly(server, 'rack7', 'PP')
    // It is stored in the other order.
    const tests = runs(failed, { status: 'PASS' }).toReversed()
    await server.makeJob({ id: 'twice', time, labels: { host: 'rack7', branch: 'main' }, tests })
    expect(await seriesOf()).toMatchObject([{ runs: 4, failures: 1, flakes: 1, streak: 1 }])
    const { runs: shown } = await history()
    expect(shown.slice(0, 2).map(({ outcome, flake }: never) => [outcome, flake])).toEqual([
      ['passed', false],
      ['failed', true],
    ])
  })

  test('a renamed test is a missing and a new one', async () => {
    const at = (hours: number) => ({
      time: formatTime(NOW - hours * HOUR),
      labels: { host: 'rack7' },
      status: 'PASS',
    })
    const others = ['a', 'b', 'c', 'd'].map((name, index) => ({
      tag: `${index + 2}-${name}`,
      status: 'PASS',
    }))
    await server.makeJob({ id: 'before', ...at(2), tests: [{ tag: '1-old', status: 'PASS' }, ...others] })
    await server.makeJob({ id: 'after', ...at(1), tests: [{ tag: '1-new', status: 'PASS' }, ...others] })
    const { body } = await server.client.get('/jobs/compare/?job=after')
    expect(body).toMatchObject({ base: 'before', counts: { missing: 1, new_test: 1, unchanged: 4 } })
    expect((await history('name=old')).count).toBe(1)
  })

  test('an unknown environment is never the same as another: nothing is known of what changed', async () => {
    const environment = await environmentOf(server, '43', ['bash=1'])
    await nightly(server, 'rack7', 'PFFFP')
    // Three failures may have been mended by an update that nobody recorded.
    expect(await seriesOf()).toMatchObject([{ failures: 3, flakes: 0 }])
    await nightly(server, 'rack8', 'PFFFP', { environments: Array(5).fill(environment) })
    expect((await seriesOf()).find(({ host }) => host === 'rack8')).toMatchObject({ failures: 3, flakes: 3 })
    const { runs } = await history('name=x&host=rack7')
    expect(runs.map(({ changed }: { changed: unknown }) => changed)).toEqual(Array(5).fill(null))
  })
})

describe('order', () => {
  test('runs are in the order of their starts, then of jobs, then of tags, whenever they came', async () => {
    const moment = formatTime(NOW - 2 * HOUR)
    const both = [
      { tag: '2-x', status: 'PASS' },
      { tag: '1-x', status: 'PASS' },
    ]
    await server.makeJob({ id: 'b', time: moment, tests: both })
    await ran('late', { time: formatTime(NOW - 3 * HOUR) })
    await server.makeJob({ id: 'a', time: moment, tests: both.toReversed() })
    // Its job began before, the test after all others.
    await ran('long', { time: formatTime(NOW - 5 * HOUR) }, { started: formatTime(NOW - HOUR) })
    expect(await jobsOf()).toEqual(['long', 'b', 'b', 'a', 'a', 'late'])
    const { runs } = await history()
    const tests = await server.client.all('/jobs/b/tests/')
    const tagOf = new Map(tests.map(({ id, tag }) => [id, tag]))
    expect(runs.slice(1, 3).map(({ test }: { test: number }) => tagOf.get(test))).toEqual(['2-x', '1-x'])
  })

  test('a start before 2000, or more than an hour ahead, is a wrong clock: the time of receipt stands in', async () => {
    await ran('good', { time: formatTime(NOW - HOUR) })
    await ran('of 1999', { id: 'old', time: '1999-12-31T23:59:59Z' })
    await ran('ahead', { time: formatTime(NOW + 2 * HOUR) })
    await ran('a-little', { time: formatTime(NOW + HOUR / 2) })
    await ran('of-test', { time: formatTime(NOW - HOUR / 2) }, { started: '2031-01-01T00:00:00Z' })
    const { runs } = await history()
    const told = runs.map(({ job, time, wrong_clock }: never) => [job, time, wrong_clock ?? false])
    expect(told).toEqual([
      ['a-little', formatTime(NOW + HOUR / 2), false],
      ['old', formatTime(NOW), true],
      ['of-test', formatTime(NOW), true],
      ['ahead', formatTime(NOW), true],
      ['good', formatTime(NOW - HOUR), false],
    ])
  })
})

describe('the window', () => {
  test('is the last 90 days, and days= widens it; a test that no longer runs has that which ends with its last run', async () => {
    for (const days of [10, 80, 100, 300]) await ran(`d${days}`, { time: formatTime(NOW - days * DAY) })
    expect((await history()).window).toMatchObject({ runs: 2, truncated: false })
    expect((await history('name=x&days=200')).window.runs).toBe(3)
    expect((await history('name=x&days=5')).window.runs).toBe(0)
    await ran('gone', { time: formatTime(NOW - 400 * DAY) }, { tag: '1-gone' })
    await ran('gone-before', { time: formatTime(NOW - 450 * DAY) }, { tag: '1-gone' })
    expect((await history('name=gone')).window).toMatchObject({ runs: 2, to: formatTime(NOW - 400 * DAY) })
  })

  test('has at most 1,000 runs, the newest, and says that there are more', async () => {
    const line = (number: number) =>
      JSON.stringify({
        id: `job-${number}`,
        time: formatTime(NOW - (number + 1) * 60_000_000),
        labels: { host: 'rack7' },
        tests: [{ tag: '1-x', status: number === 1000 ? 'FAIL' : 'PASS' }],
      })
    const body = Array.from({ length: 1002 }, (_, number) => `${line(number)}\n`).join('')
    const reply = await server.client.request('POST', '/imports/?format=ndjson', { body })
    expect(reply.status).toBe(201)
    const { window, series } = await history()
    expect(window).toMatchObject({ runs: 1000, truncated: true })
    expect(series).toMatchObject([{ runs: 1000, failures: 0, since_is_older: true }])
  })
})
