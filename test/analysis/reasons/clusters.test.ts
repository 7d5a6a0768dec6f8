// Words of templates that turn out to be values, in the database of a server.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { ownQuery } from '../../support/own-query'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()
const DAY = 24 * 3600 * 1_000_000
const names = ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal']

/** One job a day with a test that fails for these reasons. */
async function failWith(reasons: readonly string[], { tag = '1-x', first = 0 } = {}): Promise<void> {
  for (const [at, fail_reason] of reasons.entries()) {
    const time = formatTime(NOW - (30 - first - at) * DAY)
    const id = `${tag}-${first + at}`
    await server.makeJob({ id, time, labels: { host: 'a' }, tests: [{ tag, status: 'FAIL', fail_reason }] })
  }
}

const volumeOf = (name: string) => `The volume of ${name} was not found`

const rows = (text: string) =>
  server.database.read(
    ownQuery(async ({ database }) => {
      using statement = database.prepare(text)
      return statement.all() as Record<string, unknown>[]
    }),
  )
const regressions = () =>
  rows(
    `SELECT state, template.text FROM regression JOIN template ON template.id = template ORDER BY regression.id`,
  )
const children = () =>
  rows(`SELECT count(*) AS count, cluster.text FROM template JOIN template AS cluster ON cluster.id = template.parent
    GROUP BY cluster.id`)

const cluster = 'The volume of <*> was not found'

test('the failures of a test for eight names are one regression', async () => {
  const jobs = 12
  for (let at = 0; at < jobs; at++) {
    const time = formatTime(NOW - (60 - at) * DAY)
    await server.makeJob({
      id: `pass-${at}`,
      time,
      labels: { host: 'a' },
      tests: [{ tag: '1-x', status: 'PASS' }],
    })
  }
  await failWith(names.slice(0, 7).map(volumeOf))
  await settle(server)
  expect(await children()).toEqual([])
  await failWith([volumeOf('hal')], { first: 7 })
  await settle(server)
  expect(await children()).toEqual([{ count: 8, text: cluster }])
  expect((await regressions()).filter(({ state }) => state === 'open')).toEqual([
    { state: 'open', text: cluster },
  ])
  expect(await rows('SELECT count(*) AS count FROM task')).toEqual([{ count: 0 }])
})

test('a cluster ends when its words have too many reasons each', async () => {
  await failWith(names.map(volumeOf))
  await settle(server)
  expect(await children()).toEqual([{ count: 8, text: cluster }])
  // The same template three times each: what differs after 4,096 characters is no other template.
  const long = (name: string, at: number) => `${volumeOf(name)}${' '.repeat(5000)}${at}`
  await failWith(
    names.flatMap((name) => [long(name, 1), long(name, 2)]),
    { first: 8 },
  )
  await settle(server)
  expect(await children()).toEqual([])
})
