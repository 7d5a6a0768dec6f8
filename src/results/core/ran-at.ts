// `test.ran_at`, by which the tests of a testcase and those that failed are ordered: a time in fewer bytes.

import type { Microseconds } from '../../lib/time'

/** 2029-01-01T00:00:00Z. The schema has the same number: see migrations/0005-compact.ts. */
export const EPOCH: Microseconds = 1_861_920_000_000_000

export function toRanAt(time: Microseconds): number {
  return time - EPOCH
}
