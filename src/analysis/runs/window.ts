// Which runs of a test case the analysis considers.

import { formatTime, type Microseconds } from '../../lib/time'
import type { WindowItem } from '../model'

const MINUTE: Microseconds = 60 * 1_000_000
const DAY: Microseconds = 24 * 3600 * 1_000_000
export const DEFAULT_DAYS = 90
/** The most runs that a window has, whatever its days. */
export const MAX_RUNS = 1000

/** From `from` to `to`, both included. */
export interface TimeRange {
  from: Microseconds
  to: Microseconds
}

/**
 * The default window. It begins at midnight UTC, so that what is stored of it holds for a day. It has no end: a clock
 * may be ahead by an hour.
 */
export function defaultWindow(now: Microseconds): TimeRange {
  return { from: startOfDay(now) - DEFAULT_DAYS * DAY, to: Number.MAX_SAFE_INTEGER }
}

/** The window of a question. @param until  its end; undefined: now */
export function windowOf({
  now,
  days = DEFAULT_DAYS,
  until,
}: {
  now: Microseconds
  days?: number | undefined
  until?: Microseconds | undefined
}): TimeRange {
  if (until === undefined) return { ...defaultWindow(now), from: startOfDay(now) - days * DAY }
  return { from: until - days * DAY, to: until }
}

/** The first moment at which a run of this time is outside of the default window. */
export function leavesWindowAt(time: Microseconds): Microseconds {
  return startOfDay(time) + (DEFAULT_DAYS + 1) * DAY
}

export function toWindow(
  range: TimeRange,
  { now, runs, truncated }: { now: Microseconds; runs: number; truncated: boolean },
): WindowItem {
  // The end of this minute, so that an answer has one ETag for a while.
  const minute = (Math.floor(now / MINUTE) + 1) * MINUTE
  const to = Math.min(range.to, minute)
  return { from: formatTime(range.from), to: formatTime(to), runs, truncated }
}

function startOfDay(time: Microseconds): Microseconds {
  return Math.floor(time / DAY) * DAY
}
