// Puts the runs of several series on one axis: a column is one round of runs, such as one night.

/** Runs of one series, the oldest first. */
export interface TimedRun {
  /** ISO */
  time: string
}

export interface Columns {
  /** The column of each run, by series. */
  of: number[][]
  /** When each column began, in milliseconds. */
  times: number[]
}

/**
 * A column has at most one run of a series, and lasts at most half of the usual time between two runs of a series. So
 * hosts that run a suite every night share a column, also when one of them missed a night.
 */
export function columnsOf(series: readonly (readonly TimedRun[])[]): Columns {
  const runs = series.flatMap((runs, row) =>
    runs.map(({ time }, index) => ({ at: Date.parse(time), row, index })),
  )
  // Runs of one series stay in their order, which is not by time alone.
  runs.sort((one, other) => one.at - other.at || one.index - other.index || one.row - other.row)
  const longest = usualGap(series) / 2
  const of = series.map((runs) => new Array<number>(runs.length).fill(0))
  const times: number[] = []
  const inColumn = new Set<number>()
  for (const { at, row, index } of runs) {
    if (times.length === 0 || inColumn.has(row) || at - (times.at(-1) ?? 0) > longest) {
      times.push(at)
      inColumn.clear()
    }
    inColumn.add(row)
    const columns = of[row]
    if (columns) columns[index] = times.length - 1
  }
  return { of, times }
}

/** The median of the times between two runs of a series; Infinity where no series has two. */
function usualGap(series: readonly (readonly TimedRun[])[]): number {
  const gaps = series.flatMap((runs) =>
    runs.slice(1).map(({ time }, index) => Date.parse(time) - Date.parse(runs[index]?.time ?? time)),
  )
  gaps.sort((one, other) => one - other)
  return gaps[gaps.length >> 1] ?? Number.POSITIVE_INFINITY
}

/** A date below the axis. */
export interface AxisMark {
  column: number
  time: number
}

/** Which columns get a date: counted from the newest, `every` columns apart. */
export function axisMarks(times: readonly number[], every: number): AxisMark[] {
  const marks: AxisMark[] = []
  for (let column = times.length - 1; column >= 0; column -= every) {
    const time = times[column]
    if (time !== undefined) marks.push({ column, time })
  }
  return marks.reverse()
}
