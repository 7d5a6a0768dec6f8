// What the background stores of the runs of a test case: series, flakiness, regressions.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()
const DAY = 24 * 3600 * 1_000_000

/** Posts one job a day on `host`, the last one today: P passes, F fails. @returns the ids, oldest first */
async function nightly(
  host: string,
  results: string,
  { tag = '1-x', reason = 'broken' } = {},
): Promise<string[]> {
  const ids: string[] = []
  for (const [at, letter] of [...results].entries()) {
    const id = `${host}-${tag}-${at}`
    const status = letter === 'P' ? 'PASS' : 'FAIL'
    const time = formatTime(NOW - (results.length - at) * DAY)
    const test = { tag, status, ...(status === 'FAIL' && { fail_reason: reason }) }
    await server.makeJob({ id, time, labels: { host, branch: 'main' }, tests: [test] })
    ids.push(id)
  }
  return ids
}

const rows = (text: string) =>
  server.database.read(async ({ database }) => {
    using statement = database.prepare(text)
    return statement.all()
  })

test('a regression on one host', async () => {
  await nightly('a', 'PPFPPPPPPPFFFFF')
  await nightly('b', 'PPPPPPPPPPPPPPP')
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
      since: 'a-1-x-10',
    },
    {
      host: 'b',
      state: 'passing',
      streak: 15,
      runs: 15,
      failures: 0,
      flakes: 0,
      events: 0,
      since: 'b-1-x-0',
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
      first: 'a-1-x-10',
      low: 'a-1-x-9',
      high: 'a-1-x-11',
    },
  ])
  expect(await rows('SELECT count(*) AS count FROM stale_testcase')).toEqual([{ count: 0 }])
})
