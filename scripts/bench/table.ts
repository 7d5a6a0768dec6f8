// Figures as they are printed.

/** What is measured, its figure, that of a peer, the ratio of the two, and what that should be. */
export const rows: string[][] = []

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Median, and lowest to highest. @param digits  behind the point. */
export function spread(values: number[], digits = 0): string {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  )
  return `${middle} (${low} to ${high})`
}

/** A row whose figures were measured in turns, with the ratio of their medians. */
export function compare(
  what: string,
  own: number[],
  peer: number[],
  { unit, against, target, digits = 0 }: { unit: string; against: string; target?: string; digits?: number },
): void {
  const ratio = (median(own) / median(peer)).toFixed(2)
  rows.push([
    what,
    spread(own, digits) + unit,
    `${spread(peer, digits)}${unit} ${against}`,
    ratio,
    target ?? '',
  ])
}

export function print(table: string[][]): void {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
}
