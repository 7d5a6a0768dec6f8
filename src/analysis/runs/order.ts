// The order of runs: by when they began, never by when they arrived or by ids of rows.

import { compareTexts } from '../../lib/texts'
import type { Microseconds } from '../../lib/time'

/** What the order of a run depends on. */
export interface Placed {
  /** When the test started, else when its job did; where that clock was wrong, when it was received. */
  time: Microseconds
  /** The id of the job. */
  job: string
  tag: string
}

/** A comparison for sort(). Two runs are equal only if they are the same run. */
export function compareRuns(a: Placed, b: Placed): number {
  return a.time - b.time || compareTexts(a.job, b.job) || compareTexts(a.tag, b.tag)
}
