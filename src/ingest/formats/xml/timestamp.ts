// Points in time as tools write them into XML, most of them ISO 8601 or nearly.

import { type Microseconds, parseTime } from '../../../lib/time'

const MAX_LENGTH = 60
/** The zero of a clock, in any zone: how GoogleTest writes that a test did not run. */
const ZERO = /^(1969-12-31|1970-01-01)T|^0+(\.0+)?$/

/** @returns null when there is none, undefined when it is no time */
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
    .replace(/\[[\w/+-]+\]$/, '') // Java's name of the zone, behind its offset
    .replace(/\s*(?:UTC|GMT)$/i, 'Z')
    .replace(/\s+([+-]\d\d:?\d\d)$/, '$1')
    .replace(/^(\S+)t(\S+)$/, '$1T$2')
    .replace(/z$/, 'Z')
}

/** Seconds or milliseconds since 1970, told apart by their size. */
function fromEpoch(text: string): Microseconds | undefined {
  if (/^\d{9,10}(\.\d{1,9})?$/.test(text)) return Math.round(Number(text) * 1_000_000)
  return /^\d{12,13}$/.test(text) ? Number(text) * 1000 : undefined
}

/** `Tue, 05 Mar 2024 10:00:00 GMT`, of TestNG without the day of the week: with a zone only, or it would be read in that of this machine. */
function fromWords(text: string): Microseconds | undefined {
  if (!/^(?:\d{1,2} )?[A-Z][a-z]{2},? .*(?:GMT|UTC|[+-]\d{4})(?: \([\w ]+\))?$/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isFinite(milliseconds) ? milliseconds * 1000 : undefined
}
