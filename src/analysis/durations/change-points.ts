// Where the durations of a test changed: Mann-Whitney's test at every split. Ranks, because a machine that was busy once
// makes one run several times as long.

/** Passed runs of a series that are looked at. */
export const MOST_DURATIONS = 100
const LEAST_RUNS = 4
/** Standard deviations of the rank sum. With the choice of the best split, 2 in 1,000 series have that by chance. */
const LEAST_Z = 3.3
const LEAST_RATIO = 1.1

export interface ChangePoint {
  /** The index of the first run after the change. */
  index: number
  /** Medians from the change before this one, and to the one after it, in the unit of the durations. */
  before: number
  after: number
  ratio: number
  /** Above 0: slower. */
  z: number
}

/** @param durations  of the passed runs of one series in the order of time; only the last 100 are looked at. */
export function findChangePoints(durations: readonly number[]): ChangePoint[] {
  const offset = Math.max(0, durations.length - MOST_DURATIONS)
  const recent = durations.slice(offset)
  const splits = splitsOf(recent, 0)
  return splits.map(({ index, z }, at) => {
    const before = medianOf(recent.slice(splits[at - 1]?.index ?? 0, index))
    const after = medianOf(recent.slice(index, splits[at + 1]?.index ?? recent.length))
    return { index: index + offset, before, after, ratio: after / before, z }
  })
}

interface Split {
  index: number
  z: number
}

function splitsOf(durations: readonly number[], offset: number): Split[] {
  const split = bestSplit(durations)
  if (!split || Math.abs(split.z) < LEAST_Z) return []
  const before = durations.slice(0, split.index)
  const after = durations.slice(split.index)
  const ratio = medianOf(after) / medianOf(before)
  if (!(ratio >= LEAST_RATIO || ratio <= 1 / LEAST_RATIO)) return []
  return [
    ...splitsOf(before, offset),
    { index: split.index + offset, z: split.z },
    ...splitsOf(after, offset + split.index),
  ]
}

/** The split with the largest |z|, the first of equal ones; undefined with fewer than 8 runs. */
export function bestSplit(durations: readonly number[]): Split | undefined {
  const count = durations.length
  const ranks = ranksOf(durations)
  let best: Split | undefined
  let sum = 0
  for (let index = 1; index <= count - LEAST_RUNS; index++) {
    sum += ranks[index - 1] ?? 0
    if (index < LEAST_RUNS) continue
    const expected = (index * (count + 1)) / 2
    const z = (expected - sum) / Math.sqrt((index * (count - index) * (count + 1)) / 12)
    if (!best || Math.abs(z) > Math.abs(best.z)) best = { index, z }
  }
  return best
}

/** From 1; equal durations share the mean of theirs. */
function ranksOf(durations: readonly number[]): Float64Array {
  const ranks = new Float64Array(durations.length)
  const order = durations.map((_, index) => index).sort((a, b) => (durations[a] ?? 0) - (durations[b] ?? 0))
  for (let start = 0; start < order.length; ) {
    const duration = durations[order[start] ?? 0]
    let end = start + 1
    while (end < order.length && durations[order[end] ?? 0] === duration) end++
    for (const index of order.slice(start, end)) ranks[index] = (start + end + 1) / 2
    start = end
  }
  return ranks
}

function medianOf(durations: readonly number[]): number {
  const sorted = durations.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
