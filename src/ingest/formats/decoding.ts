// Bytes that are text: in which encoding, and what of them fits none.

import type { FileReading } from './reading'

/** What `TextDecoder` calls them, by how a file begins. */
const MARKS: [encoding: Bun.Encoding, start: number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** The encoding that the first bytes tell: by a byte order mark, or by the zeros of UTF-16 around an ASCII character. */
export function encodingOf(bytes: Uint8Array): Bun.Encoding | undefined {
  const marked = MARKS.find(([, start]) => start.every((byte, index) => bytes[index] === byte))
  if (marked) return marked[0]
  const [first, second] = bytes
  if (first === undefined || second === undefined || (first === 0) === (second === 0)) return undefined
  return first === 0 ? 'utf-16be' : 'utf-16le'
}

/**
 * The text, without a byte order mark.
 *
 * @param declared  what the text says of itself, which counts for less than how it begins; undefined: UTF-8.
 */
export function decodeText(bytes: Uint8Array, reading: FileReading, declared?: string): string {
  const decoder = decoderFor(encodingOf(bytes) ?? nameOf(declared), reading)
  const text = decoder.decode(bytes)
  // A text may hold U+FFFD of its own.
  if (text.includes('\uFFFD') && !isWhole(bytes, decoder.encoding)) {
    reading.warn(`bytes that are no ${decoder.encoding.toUpperCase()} were replaced by U+FFFD.`)
  }
  return text
}

/** What can be declared in ASCII is no UTF-16, and whoever says ASCII and means it writes UTF-8. */
function nameOf(declared: string | undefined): string {
  return declared === undefined || /^(utf-?16|ucs-?2|iso-10646|(us-?)?ascii)/i.test(declared)
    ? 'utf-8'
    : declared
}

function decoderFor(encoding: string, reading: FileReading): TextDecoder {
  try {
    return new TextDecoder(encoding as Bun.Encoding) // which knows more than its type says
  } catch {
    reading.warn(`the encoding "${encoding.slice(0, 60)}" is not known: it was read as UTF-8.`)
    return new TextDecoder()
  }
}

function isWhole(bytes: Uint8Array, encoding: string): boolean {
  try {
    new TextDecoder(encoding as Bun.Encoding, { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
