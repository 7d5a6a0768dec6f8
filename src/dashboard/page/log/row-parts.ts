// Splits a row of a log into parts with one style each, and marks the hits of the search.

import { parseAnsi, type TextStyle } from './ansi'
import { errorPattern, latin1Text } from './scan'
import { visibleText } from './text'

/** A hit of the search, as offsets in the row's bytes. It may begin before the row and end after it. */
export interface Hit {
  start: number
  end: number
  /** Whether the reader was led to this hit. */
  isCurrent: boolean
}

export interface RowPart {
  text: string
  style: TextStyle
  hit: Hit | undefined
}

const NEWLINE = 0x0a
const RETURN = 0x0d

/** @param hits  in ascending order, without overlaps. */
export function rowParts(row: Uint8Array, hits: Hit[]): RowPart[] {
  const bytes = withoutBreak(row)
  const parts: RowPart[] = []
  let next = 0
  for (const { start, end, style } of parseAnsi(latin1Text(bytes))) {
    for (let at = start; at < end; ) {
      while (next < hits.length && (hits[next]?.end ?? 0) <= at) next++
      const hit = hits[next]
      const isInside = hit !== undefined && hit.start <= at
      const until = Math.min(end, (isInside ? hit.end : hit?.start) ?? end)
      parts.push({
        text: visibleText(bytes.subarray(at, until)),
        style,
        hit: isInside ? hit : undefined,
      })
      at = until
    }
  }
  return parts
}

/** Whether the row has a word with which Avocado reports an error. */
export function isError(row: Uint8Array): boolean {
  return latin1Text(row).search(errorPattern.expression) >= 0
}

function withoutBreak(row: Uint8Array): Uint8Array {
  if (row.at(-1) !== NEWLINE) return row
  return row.subarray(0, row.at(-2) === RETURN ? -2 : -1)
}
