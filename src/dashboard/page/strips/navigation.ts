// Walking through strips with the keyboard. All strips together are one stop of the tab key.

/** Where a run is: the strip, and its index in it. */
export interface Position {
  row: number
  index: number
}

interface Walkable {
  columns: readonly number[]
  /** Whether the environment changed before the run. */
  changed: readonly boolean[]
}

/**
 * Where a key leads: left and right to the next run, up and down to the strip above and below, Home and End to the
 * ends, t and T to the next and previous change of the environment.
 *
 * @returns undefined when the key leads nowhere.
 */
export function walk(rows: readonly Walkable[], { row, index }: Position, key: string): Position | undefined {
  const strip = rows[row]
  if (!strip) return undefined
  const within = (to: number) => (to >= 0 && to < strip.columns.length ? { row, index: to } : undefined)
  switch (key) {
    case 'ArrowLeft':
      return within(index - 1)
    case 'ArrowRight':
      return within(index + 1)
    case 'Home':
      return within(0)
    case 'End':
      return within(strip.columns.length - 1)
    case 'ArrowUp':
    case 'ArrowDown': {
      const to = row + (key === 'ArrowUp' ? -1 : 1)
      const other = rows[to]
      if (!other || other.columns.length === 0) return undefined
      return { row: to, index: nearest(other.columns, strip.columns[index] ?? 0) }
    }
    case 't':
      return within(strip.changed.indexOf(true, index + 1))
    case 'T':
      return within(index === 0 ? -1 : strip.changed.lastIndexOf(true, index - 1))
  }
  return undefined
}

function nearest(columns: readonly number[], column: number): number {
  let best = 0
  for (const [index, each] of columns.entries()) {
    if (Math.abs(each - column) < Math.abs((columns[best] ?? 0) - column)) best = index
  }
  return best
}
