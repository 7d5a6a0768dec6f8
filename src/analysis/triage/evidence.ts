// What the tables of the analysis say about the test cases that fail: their series, and how flaky they are.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { type Connection, dynamicQuery, members, tables } from '../../storage/query'
import { inTime } from '../../storage/sqlite/time-limit'

export interface SeriesRow {
  testcase: number
  /** 0: unknown. */
  host: number
  lastJob: number
  lastTime: Microseconds
  isFailing: boolean
  /** The first job of the streak, and when it began; null: it was deleted. */
  sinceJob: number
  sinceTime: Microseconds | null
  streak: number
  runs: number
  failures: number
  flakes: number
}

export interface FlakinessRow {
  rate: number
  low: number
  high: number
  isFlaky: boolean
}

export interface Evidence {
  series: Map<number, SeriesRow[]>
  flakiness: Map<number, FlakinessRow>
}

/** Of test cases that have been analysed, by their ids. */
export async function readEvidence(connection: Connection, testcases: readonly number[]): Promise<Evidence> {
  if (testcases.length === 0) return { series: new Map(), flakiness: new Map() }
  const series = dynamicQuery('seriesOfTestcases')(() =>
    tables
      .selectFrom('series')
      .leftJoin('job', 'job.number', 'series.since_job')
      .select([
        'testcase',
        sql<number>`ifnull(series.host, 0)`.as('host'),
        'last_job as lastJob',
        'last_time as lastTime',
        sql<number>`state = 'failing'`.as('isFailing'),
        'since_job as sinceJob',
        'job.time as sinceTime',
        'streak',
        'runs',
        'failures',
        'flakes',
      ])
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where(inTime),
  )
  const flakiness = dynamicQuery('flakinessOfTestcases')(() =>
    tables
      .selectFrom('testcase_flakiness')
      .select(['testcase', 'rate', 'low', 'high', 'flaky'])
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where(inTime),
  )
  const rows = (await connection.all(series, {})).map((row) => ({ ...row, isFailing: row.isFailing === 1 }))
  return {
    series: Map.groupBy(rows, ({ testcase }) => testcase),
    flakiness: new Map(
      (await connection.all(flakiness, {})).map(
        ({ testcase, flaky, ...row }) => [testcase, { ...row, isFlaky: flaky === 1 }] as const,
      ),
    ),
  }
}
