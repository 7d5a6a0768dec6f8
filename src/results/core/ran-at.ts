// `test.ran_at`: the start of a test in fewer bytes. The lists of a testcase and of failed tests are ordered by it.

import { type RawBuilder, sql } from 'kysely'
import { HOUR, type Microseconds } from '../../lib/time'

/** 2029-01-01T00:00:00Z. The schema has the same number: see migrations/0005-compact.ts. */
export const EPOCH: Microseconds = 1_861_920_000_000_000

/** A clock that says a time before this was never set. 2000-01-01T00:00:00Z. */
const EARLIEST: Microseconds = 946_684_800_000_000
/** By how much a machine's clock may be ahead of the server's. */
const AHEAD: Microseconds = HOUR

/**
 * When something happened: at the reported time, or, if that cannot be right, when it was received. A time before 2000,
 * or more than an hour after its receipt, is the fault of a clock. Runs with such times would lie at the wrong place in
 * every history, for years.
 */
export function rightTime(reported: Microseconds, received: Microseconds): Microseconds {
  return isWrong(reported, received) ? received : reported
}

function isWrong(reported: Microseconds, received: Microseconds): boolean {
  return reported < EARLIEST || reported > received + AHEAD
}

/** rightTime() in SQL. */
export function rightTimeOf(reported: RawBuilder<number>, received: RawBuilder<number>): RawBuilder<number> {
  return sql<number>`CASE WHEN ${isWrongTime(reported, received)} THEN ${received} ELSE ${reported} END`
}

export function isWrongTime(reported: RawBuilder<number>, received: RawBuilder<number>): RawBuilder<boolean> {
  return sql<boolean>`(${reported} < ${sql.lit(EARLIEST)} OR ${reported} > ${received} + ${sql.lit(AHEAD)})`
}

export function toRanAt(time: Microseconds): number {
  return time - EPOCH
}
