// `test.ran_at`: the start of a test in fewer bytes. The lists of a testcase and of failed tests are ordered by it.

import type { Microseconds } from '../../lib/time'

/** 2029-01-01T00:00:00Z. The schema has the same number: see migrations/0005-compact.ts. */
export const EPOCH: Microseconds = 1_861_920_000_000_000

export function toRanAt(time: Microseconds): number {
  return time - EPOCH
}
