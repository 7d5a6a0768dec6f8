// A row of /flaky/ before it is shown, and the order of the list.

import { comparing, type Ordering } from '../../http/resource/ordering'
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

const compareNames = (one: FlakyRow, other: FlakyRow) =>
  compareTexts(one.testcase, other.testcase) || compareTexts(one.suite, other.suite)

const compare: Record<FlakyOrdering, (one: FlakyRow, other: FlakyRow) => number> = {
  rate: (one, other) => one.rate - other.rate,
  low: (one, other) => one.low - other.low,
  flakes: (one, other) => one.flakes - other.flakes,
  cost_seconds: (one, other) => one.cost - other.cost,
  last_flake: (one, other) => (one.last?.time ?? 0) - (other.last?.time ?? 0),
  testcase: compareNames,
}

/** Sorts a list in place. Rows that are equal otherwise are in the order of their names. */
export function sortRows(rows: FlakyRow[], ordering: Ordering<FlakyOrdering>): FlakyRow[] {
  const asked = comparing(ordering, compare)
  return rows.sort((one, other) => asked(one, other) || compareNames(one, other))
}
