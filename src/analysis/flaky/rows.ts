// A row of /flaky/ before it is shown, and the order of the list.

import { compareTexts } from '../../lib/texts'
import type { Microseconds } from '../../lib/time'
import type { RunTemplate } from '../runs/failures'
import type { FlakyOrdering } from './query'

export interface FlakyRow {
  /** The id of the test case, and what names it. */
  id: number
  testcase: string
  suite: string
  variant: string | null
  rate: number
  low: number
  high: number
  flaky: boolean
  /** Of its streaks of failures. */
  runs: number
  flakes: number
  events: number
  last: { test: number; time: Microseconds } | null
  /** In seconds. */
  cost: number
  templates: NonNullable<RunTemplate>[]
  /** What its series tell, where they were read; undefined: it is stored. */
  places: Places | undefined
}

export interface Places {
  /** Hosts on which it failed by itself; null: unknown. */
  hosts: (number | null)[]
  /** The most failures in a row up to now on one of its series. */
  streak: number
}

const values: Record<Exclude<FlakyOrdering, 'testcase'>, (row: FlakyRow) => number> = {
  rate: ({ rate }) => rate,
  low: ({ low }) => low,
  flakes: ({ flakes }) => flakes,
  cost_seconds: ({ cost }) => cost,
  last_flake: ({ last }) => last?.time ?? 0,
}

/** Sorts a list in place. Rows that are equal otherwise are in the order of their names. */
export function sortRows(
  rows: FlakyRow[],
  ordering: readonly { field: FlakyOrdering; direction: 'asc' | 'desc' }[],
): FlakyRow[] {
  const byName = (one: FlakyRow, other: FlakyRow) =>
    compareTexts(one.testcase, other.testcase) || compareTexts(one.suite, other.suite)
  return rows.sort((one, other) => {
    for (const { field, direction } of ordering) {
      const compared = field === 'testcase' ? byName(one, other) : values[field](one) - values[field](other)
      if (compared !== 0) return direction === 'desc' ? -compared : compared
    }
    return byName(one, other)
  })
}
