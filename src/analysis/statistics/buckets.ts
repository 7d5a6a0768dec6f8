// Splits a range of time into hours, days, weeks or months of the server's time zone.

import { HOUR, type Microseconds } from '../../lib/time'

export type Interval = 'hour' | 'day' | 'week' | 'month'

/** An interval from `start` to before `end`. */
export interface Bucket {
  start: Microseconds
  end: Microseconds
}

/**
 * The whole buckets that overlap `after` to `before`, in order. Days, weeks and months start at midnight in `zone`,
 * weeks on Monday. A day on which the clocks change has 23 or 25 hours.
 */
export function* bucketsOf(
  interval: Interval,
  { after, before }: { after: Microseconds; before: Microseconds },
  zone: string,
): Generator<Bucket> {
  if (interval === 'hour') {
    for (let start = Math.floor(after / HOUR) * HOUR; start < before; start += HOUR) {
      yield { start, end: start + HOUR }
    }
    return
  }
  let day = firstDay(interval, after, zone)
  let start = midnight(day, zone)
  while (start < before) {
    day = day.add({ [`${interval}s`]: 1 })
    const end = midnight(day, zone)
    yield { start, end }
    start = end
  }
}

/** The start of the day that is `days` days before the day of `time`. */
export function startOfDay(time: Microseconds, zone: string, days: number): Microseconds {
  return midnight(dayOf(time, zone).subtract({ days }), zone)
}

function firstDay(interval: Interval, time: Microseconds, zone: string): Temporal.PlainDate {
  const day = dayOf(time, zone)
  if (interval === 'week') return day.subtract({ days: day.dayOfWeek - 1 })
  return interval === 'month' ? day.with({ day: 1 }) : day
}

function dayOf(time: Microseconds, zone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(time / 1000))
    .toZonedDateTimeISO(zone)
    .toPlainDate()
}

function midnight(day: Temporal.PlainDate, zone: string): Microseconds {
  return day.toZonedDateTime(zone).epochMilliseconds * 1000
}
