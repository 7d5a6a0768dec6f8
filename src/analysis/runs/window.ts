// Which runs of a test case the analysis considers.

import { DAY, formatTime, MINUTE, type Microseconds } from '../../lib/time'
import { toRanAt } from '../../results/core/ran-at'
import type { WindowItem } from '../model'

export const DEFAULT_DAYS = 90
/** The most that a question may ask for. */
export const MAX_DAYS = 36_500
const HALF_WINDOW = (DEFAULT_DAYS / 2) * DAY
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

/** The window of a question about one run: one that is older than the usual window lies in the middle of its own. */
export function windowAround(
  time: Microseconds,
  question: { now: Microseconds; days?: number | undefined; until?: Microseconds | undefined },
): TimeRange {
  const range = windowOf(question)
  if (time >= range.from && time <= range.to) return range
  return windowOf({ ...question, until: time + HALF_WINDOW })
}

/** The first moment at which a run of this time is outside of the default window. */
export function leavesWindowAt(time: Microseconds): Microseconds {
  return startOfDay(time) + (DEFAULT_DAYS + 1) * DAY
}

/** The same range as `test.ran_at` has it. */
export function toRanAtRange({ from, to }: TimeRange): { from: number; to: number } {
  return { from: toRanAt(from), to: toRanAt(to) }
}

/** The times of a window as an answer shows them. */
export function toTimes({ from, to }: TimeRange, now: Microseconds): { from: string; to: string } {
  return { from: formatTime(Math.max(0, from)), to: formatTime(Math.min(to, endOfMinute(now))) }
}

export function toWindow(
  range: TimeRange,
  { now, runs, truncated }: { now: Microseconds; runs: number; truncated: boolean },
): WindowItem {
  const to = Math.min(range.to, endOfMinute(now))
  return { from: formatTime(range.from), to: formatTime(to), runs, truncated }
}

/** Where a window ends that ends now: so an answer has one ETag for a while. */
export function endOfMinute(now: Microseconds): Microseconds {
  return (Math.floor(now / MINUTE) + 1) * MINUTE
}

function startOfDay(time: Microseconds): Microseconds {
  return Math.floor(time / DAY) * DAY
}
