// Whatever the order of arrival, the same runs give the same verdicts; and what is stored is what the runs give.

import { expect, test } from 'bun:test'
import { findWrongVerdicts } from '../../../src/analysis/infrastructure/check'
import { repairAnalyses } from '../../../src/analysis/series/check'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { Dice } from '../../support/labs/dice'
import { ownQuery } from '../../support/own-query'
import { scaled } from '../../support/scale'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { environmentOf } from '../series/lab'
import { type Night, post, tagOf } from './lab'

const server = withServer()

const TESTS = 12
const NIGHTS = 16

/** Nights of two hosts and two branches, a third of them bad by chance, and some that break whole tests. */
function makeNights(dice: Dice, environments: readonly number[]): Night[] {
  const nights: Night[] = []
  for (let at = 0; at < NIGHTS; at++) {
    for (const host of ['a', 'b']) {
      const isLast = host === 'a' && at === NIGHTS - 1
      if (dice.chance(0.15) && !isLast) continue
      const kind = isLast ? 'bad' : dice.pick(['good', 'good', 'good', 'good', 'bad', 'broken'])
      const results = Array.from({ length: TESTS }, (_, test) => {
        if (dice.chance(0.1)) return ' '
        if (kind === 'broken') return test % 4 < 2 ? 'E' : 'P'
        return kind === 'bad' && dice.chance(0.75) ? dice.pick(['E', 'E', 'E', 'F']) : 'P'
      }).join('')
      const environment = dice.chance(0.1) ? undefined : environments[dice.chance(0.8) ? 0 : dice.whole(1, 2)]
      const branch = dice.pick(['main', 'main', 'stable'])
      // Some begin in the same night, and two at the same moment.
      const ago = NIGHTS - at - dice.pick([0, 0, 0.3, 0.6])
      nights.push({ id: `${host}-${at}`, host, ago, results, branch, ...(environment && { environment }) })
    }
  }
  return nights
}

async function stored(): Promise<Record<string, unknown>> {
  return server.database.read(
    ownQuery(async ({ database }) => {
      using statement = database.prepare<{ id: string; host: string }, []>(
        `SELECT job.id, host.name AS host, job_verdict.time, until, verdict, recovered, expected, broken, errors, runs,
        passed_again, ran_again, excused, selective, relapses
       FROM job_verdict JOIN job ON number = job JOIN host ON host.id = job.host ORDER BY job.id`,
      )
      return Object.fromEntries(statement.all().map(({ id, ...row }) => [id, row]))
    }),
  )
}

const faults = () =>
  server.database.read(ownQuery(async (connection) => (await findWrongVerdicts(connection)).found))

function shuffled<T>(dice: Dice, list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, at: dice.share() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
}

async function forget(): Promise<void> {
  for (const { id } of await server.client.all('/jobs/?omit=tests,activities'))
    await server.client.delete(`/jobs/${id}/`)
  await settle(server)
  expect(await stored()).toEqual({})
}

test('the order of arrival does not matter, nor does what was there meanwhile', async () => {
  const environments: number[] = []
  for (const version of ['1', '2', '3'])
    environments.push(await environmentOf(server, '43', [`bash=${version}`, 'qemu=1']))
  const found = new Set<unknown>()
  for (let seed = 1; seed <= scaled(2, 12); seed++) {
    const dice = new Dice(`verdicts ${seed}`)
    const nights = makeNights(dice, environments)
    for (const night of nights) await post(server, night)
    await settle(server)
    const expected = await stored()
    for (const row of Object.values(expected)) found.add((row as { verdict: string }).verdict)
    expect(await faults()).toEqual([])
    await forget()

    for (const night of shuffled(dice, nights)) {
      // At first it is reported in another way: on another host, in another night, or with other results.
      const wrong = dice.pick(['no', 'no', 'host', 'time', 'test'])
      if (wrong === 'host') await post(server, { ...night, host: 'c' })
      else if (wrong === 'time') await post(server, { ...night, ago: night.ago + 3 })
      else await post(server, night)
      if (dice.chance(0.3)) await settle(server)
      if (wrong === 'host') await server.client.patch(`/jobs/${night.id}/`, { labels: { host: night.host } })
      if (wrong === 'time') {
        await server.client.delete(`/jobs/${night.id}/`)
        await post(server, night)
      }
      const at = night.results.indexOf('P')
      if (wrong === 'test' && at >= 0) {
        const path = `/jobs/${night.id}/tests/${encodeURIComponent(tagOf(at))}/`
        expect((await server.client.patch(path, { status: 'ERROR' })).status).toBe(200)
        if (dice.chance(0.5)) await settle(server)
        await server.client.patch(path, { status: 'PASS' })
      }
    }
    await settle(server)
    expect(await stored()).toEqual(expected)
    expect(await faults()).toEqual([])
    await forget()
  }
  expect([...found].sort()).toEqual(['infrastructure', 'none', 'suspected'])
}, 300_000)

test('check compares verdicts with the runs, and --repair makes them anew', async () => {
  const good = 'P'.repeat(TESTS)
  for (const [at, results] of [good, 'EEPEEEPEEEEE', good].entries())
    await post(server, { id: `n-${at}`, ago: 3 - at, results })
  await settle(server)
  const expected = await stored()
  expect(await faults()).toEqual([])
  for (const statement of [
    "UPDATE job_verdict SET verdict = 'none'",
    'UPDATE job_verdict SET broken = 99',
    'DELETE FROM job_verdict',
    'INSERT INTO job_verdict SELECT job - 1, host, time, until, verdict, recovered, expected, broken, errors, runs, passed_again, ran_again, excused, selective, relapses FROM job_verdict',
  ]) {
    const connection = openConnection(server.database.path)
    connection.database.run(statement)
    connection.close()
    const [fault] = await repairAnalyses(server.services)
    expect(fault?.what).toBe('jobs whose verdict is not that of their runs')
    expect(await stored()).toEqual(expected)
    expect(await faults()).toEqual([])
  }
})
