// Parses the header of a tar entry, and pax records. Sources: POSIX.1-2008, "pax Interchange Format"; GNU tar's manual,
// "Basic Tar Format".

export interface Header {
  name: Uint8Array
  /** The target of a link. */
  target: Uint8Array
  /** NaN or an unsafe integer if the field is invalid. */
  size: number
  /** One character; '0' for files. */
  type: string
}

/** @throws Error for bytes that are not a header. */
export function parseHeader(block: Uint8Array): Header {
  let sum = 8 * 0x20 // the checksum field counts as blanks
  for (let at = 0; at < block.length; at++) if (at < 148 || at >= 156) sum += block[at] as number
  if (numberAt(block, 148, 8) !== sum) throw new Error('what should be the header of an entry is none')
  const type = block[156] === 0 ? '0' : String.fromCharCode(block[156] as number)
  const name = untilNul(block, 0, 100)
  const isUstar = decodeUtf8(block.subarray(257, 263)) === 'ustar\0'
  const prefix = isUstar ? untilNul(block, 345, 155) : new Uint8Array()
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name,
    target: untilNul(block, 157, 100),
    size: numberAt(block, 124, 12),
    type,
  }
}

/** Parses records `LENGTH KEY=VALUE\n`, with the length of the whole record, up to the first invalid one. */
export function parsePax(bytes: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>()
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at)
    const length = blank < 0 || blank > at + 12 ? Number.NaN : Number(decodeUtf8(bytes.subarray(at, blank)))
    if (!(length > 0) || at + length > bytes.length) break
    const record = bytes.subarray(blank + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    if (equals > 0) records.set(decodeUtf8(record.subarray(0, equals)), record.subarray(equals + 1))
    at += length
  }
  return records
}

export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function untilNul(block: Uint8Array, start: number, length: number): Uint8Array {
  const field = block.subarray(start, start + length)
  const end = field.indexOf(0)
  return end < 0 ? field : field.subarray(0, end)
}

/** A number in octal digits, or in base 256 if the first bit is set. */
function numberAt(block: Uint8Array, start: number, length: number): number {
  const field = block.subarray(start, start + length)
  const first = field[0] as number
  if (first === 0x80) return field.subarray(1).reduce((number, byte) => number * 256 + byte, 0)
  if (first > 0x80) return Number.NaN // negative
  const digits = decodeUtf8(untilNul(block, start, length)).trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}
