// Lines with their columns aligned.

import { formatTime, type Microseconds } from '../lib/time'

/**
 * What others have typed is shown at a terminal: a control character, or one that turns the direction of writing,
 * stands as `\u001b` in place of what it does.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}

/** @param rows  the first has the names of the columns. */
export function table(rows: string[][]): string[] {
  const shown = rows.map((row) => row.map(printable))
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((row) => Bun.stringWidth(row[column] ?? ''))),
  )
  return shown.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - Bun.stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  )
}

export function toSeconds(time: Microseconds): string {
  return formatTime(time - (time % 1_000_000))
}
