// `check` finds what the background derived wrong, and `--repair` derives it anew. What only waits is no fault.

import { expect, test } from 'bun:test'
import { findWrongAnalyses, repairAnalyses } from '../../../src/analysis/series/check'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { ownQuery } from '../../support/own-query'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { environmentOf, nightly } from './lab'

const server = withServer()

const faults = () => server.database.read(ownQuery((connection) => findWrongAnalyses(connection, server.now)))
const spoil = (...statements: string[]) => {
  const connection = openConnection(server.database.path)
  for (const statement of statements) connection.database.run(statement)
  connection.close()
}
const tests = (count: number, ...examples: string[]) => ({
  what: 'tests whose series, flakiness or regressions are not those of their runs',
  count,
  examples,
})

test('series, flakiness and regressions are compared with the runs, and made anew', async () => {
  await nightly(server, 'a', 'PPPPPPPPPPFFF', { tag: '1-x' })
  await nightly(server, 'b', 'PPPPPPPP', { tag: '1-y' })
  expect(await faults()).toEqual([]) // it waits
  await settle(server)
  expect(await faults()).toEqual([])
  const background = { database: server.database, clock: () => server.now }
  for (const [statement, expected] of [
    ["UPDATE series SET streak = 99 WHERE state = 'failing'", [tests(1, 'x')]],
    ['DELETE FROM testcase_flakiness', [tests(2, 'x', 'y')]],
    ['DELETE FROM regression', [tests(1, 'x')]],
    [
      "INSERT INTO series SELECT NULL, testcase, 77, branch, distro, last_time, last_job, state, since_job, streak, runs, failures, flakes, events FROM series WHERE state = 'passing'",
      [tests(1, 'y')],
    ],
  ] as const) {
    spoil(statement)
    expect(await faults()).toEqual(expected as never)
    expect(await repairAnalyses(background)).toEqual(expected as never)
    expect(await faults()).toEqual([])
  }
  expect(await repairAnalyses(background)).toEqual([])
})

test('a job has the distribution of its environment', async () => {
  const environment = await environmentOf(server, '43', ['bash=1'])
  await nightly(server, 'a', 'PP', { environments: [environment, environment] })
  await settle(server)
  spoil('UPDATE job SET distro = NULL WHERE number = 1')
  expect((await faults())[0]).toEqual({
    what: 'jobs whose distribution is not that of their environment',
    count: 1,
    examples: ['job a-0'],
  })
  await repairAnalyses({ database: server.database, clock: () => server.now })
  expect(await faults()).toEqual([])
})
