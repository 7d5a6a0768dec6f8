// Decodes bytes to text: finds the encoding, and reports bytes that are invalid in it.

import type { FileReading } from './reading'

/** Byte order marks. The encodings have the names that `TextDecoder` uses. */
const BYTE_ORDER_MARKS: [encoding: Bun.Encoding, start: number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** The encoding according to a byte order mark, or to a zero in the first two bytes, as UTF-16 has for ASCII. */
export function encodingOf(bytes: Uint8Array): Bun.Encoding | undefined {
  const marked = BYTE_ORDER_MARKS.find(([, start]) => start.every((byte, index) => bytes[index] === byte))
  if (marked) return marked[0]
  const [first, second] = bytes
  if (first === undefined || second === undefined || (first === 0) === (second === 0)) return undefined
  return first === 0 ? 'utf-16be' : 'utf-16le'
}

/**
 * Decodes a text and removes a byte order mark.
 *
 * @param declared  the encoding that the text declares; the first bytes take precedence. undefined: UTF-8.
 */
export function decodeText(bytes: Uint8Array, reading: FileReading, declared?: string): string {
  const decoder = decoderFor(encodingOf(bytes) ?? encodingNameOf(declared), reading)
  const text = decoder.decode(bytes)
  // The text may contain U+FFFD itself.
  if (text.includes('\uFFFD') && !isValid(bytes, decoder.encoding)) {
    reading.warn(`bytes that are no ${decoder.encoding.toUpperCase()} were replaced by U+FFFD.`)
  }
  return text
}

/** A declaration that is readable as ASCII cannot be in UTF-16, and ASCII is a subset of UTF-8. */
function encodingNameOf(declared: string | undefined): string {
  return declared === undefined || /^(utf-?16|ucs-?2|iso-10646|(us-?)?ascii)/i.test(declared)
    ? 'utf-8'
    : declared
}

function decoderFor(encoding: string, reading: FileReading): TextDecoder {
  try {
    return new TextDecoder(encoding as Bun.Encoding) // it supports more encodings than its type lists
  } catch {
    reading.warn(`the encoding "${encoding.slice(0, 60)}" is not known: it was read as UTF-8.`)
    return new TextDecoder()
  }
}

function isValid(bytes: Uint8Array, encoding: string): boolean {
  try {
    new TextDecoder(encoding as Bun.Encoding, { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
