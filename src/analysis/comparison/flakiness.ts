// What is stored about the flakiness of test cases.

import { sql } from 'kysely'
import { type Connection, dynamicQuery, members, tables } from '../../storage/query'
import { inTime } from '../../storage/sqlite/time-limit'
import { flakeRate } from '../flakiness/rerun'

export interface KnownFlakiness {
  /** How often it fails while it works. */
  rate: number
  isFlaky: boolean
}

/**
 * Of test cases that have been analysed, by their ids. The rate of one that is labelled flaky is the stored one. For the
 * others only failures count that went away by themselves: whether those that have not are flakes is the question.
 */
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
  const known = new Map<number, KnownFlakiness>()
  for (const { testcase, ...numbers } of await connection.all(streaks, {})) {
    known.set(testcase, { rate: flakeRate(numbers), isFlaky: false })
  }
  for (const { testcase, rate } of await connection.all(labelled, {}))
    known.set(testcase, { rate, isFlaky: true })
  return known
}
