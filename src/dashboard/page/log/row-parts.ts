// A row of a log as it is shown: text with its looks, and where it was searched for.

import { parseAnsi, type TextStyle } from './ansi'
import { errorPattern, latin1Text } from './scan'
import { visibleText } from './text'

/** A match of the search, in bytes of the row; it may reach over both ends. */
export interface Hit {
  start: number
  end: number
  /** The one that the reader is led to. */
  isCurrent: boolean
}

export interface RowPart {
  text: string
  style: TextStyle
  hit: Hit | undefined
}

const NEWLINE = 0x0a
const RETURN = 0x0d

/** @param hits  in order, apart from each other. */
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

/** Whether it has words of Avocado that say that something broke. */
export function isError(row: Uint8Array): boolean {
  return latin1Text(row).search(errorPattern.expression) >= 0
}

function withoutBreak(row: Uint8Array): Uint8Array {
  if (row.at(-1) !== NEWLINE) return row
  return row.subarray(0, row.at(-2) === RETURN ? -2 : -1)
}
