// Prints tables with aligned columns.

import { formatTime, type Microseconds } from '../lib/time'

/**
 * Escapes control characters and characters that change the direction of writing, as in `\u{1b}`: text that other
 * people typed must not control the terminal.
 */
export function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}

/** @param rows  the first one has the names of the columns. */
export function table(rows: string[][]): string[] {
  const shown = rows.map((row) => row.map(escapeControls))
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

/** Formats a time without its fraction of a second. */
export function formatWithoutFraction(time: Microseconds): string {
  return formatTime(time - (time % 1_000_000))
}
