// Finds the UTC offset of a runner's clock. Avocado writes some times as the runner's local time and others as epoch
// seconds; if one moment has both, the difference is the offset.

import { MINUTE, type Microseconds, parseTime } from '../../lib/time'
import type { FileReading } from './reading'

/** One moment in local time and in epoch time. */
export interface ClockPair {
  /** The local time, read as if it were UTC. */
  local: Microseconds
  epoch: Microseconds
}

/** Every UTC offset in use is a multiple of this. */
const QUARTER_HOUR = 15 * MINUTE
const MIN_QUARTER_HOURS = -12 * 4
const MAX_QUARTER_HOURS = 14 * 4

/** A time without a zone, read as UTC; undefined if the text has a zone or is not a time. */
export function naiveTime(text: string): Microseconds | undefined {
  const time = parseTime(text, 'UTC')
  return time !== undefined && time !== parseTime(text, '-01:00') ? time : undefined
}

/** The runner's zone according to most clock pairs; `zone` if there are none. */
export function zoneByClockPairs(pairs: ClockPair[], zone: string, reading: FileReading): string {
  const votes = new Map<number, number>()
  for (const { local, epoch } of pairs) {
    const quarters = Math.round((local - epoch) / QUARTER_HOUR)
    votes.set(quarters, (votes.get(quarters) ?? 0) + 1)
  }
  const [winner] = [...votes].sort(([, a], [, b]) => b - a)
  return winner ? chooseOffset(winner[0], pairs[0]?.epoch ?? 0, zone, reading) : zone
}

/**
 * The runner's zone according to the local start of the job and the epoch start of its first test, which is a little
 * later. The given zone is kept if it places the job less than half an hour before the test.
 */
export function zoneByStart({ local, epoch }: ClockPair, zone: string, reading: FileReading): string {
  const pause = epoch - (local - offsetMinutes(zone, epoch) * MINUTE)
  if (pause > -MINUTE && pause < 2 * QUARTER_HOUR) return zone
  return chooseOffset(Math.ceil((local - epoch - MINUTE) / QUARTER_HOUR), epoch, zone, reading)
}

function chooseOffset(quarters: number, epoch: Microseconds, zone: string, reading: FileReading): string {
  const minutes = quarters * 15
  if (quarters < MIN_QUARTER_HOURS || quarters > MAX_QUARTER_HOURS || minutes === offsetMinutes(zone, epoch))
    return zone
  const offset = offsetName(minutes)
  reading.warn(
    `the runner's clock was at UTC${offset}, not in the server's zone ${zone}: times without a zone were read so.`,
  )
  return offset
}

function offsetMinutes(zone: string, epoch: Microseconds): number {
  const instant = Temporal.Instant.fromEpochMilliseconds(Math.floor(epoch / 1000))
  return instant.toZonedDateTimeISO(zone).offsetNanoseconds / 60e9
}

/** The offset in ISO 8601, which Temporal accepts as a zone: `+05:45`. */
function offsetName(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const digits = [hours, rest].map((part) => String(part).padStart(2, '0')).join(':')
  return (minutes < 0 ? '-' : '+') + digits
}
