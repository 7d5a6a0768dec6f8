// Points in time: whole microseconds since 1970 in the code, ISO 8601 in UTC on the wire.

/** Microseconds since 1970-01-01T00:00:00Z. A double holds them exactly until the year 2255. */
export type Microseconds = number

export const MINUTE: Microseconds = 60 * 1_000_000
export const HOUR: Microseconds = 60 * MINUTE
export const DAY: Microseconds = 24 * HOUR

const SHAPE =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d{0,6})?)?(Z|[+-]\d\d(?::?\d\d)?)?$/
const MAX_TIME = Date.UTC(2255, 0, 1) * 1000 - 1

/**
 * Parses a time from a client: `2013-05-02T05:00:01.5+02:00`. A blank may replace the T; seconds, fraction and zone are
 * optional. Digits after the sixth of a fraction are dropped.
 *
 * @param zone  the time zone for a time without one. A time that the clocks skip or repeat is read like Temporal's
 *   `compatible`.
 * @returns undefined when the text is not a time of the years 1970 to 2254.
 */
export function parseTime(text: string, zone: string): Microseconds | undefined {
  const match = SHAPE.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second = '0', fraction = '', offset] = match
  const fields = [
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  ] as const
  if (!isRealTime(...fields)) return undefined
  const milliseconds = offset === undefined ? inZone(fields, zone) : atOffset(fields, offset)
  if (milliseconds === undefined) return undefined
  const microseconds = milliseconds * 1000 + Number(fraction.padEnd(6, '0'))
  return microseconds >= 0 && microseconds <= MAX_TIME ? microseconds : undefined
}

/** `2013-05-02T05:00:01Z`, with six digits of fraction only when they are not all zero. */
export function formatTime(time: Microseconds): string {
  const iso = new Date(Math.floor(time / 1000)).toISOString().slice(0, 19)
  const fraction = time % 1_000_000
  return fraction === 0 ? `${iso}Z` : `${iso}.${String(fraction).padStart(6, '0')}Z`
}

const seconds = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** Parses a duration such as `90d`, `12h`, `30m` or `2w`. @returns undefined for other text and for zero. */
export function parseDuration(text: string): Microseconds | undefined {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? []
  if (!unit || Number(count) === 0) return undefined
  return Number(count) * seconds[unit as keyof typeof seconds] * 1_000_000
}

/** The machine's own zone, as an IANA name. */
export function machineZone(): string {
  return Temporal.Now.timeZoneId()
}

export function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch {
    return false
  }
}

type Fields = readonly [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
]

function isRealTime(...[year, month, day, hour, minute, second]: Fields): boolean {
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (year < 1969) return false // Date.UTC reads 99 as 1999
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth && hour < 24 && minute < 60 && second < 60
  )
}

function atOffset(fields: Fields, offset: string): number | undefined {
  const hours = Number(offset.slice(1, 3) || 0)
  const minutes = Number(offset.slice(3).replace(':', '') || 0)
  if (hours > 23 || minutes > 59) return undefined
  const [year, month, ...rest] = fields
  const sign = offset.startsWith('-') ? 1 : -1
  return Date.UTC(year, month - 1, ...rest) + sign * (hours * 60 + minutes) * 60_000
}

function inZone([year, month, day, hour, minute, second]: Fields, zone: string): number {
  const local = new Temporal.PlainDateTime(year, month, day, hour, minute, second)
  return local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
}
