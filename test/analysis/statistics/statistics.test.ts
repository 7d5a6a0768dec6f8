// /statistics/, /statistics/history/ and /statistics/failing/. The server's clock stands at NOW.

import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatTime } from '../../../src/lib/time'
import { totalsBetween } from '../../../src/results/core/totals'
import { emptyPart } from '../../../src/results/jobs/job-parts'
import { addHiddenJob, addToHiddenJob, type WholeTest } from '../../../src/results/jobs/queries'
import type { Connection } from '../../../src/storage/query'
import { sqliteOf } from '../../../src/storage/sqlite/sqlite-connection'
import { ownQuery } from '../../support/own-query'
import { type MadeJob, NOW, withServer } from '../../support/server'

const SECOND = 1_000_000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR
const ago = (microseconds: number) => formatTime(NOW - microseconds)
const statuses = (...words: (string | null)[]) =>
  words.map((status, index) => ({ tag: `${index}-x`, status }))
const nothing = { jobs: 0, passed: 0, errored: 0, failed: 0, not_applicable: 0, warned: 0, unfinished: 0 }

describe('in UTC', () => {
  const server = withServer()
  const get = async (path: string) => {
    const { status, body } = await server.stranger.get(`/statistics/${path}`)
    return { status, body }
  }

  test('a new server has nothing to tell', async () => {
    const none = { jobs: 0, tests: 0, ran: 0, passed: 0, passrate: null }
    expect(await get('')).toEqual({
      status: 200,
      body: { time: '2026-11-24T12:00:00Z', last_24_hours: none, week_before: none, running: 0 },
    })
    expect(await get('failing/')).toEqual({ status: 200, body: { results: [] } })
    expect((await get('history/?time_after=2026-11-23T00:00:00Z')).body).toEqual({
      interval: 'day',
      results: [
        { time: '2026-11-23T00:00:00Z', ...nothing },
        { time: '2026-11-24T00:00:00Z', ...nothing },
      ],
    })
  })

  test('the last 24 hours and the week before are exact to the microsecond', async () => {
    await server.makeJob({ time: ago(0), tests: statuses('PASS', 'PASS', 'FAIL') })
    await server.makeJob({ time: ago(DAY), tests: statuses('PASS', null, 'SKIP', 'WARN') })
    await server.makeJob({ time: ago(-SECOND), tests: statuses('FAIL') })
    await server.makeJob({ time: ago(DAY + 1), tests: statuses('ERROR') })
    await server.makeJob({ time: ago(8 * DAY) })
    await server.makeJob({ time: ago(8 * DAY + 1), tests: statuses('PASS') })
    expect((await get('')).body).toEqual({
      time: ago(0),
      last_24_hours: { jobs: 2, tests: 7, ran: 5, passed: 3, passrate: 42.86 },
      week_before: { jobs: 2, tests: 1, ran: 1, passed: 0, passrate: 0 },
      running: 1,
    })
  })

  test('jobs run by their status, or with a test that has not ended while they are heard of', async () => {
    await server.makeJob({ id: 'started', status: 'START' })
    await server.makeJob({ id: 'running', status: 'RUNNING', tests: statuses('PASS') })
    await server.makeJob({ id: 'unfinished', tests: statuses('PASS', null) })
    await server.makeJob({ id: 'passed', status: 'PASS', tests: statuses(null) })
    await server.makeJob({ id: 'ended', tests: statuses('PASS') })
    await server.makeJob({ id: 'silent', tests: statuses(null) })
    await server.makeJob({ id: 'spoke', tests: statuses(null) })
    const silence = {
      name: 'silence',
      run: async (connection: Connection) =>
        sqliteOf(connection).execute("UPDATE job SET last_report_at = 0 WHERE id IN ('silent', 'spoke')"),
    }
    await server.database.write(silence, undefined)
    expect((await get('')).body.running).toBe(3)
    const idsOf = async (query: string) =>
      (await server.stranger.get(`/jobs/?${query}`)).body.results.map(({ id }: { id: string }) => id).sort()
    const all = await idsOf('')
    const running = await idsOf('running=true')
    expect(running).toHaveLength(3)
    expect(running).toContain('running')
    expect(await idsOf('running=false')).toEqual(all.filter((id: string) => !running.includes(id)))
    expect(await idsOf('running=true&status=RUNNING')).toEqual(['running'])
    expect((await server.stranger.get('/jobs/?running=true&page_size=1')).body.count).toBe(3)
    expect((await server.stranger.get('/jobs/?running=perhaps')).body).toEqual({
      running: ['"perhaps" is no truth value: use true or false.'],
    })
    await server.client.post('/jobs/spoke/tests/', { tag: 'next', status: 'PASS' })
    expect((await get('')).body.running).toBe(4)
    for (const [path, body] of [
      ['activities/', { activity: 'a', time: ago(0) }],
      ['tests/0-x/activities/', { activity: 'a', time: ago(0) }],
      ['test_activity/', { test_tag: '0-x', activity: 'b', time: ago(0) }],
    ] as const) {
      await server.database.write(silence, undefined)
      expect((await get('')).body.running).toBe(3)
      await server.client.post(`/jobs/silent/${path}`, body)
      expect((await get('')).body.running).toBe(4)
    }
  })

  test('the history has every interval, counted by the time of the jobs', async () => {
    await server.makeJob({
      time: '2026-11-22T23:59:59Z',
      tests: statuses('PASS', 'PASS', 'FAIL', 'ERROR', 'WARN', 'SKIP', null),
    })
    await server.makeJob({ id: 'b', time: '2026-11-24T00:00:00Z', tests: statuses('PASS') })
    const range = 'time_after=2026-11-22T12:00:00Z&time_before=2026-11-24T00:00:01Z'
    const first = { jobs: 1, passed: 2, errored: 1, failed: 1, not_applicable: 1, warned: 1, unfinished: 1 }
    expect(await get(`history/?${range}`)).toEqual({
      status: 200,
      body: {
        interval: 'day',
        results: [
          { time: '2026-11-22T00:00:00Z', ...first },
          { time: '2026-11-23T00:00:00Z', ...nothing },
          { time: '2026-11-24T00:00:00Z', ...nothing, jobs: 1, passed: 1 },
        ],
      },
    })
    await server.client.patch('/jobs/b/', { time: '2026-11-23T10:00:00Z' })
    await server.client.post('/jobs/b/tests/', { tag: 'y', status: 'FAIL' })
    expect((await get(`history/?interval=Week&${range}`)).body).toEqual({
      interval: 'week',
      results: [
        { time: '2026-11-16T00:00:00Z', ...first },
        { time: '2026-11-23T00:00:00Z', ...nothing, jobs: 1, passed: 1, failed: 1 },
      ],
    })
  })

  test('the last 30 days, today included, unless told', async () => {
    const { interval, results } = (await get('history/')).body
    expect([interval, results.length, results[0].time, results.at(-1).time]).toEqual([
      'day',
      30,
      '2026-10-26T00:00:00Z',
      '2026-11-24T00:00:00Z',
    ])
  })

  test.each([
    ['history/?interval=year', { interval: ['"year" is no interval: use hour, day, week or month.'] }],
    [
      'history/?time_after=then',
      {
        time_after: [
          'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
        ],
      },
    ],
    [
      'history/?interval=hour&time_after=2026-09-02T03:00:00Z',
      {
        interval: [
          'This would be more than 2000 intervals: ask for a longer interval or a shorter range of time.',
        ],
      },
    ],
    ['failing/?days=0', { days: ['Ensure this value is greater than or equal to 1.'] }],
    ['failing/?days=91', { days: ['Ensure this value is less than or equal to 90.'] }],
    ['failing/?days=week', { days: ['A valid integer is required.'] }],
  ])('%s is refused', async (path, body) => {
    expect(await get(path)).toEqual({ status: 400, body })
  })

  test('2000 intervals are answered', async () => {
    // 2000 hours before 12:00, and the hour that this very moment begins.
    const { results } = (await get('history/?interval=hour&time_after=2026-09-02T05:00:00Z')).body
    expect(results.length).toBe(2000)
  })

  test('the tests that failed most often lately, by name and variant', async () => {
    const tests = (x: string, v: string, y: string) => [
      { tag: '1-x', status: x },
      { tag: '2-x;v', status: v },
      { tag: '3-y', status: y },
    ]
    const old = await server.makeJob({ time: ago(40 * DAY), tests: tests('PASS', 'PASS', 'FAIL') })
    await server.makeJob({ time: ago(5 * DAY), tests: tests('FAIL', 'PASS', 'PASS') })
    const failed = await server.makeJob({ time: ago(3 * DAY), tests: tests('ERROR', 'FAIL', 'WARN') })
    const last = await server.makeJob({
      id: 'last',
      time: ago(DAY),
      tests: tests('PASS', 'INTERRUPTED', 'SKIP'),
    })
    await server.makeJob({ time: ago(-DAY / 48), tests: [{ tag: 'z', status: 'FAIL' }] })
    const { job } = await server.database.write(addHiddenJob, {
      head: {
        id: 'h',
        description: null,
        time: NOW,
        receivedAt: NOW,
        elapsed: 0,
        status: null,
        createdBy: null,
      },
    })
    const hidden = { tag: 'x', status: { status: 3, reported: null }, activities: [], data: [] }
    await server.database.write(addToHiddenJob, {
      job,
      part: { ...emptyPart<WholeTest>(), tests: [hidden] },
    })
    const run = (job: MadeJob, days: number, index: number, more: object) => ({
      id: job.tests[index].id,
      job: job.id,
      job_number: job.number,
      job_description: null,
      time: ago(days * DAY),
      elapsed_time: null,
      ...more,
    })
    const x = {
      name: 'x',
      variant: null,
      failed: 2,
      runs: 3,
      last: run(last, 1, 0, { tag: '1-x', status: 'PASS' }),
      last_failure: run(failed, 3, 0, { tag: '1-x', status: 'ERROR' }),
    }
    const interrupted = run(last, 1, 1, { tag: '2-x;v', status: 'ERROR', reported_status: 'INTERRUPTED' })
    const v = {
      name: 'x',
      variant: 'v',
      failed: 2,
      runs: 3,
      last: interrupted,
      last_failure: interrupted,
    }
    const y = {
      name: 'y',
      variant: null,
      failed: 1,
      runs: 4,
      last: run(last, 1, 2, { tag: '3-y', status: 'TEST_NA', reported_status: 'SKIP' }),
      last_failure: run(old, 40, 2, { tag: '3-y', status: 'FAIL' }),
    }
    expect((await get('failing/')).body).toEqual({ results: [x, v] })
    expect((await get('failing/?days=90')).body).toEqual({
      results: [{ ...x, runs: 4 }, { ...v, runs: 4 }, y],
    })
    expect((await get('failing/?days=2')).body).toEqual({ results: [{ ...v, failed: 1, runs: 1 }] })
  })

  test('at most ten', async () => {
    const tests = Array.from({ length: 12 }, (_, index) => ({ tag: `${index}-t${index}`, status: 'FAIL' }))
    await server.makeJob({ tests })
    expect((await get('failing/')).body.results.length).toBe(10)
  })

  test('any range of time sums to what its jobs sum to', async () => {
    const minutes = [0, 7, 15, 15, 16, 29, 30, 44, 45, 60, 61, 90]
    for (const minute of minutes) {
      await server.makeJob({ time: ago(-minute * 60 * SECOND), tests: statuses('PASS', 'FAIL') })
    }
    const edge = fc.oneof(
      fc.integer({ min: -1, max: 95 }).map((minute) => minute * 60 * SECOND),
      fc.nat(95 * 60 * SECOND),
    )
    await fc.assert(
      fc.asyncProperty(edge, edge, async (after, before) => {
        const jobs = minutes.filter((minute) => {
          const time = minute * 60 * SECOND
          return time >= after && time < before
        }).length
        const totals = await server.database.read(
          ownQuery((connection) => totalsBetween(connection, NOW + after, NOW + before)),
        )
        expect(totals).toEqual({ ...nothing, jobs, passed: jobs, failed: jobs })
      }),
    )
  })
})

describe('in Kathmandu', () => {
  const server = withServer({ zone: 'Asia/Kathmandu' })

  test('days begin at the midnight of the server', async () => {
    await server.makeJob({ time: '2026-11-23T18:14:59Z' })
    await server.makeJob({ time: '2026-11-24 00:00:00' })
    const path = '/statistics/history/?time_after=2026-11-23 00:00:00&time_before=2026-11-25 00:00:00'
    expect((await server.stranger.get(path)).body).toEqual({
      interval: 'day',
      results: [
        { time: '2026-11-22T18:15:00Z', ...nothing, jobs: 1 },
        { time: '2026-11-23T18:15:00Z', ...nothing, jobs: 1 },
      ],
    })
  })
})
