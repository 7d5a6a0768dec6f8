// What is stored about the flakiness of test cases.

import { sql } from 'kysely'
import { type Connection, dynamicQuery, inTime, members, tables } from '../../storage/query'
import { knownFlakeRate } from '../flakiness/rerun'

export interface KnownFlakiness {
  /** How often it fails while it works. */
  rate: number
  isFlaky: boolean
}

/** Of test cases that have been analysed, by their ids. */
export async function flakinessOf(
  connection: Connection,
  testcases: readonly number[],
): Promise<Map<number, KnownFlakiness>> {
  if (testcases.length === 0) return new Map()
  const labelled = dynamicQuery('flakyAmong')(() =>
    tables
      .selectFrom('testcase_flakiness')
      .select(['testcase', 'rate'])
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where('flaky', '=', 1),
  )
  const streaks = dynamicQuery('streaksAmong')(() =>
    tables
      .selectFrom('series')
      .select(['testcase', sql<number>`sum(flakes)`.as('flakes')])
      .select(sql<number>`sum(runs - failures + flakes)`.as('runs'))
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where(inTime)
      .groupBy('testcase'),
  )
  const rates = new Map((await connection.all(labelled, {})).map(({ testcase, rate }) => [testcase, rate]))
  const known = new Map<number, KnownFlakiness>()
  for (const { testcase, ...sums } of await connection.all(streaks, {})) {
    const rate = rates.get(testcase)
    const label = rate === undefined ? undefined : { rate, flaky: true }
    known.set(testcase, { rate: knownFlakeRate(label, sums), isFlaky: label !== undefined })
  }
  return known
}
