// Where a row ends when lines wrap: after so many columns, in a font whose characters are all equally wide.

import type { Bytes } from './bytes'

const NEWLINE = 0x0a
const RETURN = 0x0d
const TAB = 0x09
const ESCAPE = 0x1b
/** As in log.css. */
const TAB_COLUMNS = 8
/** A longer sequence is none. */
const MAX_SEQUENCE_BYTES = 24

/**
 * The end of the row that begins at `start`: after its line break, or before the character that has no room.
 *
 * @param maxBytes  of a row, however little of it is seen.
 * @returns undefined as long as too few bytes are there.
 */
export function wrapEnd(bytes: Bytes, start: number, columns: number, maxBytes: number): number | undefined {
  let used = 0
  for (let at = start; ; ) {
    const byte = bytes.at(at)
    if (byte === undefined) return undefined
    if (byte === NEWLINE) return at + 1
    const sequence = byte === ESCAPE ? sequenceBytes(bytes, at) : 0
    const width = sequence > 0 ? 0 : widthOf(byte, used)
    if ((used + width > columns || at - start >= maxBytes) && at > start) return at
    used += width
    at += sequence || 1
  }
}

/** Columns of the character that begins with a byte of UTF-8; none of those that go on with it. */
function widthOf(byte: number, used: number): number {
  if (byte === TAB) return TAB_COLUMNS - (used % TAB_COLUMNS)
  if (byte === RETURN) return 0
  // Controls are shown as ^G.
  if (byte < 0x20 || byte === 0x7f) return 2
  if (byte < 0x80) return 1
  if (byte < 0xc0) return 0
  // From three bytes on there are characters twice as wide.
  return byte < 0xe0 ? 1 : 2
}

/** Bytes of a sequence for colours or the cursor, of which nothing is seen. */
function sequenceBytes(bytes: Bytes, start: number): number {
  if (bytes.at(start + 1) !== 0x5b) return 0
  for (let at = start + 2; at < start + MAX_SEQUENCE_BYTES; at++) {
    const byte = bytes.at(at) ?? 0
    if (byte >= 0x40 && byte <= 0x7e) return at + 1 - start
    if (byte < 0x20) return 0
  }
  return 0
}
