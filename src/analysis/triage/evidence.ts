// What the tables of the analysis say about the test cases that fail: their series, and how flaky they are.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { type Connection, dynamicQuery, inTime, members, tables } from '../../storage/query'

/** A series whose newest run failed. */
export interface FailingSeries {
  testcase: number
  /** 0: unknown. */
  host: number
  lastJob: number
  /** The first job of the streak, and when it began; null: it was deleted. */
  sinceJob: number
  sinceTime: Microseconds | null
  streak: number
  /** Of all runs of the series. */
  runs: number
  failures: number
  flakes: number
}

export interface FlakinessRow {
  rate: number
  low: number
  high: number
  isFlaky: boolean
  /** Over all series: the runs in which it was not broken, and the failures among them. */
  runs: number
  flakes: number
}

export interface Evidence {
  failing: Map<number, FailingSeries[]>
  /** Of each that has runs. */
  flakiness: Map<number, FlakinessRow>
}

/**
 * Of test cases that have been analysed, by their ids.
 *
 * @param jobs  in which they failed: only series whose newest run is in one of these are of interest.
 */
export async function readEvidence(
  connection: Connection,
  testcases: readonly number[],
  jobs: readonly number[],
): Promise<Evidence> {
  if (testcases.length === 0) return { failing: new Map(), flakiness: new Map() }
  // Most series pass, and a test case has one for each host.
  const failing = dynamicQuery('failingSeries')(() =>
    tables
      .selectFrom('series')
      .leftJoin('job', 'job.number', 'series.since_job')
      .select([
        'testcase',
        sql<number>`coalesce(series.host, 0)`.as('host'),
        'last_job as lastJob',
        'since_job as sinceJob',
        'job.time as sinceTime',
        ...(['streak', 'runs', 'failures', 'flakes'] as const),
      ])
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where(sql<boolean>`state = 'failing' AND last_job IN ${members(jobs)}`)
      .where(inTime),
  )
  const flakiness = dynamicQuery('flakinessOfTestcases')(() =>
    tables
      .selectFrom('testcase_flakiness')
      .select(['testcase', 'rate', 'low', 'high', 'flaky', 'streak_runs as runs', 'streak_flakes as flakes'])
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where(inTime),
  )
  return {
    failing: Map.groupBy(await connection.all(failing, {}), ({ testcase }) => testcase),
    flakiness: new Map(
      (await connection.all(flakiness, {})).map(
        ({ testcase, flaky, ...row }) => [testcase, { ...row, isFlaky: flaky === 1 }] as const,
      ),
    ),
  }
}

/** For each of some test cases its series: on which host, and whether the newest run failed. */
export async function readStates(
  connection: Connection,
  testcases: readonly number[],
): Promise<ReadonlyMap<number, { host: number; isFailing: boolean }[]>> {
  const states = dynamicQuery('statesOfTestcases')(() =>
    tables
      .selectFrom('series')
      .select([
        'testcase',
        sql<number>`coalesce(host, 0)`.as('host'),
        sql<number>`state = 'failing'`.as('failing'),
      ])
      .where(sql<boolean>`testcase IN ${members(testcases)}`)
      .where(inTime),
  )
  const rows = await connection.all(states, {})
  return Map.groupBy(
    rows.map(({ failing, ...row }) => ({ ...row, isFailing: failing === 1 })),
    ({ testcase }) => testcase,
  )
}
