// Points in time as tools write them into XML, most of them ISO 8601 or nearly.

import { type Microseconds, parseTime } from '../../../time'

const MAX_LENGTH = 60
/** What GoogleTest says of a test that did not run, in any zone. */
const FIRST_DAYS = 2 * 86_400 * 1_000_000

/** @returns undefined when it is no time, or so near to 1970 that nobody meant it */
export function readTimestamp(given: string, zone: string): Microseconds | undefined {
  const text = given.trim()
  if (text.length > MAX_LENGTH) return undefined
  const time = parseTime(asIso(text), zone) ?? fromEpoch(text) ?? fromWords(text)
  return time === undefined || time < FIRST_DAYS ? undefined : time
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

/** `Tue, 05 Mar 2024 10:00:00 GMT`: with a zone only, or it would be read in that of this machine. */
function fromWords(text: string): Microseconds | undefined {
  if (!/^[A-Z][a-z]{2},? .*(?:GMT|UTC|[+-]\d{4})(?: \([\w ]+\))?$/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isFinite(milliseconds) ? milliseconds * 1000 : undefined
}
