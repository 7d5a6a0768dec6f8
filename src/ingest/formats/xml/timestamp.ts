// Parses the timestamps that tools write into XML, most of them nearly ISO 8601.

import { type Microseconds, parseTime } from '../../../lib/time'

const MAX_LENGTH = 60
/** Time zero of a clock, in any zone: GoogleTest writes it for a test that did not run. */
const ZERO = /^(1969-12-31|1970-01-01)T|^0+(\.0+)?$/

/** @returns null for an empty or zero timestamp, undefined for a text that is not a time */
export function readTimestamp(given: string, zone: string): Microseconds | null | undefined {
  const text = given.trim()
  if (text === '' || ZERO.test(text)) return null
  if (text.length > MAX_LENGTH) return undefined
  return parseTime(asIso(text), zone) ?? fromEpoch(text) ?? fromWords(text)
}

function asIso(text: string): string {
  return text
    .replace(/^(\d{4})[/.](\d\d)[/.](\d\d)/, '$1-$2-$3')
    .replace(/(:\d\d),(\d)/, '$1.$2')
    .replace(/\[[\w/+-]+\]$/, '') // Java's name of the zone, after the offset
    .replace(/\s*(?:UTC|GMT)$/i, 'Z')
    .replace(/\s+([+-]\d\d:?\d\d)$/, '$1')
    .replace(/^(\S+)t(\S+)$/, '$1T$2')
    .replace(/z$/, 'Z')
}

/** Seconds or milliseconds since 1970, distinguished by their size. */
function fromEpoch(text: string): Microseconds | undefined {
  if (/^\d{9,10}(\.\d{1,9})?$/.test(text)) return Math.round(Number(text) * 1_000_000)
  return /^\d{12,13}$/.test(text) ? Number(text) * 1000 : undefined
}

/**
 * `Tue, 05 Mar 2024 10:00:00 GMT`; TestNG omits the day of the week. A zone is required: without one, Date.parse would
 * use the zone of this machine.
 */
function fromWords(text: string): Microseconds | undefined {
  if (!/^(?:\d{1,2} )?[A-Z][a-z]{2},? .*(?:GMT|UTC|[+-]\d{4})(?: \([\w ]+\))?$/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isFinite(milliseconds) ? milliseconds * 1000 : undefined
}
