// What the background stores of the runs of a test case: series, flakiness, regressions.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { ownQuery } from '../../support/own-query'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { DAY, nightly } from './lab'

const server = withServer()
const rows = (text: string) =>
  server.database.read(
    ownQuery(async ({ database }) => {
      using statement = database.prepare(text)
      return statement.all()
    }),
  )

test('a regression on one host', async () => {
  await nightly(server, 'a', 'PPFPPPPPPPFFFFF')
  await nightly(server, 'b', 'PPPPPPPPPPPPPPP')
  await settle(server)
  expect(
    await rows(
      `SELECT host.name AS host, state, streak, runs, failures, flakes, events, job.id AS since FROM series
       LEFT JOIN host ON host.id = series.host LEFT JOIN job ON job.number = since_job ORDER BY host.name`,
    ),
  ).toEqual([
    {
      host: 'a',
      state: 'failing',
      streak: 5,
      runs: 15,
      failures: 6,
      flakes: 1,
      events: 1,
      since: 'a-10',
    },
    {
      host: 'b',
      state: 'passing',
      streak: 15,
      runs: 15,
      failures: 0,
      flakes: 0,
      events: 0,
      since: 'b-0',
    },
  ])
  expect(
    await rows(
      `SELECT state, round(probability, 3) AS probability, text, first.id AS first, low.id AS low, high.id AS high
       FROM regression JOIN template ON template.id = template
       JOIN job AS first ON first.number = first_bad JOIN job AS low ON low.number = regression.low
       JOIN job AS high ON high.number = regression.high`,
    ),
  ).toEqual([
    {
      state: 'open',
      probability: 0.995,
      text: 'broken',
      first: 'a-10',
      low: 'a-9',
      high: 'a-11',
    },
  ])
  expect(await rows('SELECT count(*) AS count FROM stale_testcase')).toEqual([{ count: 0 }])
})

test('of a test that has not run for long, how things stood at its last run', async () => {
  const old = (at: number) => formatTime(NOW - (400 + 15 - at) * DAY)
  for (const [at, letter] of [...'PPFPPPPPPPFFFFF'].entries()) {
    const failure = { status: 'FAIL', fail_reason: 'broken' }
    const tests = [{ tag: '1-x', ...(letter === 'F' ? failure : { status: 'PASS' }) }]
    await server.makeJob({ id: `old-${at}`, time: old(at), labels: { host: 'a' }, tests })
  }
  await settle(server)
  const { body } = await server.client.get('/regressions/')
  expect(body.results).toMatchObject([
    { testcase: 'x', state: 'open', first_bad: { job: 'old-10' }, last_good: { job: 'old-9' } },
  ])
  expect(await rows('SELECT state, runs, streak FROM series')).toEqual([
    { state: 'failing', runs: 15, streak: 5 },
  ])
  expect(await rows('SELECT due FROM testcase_flakiness')).toEqual([{ due: null }])
  // Runs of today are compared with those of the last 90 days alone.
  await nightly(server, 'a', 'PP')
  await settle(server)
  expect(await rows('SELECT state, runs FROM series')).toEqual([{ state: 'passing', runs: 2 }])
})
