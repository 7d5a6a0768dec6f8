// Finds where a row ends when lines wrap after a number of columns, in a monospaced font.

import type { Bytes } from './bytes'

const NEWLINE = 0x0a
const RETURN = 0x0d
const TAB = 0x09
const ESCAPE = 0x1b
/** The width of a tab, as in log.css. */
const TAB_COLUMNS = 8
/** A longer sequence is treated as text. */
const MAX_SEQUENCE_BYTES = 24

/**
 * The end of the row that begins at `start`: after its line break, or before the first character that does not fit.
 *
 * @param maxBytes  the most bytes of a row, however few of them are visible.
 * @returns undefined while there are too few bytes.
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

/** The columns of the character that begins with this byte of UTF-8; 0 for a continuation byte. */
function widthOf(byte: number, used: number): number {
  if (byte === TAB) return TAB_COLUMNS - (used % TAB_COLUMNS)
  if (byte === RETURN) return 0
  // A control is shown as two characters, such as ^G.
  if (byte < 0x20 || byte === 0x7f) return 2
  if (byte < 0x80) return 1
  if (byte < 0xc0) return 0
  // Characters of three bytes and more may be twice as wide.
  return byte < 0xe0 ? 1 : 2
}

/** The length of an invisible sequence for colours or the cursor; 0 if there is none. */
function sequenceBytes(bytes: Bytes, start: number): number {
  if (bytes.at(start + 1) !== 0x5b) return 0
  for (let at = start + 2; at < start + MAX_SEQUENCE_BYTES; at++) {
    const byte = bytes.at(at) ?? 0
    if (byte >= 0x40 && byte <= 0x7e) return at + 1 - start
    if (byte < 0x20) return 0
  }
  return 0
}
