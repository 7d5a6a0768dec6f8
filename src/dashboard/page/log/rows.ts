// Finds where the rows of a log begin. A row is a line, or a part of a line that is too long for one row. Only every
// 64th row is stored as a checkpoint, and the others are found from there, so that a log of empty lines needs little
// memory, too.

import type { Bytes } from './bytes'
import { NumberList } from './numbers'
import { wrapEnd } from './wrap'

export interface Row {
  /** 0-based. */
  number: number
  /** Offsets in the log, in bytes. The row includes its line break, if any. */
  start: number
  end: number
  /** 1-based. */
  line: number
  /** Whether the row continues a line that began in an earlier row. */
  continues: boolean
}

/** A longer line continues in the next row. */
export const MAX_ROW_BYTES = 2000

const CHECKPOINT_BITS = 6
const NEWLINE = 0x0a
const ESCAPE = 0x1b
/** An escape sequence that begins in the last bytes of a row is moved to the next row. */
const ESCAPE_BYTES = 24

export class Rows {
  private readonly checkpointStarts = new NumberList()
  private readonly checkpointLines = new NumberList()
  /** The number of rows whose end is known. */
  private completeRows = 0
  private next: Pick<Row, 'start' | 'line'> = { start: 0, line: 1 }
  /** The end, so far, of the row after the complete ones. */
  private openEnd = 0
  /** The length of the longest complete row, in bytes. */
  private longestCompleteBytes = 0

  /** @param columns  the width at which lines wrap; undefined: lines do not wrap. */
  constructor(
    private readonly bytes: Bytes,
    readonly columns?: number,
  ) {}

  /** The number of rows so far; the last one may still grow. */
  get length(): number {
    return this.completeRows + (this.next.start < this.openEnd ? 1 : 0)
  }

  /** The length of the longest row, in bytes. More bytes may still split the last row, and so shorten it. */
  get longestBytes(): number {
    return Math.max(this.longestCompleteBytes, this.openEnd - this.next.start)
  }

  get lineCount(): number {
    return this.next.start < this.openEnd ? this.next.line : this.next.line - 1
  }

  /** Finds up to `limit` more rows. @returns whether there may be more. */
  advance(limit: number): boolean {
    for (let count = 0; count < limit; count++) {
      const { start, line } = this.next
      if (start >= this.bytes.length) return false
      if (this.completeRows === this.checkpointStarts.length << CHECKPOINT_BITS) {
        this.checkpointStarts.push(start)
        this.checkpointLines.push(line)
      }
      const end = this.endOf(start)
      if (end === undefined) {
        this.openEnd = this.bytes.length
        return false
      }
      this.longestCompleteBytes = Math.max(this.longestCompleteBytes, end - start)
      this.completeRows++
      this.next = { start: end, line: this.lineAfter(line, end) }
    }
    return true
  }

  /** Up to `count` rows, beginning with the row `first`. */
  slice(first: number, count: number): Row[] {
    const rows: Row[] = []
    for (const row of this.walk(first >> CHECKPOINT_BITS)) {
      if (row.number >= first + count) break
      if (row.number >= first) rows.push(row)
    }
    return rows
  }

  /** The first row of a line; undefined if the line does not exist (yet). */
  ofLine(line: number): Row | undefined {
    if (line < 1 || line > this.lineCount) return undefined
    for (const row of this.walk(Math.max(0, this.checkpointLines.countBelow(line) - 1))) {
      if (row.line === line) return row
    }
    return undefined
  }

  /** The row that contains the byte at `offset`. */
  ofByte(offset: number): Row | undefined {
    for (const row of this.walk(Math.max(0, this.checkpointStarts.countBelow(offset + 1) - 1))) {
      if (row.end > offset) return row
    }
    return undefined
  }

  /** All rows from a checkpoint on. */
  private *walk(checkpoint: number): Generator<Row, undefined> {
    let number = checkpoint << CHECKPOINT_BITS
    let start = this.checkpointStarts.at(checkpoint)
    let line = this.checkpointLines.at(checkpoint)
    while (number < this.length) {
      const end = number < this.completeRows ? (this.endOf(start) ?? this.openEnd) : this.openEnd
      const continues = start > 0 && this.bytes.at(start - 1) !== NEWLINE
      yield { number, start, end, line, continues }
      line = this.lineAfter(line, end)
      start = end
      number++
    }
  }

  private lineAfter(line: number, end: number): number {
    return this.bytes.at(end - 1) === NEWLINE ? line + 1 : line
  }

  /** The end of the row at `start`. Depends only on the bytes from there on; undefined while there are too few. */
  private endOf(start: number): number | undefined {
    if (this.columns !== undefined) return wrapEnd(this.bytes, start, this.columns, MAX_ROW_BYTES)
    const longest = start + MAX_ROW_BYTES
    const newline = this.bytes.indexOf(NEWLINE, start, longest + 1)
    if (newline >= 0) return newline + 1
    return longest < this.bytes.length ? this.cut(start, longest) : undefined
  }

  /** The last offset up to `end` that splits neither a character nor an escape sequence. */
  private cut(start: number, end: number): number {
    for (let at = end - 1; at >= Math.max(start + 1, end - ESCAPE_BYTES); at--) {
      if (this.bytes.at(at) === ESCAPE) return at
    }
    for (let at = end; at > end - 4; at--) {
      if (((this.bytes.at(at) ?? 0) & 0xc0) !== 0x80) return at
    }
    return end
  }
}
