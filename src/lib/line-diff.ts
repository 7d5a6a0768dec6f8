// Compares two texts line by line in time that grows with their length, whatever they hold: the shortest difference
// (Myers, "An O(ND) Difference Algorithm", 1986) as far as a budget of steps reaches, and beyond it what lies between
// lines that both texts have once ("patience").

import type { Cooperative } from './cooperative'

export interface DiffLine {
  /** What happened to the line between the two texts. */
  change: 'same' | 'removed' | 'added'
  text: string
}

/** Changed lines that are near each other, with the same lines around them. */
export interface Hunk {
  /** The number of the first line in each text, from 1. */
  before: number
  after: number
  lines: DiffLine[]
}

/** Same lines around a change, as `diff -u` has them. */
const CONTEXT = 3
/** The most edits for which the shortest difference of a part is looked for. Its memory grows with the square. */
const MAX_EDITS = 400
/** Steps of all parts together. Each takes some nanoseconds. */
const MAX_STEPS = 3_000_000
/** How often a part is parted again by lines that are unique in it. */
const MAX_DEPTH = 6

/** The difference between two lists of lines; no hunk: they are equal. */
export function* diffLines(before: readonly string[], after: readonly string[]): Cooperative<Hunk[]> {
  const numbers = new Map<string, number>()
  const numbered = (lines: readonly string[]) =>
    Int32Array.from(lines, (line) => {
      const number = numbers.get(line) ?? numbers.size
      numbers.set(line, number)
      return number
    })
  const difference = new Difference(numbered(before), numbered(after))
  yield
  yield* difference.compare({ from: 0, to: before.length, afterFrom: 0, afterTo: after.length }, 0)
  return hunksOf(before, after, difference)
}

/** Lines `from` to before `to` of the first text, and `afterFrom` to before `afterTo` of the second. */
interface Part {
  from: number
  to: number
  afterFrom: number
  afterTo: number
}

class Difference {
  /** 1 for each line that the other text has at the same place. */
  readonly sameBefore: Uint8Array
  readonly sameAfter: Uint8Array
  private steps = 0

  constructor(
    private readonly before: Int32Array,
    private readonly after: Int32Array,
  ) {
    this.sameBefore = new Uint8Array(before.length)
    this.sameAfter = new Uint8Array(after.length)
  }

  *compare(whole: Part, depth: number): Cooperative<void> {
    const part = this.withoutSameEnds(whole)
    if (part.from === part.to || part.afterFrom === part.afterTo) return
    if (yield* this.markShortest(part)) return
    const anchors = depth < MAX_DEPTH ? this.anchorsOf(part) : []
    yield
    if (anchors.length === 0) return // all of these lines count as replaced
    let { from, afterFrom } = part
    for (const [line, afterLine] of anchors) {
      this.markSame(line, afterLine)
      yield* this.compare({ from, to: line, afterFrom, afterTo: afterLine }, depth + 1)
      from = line + 1
      afterFrom = afterLine + 1
    }
    yield* this.compare({ from, to: part.to, afterFrom, afterTo: part.afterTo }, depth + 1)
  }

  private markSame(line: number, afterLine: number): void {
    this.sameBefore[line] = 1
    this.sameAfter[afterLine] = 1
  }

  /** Marks the lines with which both texts begin and end. */
  private withoutSameEnds({ from, to, afterFrom, afterTo }: Part): Part {
    while (from < to && afterFrom < afterTo && this.before[from] === this.after[afterFrom]) {
      this.markSame(from++, afterFrom++)
    }
    while (from < to && afterFrom < afterTo && this.before[to - 1] === this.after[afterTo - 1]) {
      this.markSame(--to, --afterTo)
    }
    return { from, to, afterFrom, afterTo }
  }

  /** Marks the same lines of the shortest difference. @returns false when it has too many edits */
  private *markShortest({ from, to, afterFrom, afterTo }: Part): Generator<void, boolean> {
    const [length, afterLength] = [to - from, afterTo - afterFrom]
    const most = Math.min(MAX_EDITS, length + afterLength)
    // reached[k + most]: how far the first text is read on the diagonal k, which has so many more lines of it.
    const reached = new Int32Array(2 * most + 2)
    const history: Int32Array[] = []
    for (let edits = 0; edits <= most && this.steps < MAX_STEPS; edits++) {
      history.push(reached.slice(most - edits, most + edits + 2))
      for (let k = -edits; k <= edits; k += 2) {
        const isAdded = k === -edits || (k !== edits && at(reached, k - 1 + most) < at(reached, k + 1 + most))
        let x = isAdded ? at(reached, k + 1 + most) : at(reached, k - 1 + most) + 1
        let y = x - k
        while (x < length && y < afterLength && this.before[from + x] === this.after[afterFrom + y]) {
          x++
          y++
          this.steps++
        }
        this.steps++
        reached[k + most] = x
        if (x >= length && y >= afterLength) {
          this.markPath({ from, to, afterFrom, afterTo }, history)
          return true
        }
      }
      yield
    }
    return false
  }

  /** Walks back from the end, through what was reached with one edit less each time. */
  private markPath({ from, to, afterFrom, afterTo }: Part, history: Int32Array[]): void {
    let [x, y] = [to - from, afterTo - afterFrom]
    for (let edits = history.length - 1; edits >= 0; edits--) {
      const reached = history[edits] as Int32Array // of the diagonals -edits to edits + 1
      const k = x - y
      const isAdded = k === -edits || (k !== edits && at(reached, k - 1 + edits) < at(reached, k + 1 + edits))
      const previousX = edits === 0 ? 0 : at(reached, (isAdded ? k + 1 : k - 1) + edits)
      const previousY = edits === 0 ? 0 : previousX - (isAdded ? k + 1 : k - 1)
      const startX = edits === 0 ? 0 : isAdded ? previousX : previousX + 1
      while (x > startX) this.markSame(from + --x, afterFrom + --y)
      x = previousX
      y = previousY
    }
  }

  /** Pairs of lines that are once in each text, the most that have the same order in both. */
  private anchorsOf({ from, to, afterFrom, afterTo }: Part): [number, number][] {
    const places = new Map<number, { line: number; afterLine: number }>()
    for (let line = from; line < to; line++) {
      const number = at(this.before, line)
      places.set(number, { line: places.has(number) ? -1 : line, afterLine: -1 })
    }
    for (let line = afterFrom; line < afterTo; line++) {
      const place = places.get(at(this.after, line))
      if (place) place.afterLine = place.afterLine === -1 ? line : -2
    }
    const pairs = [...places.values()].filter(({ line, afterLine }) => line >= 0 && afterLine >= 0)
    return longestRising(pairs).map(({ line, afterLine }) => [line, afterLine])
  }
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] as number
}

/** The longest selection, in order, whose `afterLine` rises. */
function longestRising<T extends { afterLine: number }>(pairs: T[]): T[] {
  const ends: number[] = [] // ends[n]: the pair with the smallest afterLine that ends a selection of n + 1
  const previous = new Int32Array(pairs.length)
  const endOf = (index: number) => (pairs[index] as T).afterLine
  for (let index = 0; index < pairs.length; index++) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (endOf(ends[middle] as number) < endOf(index)) low = middle + 1
      else high = middle
    }
    previous[index] = low > 0 ? (ends[low - 1] as number) : -1
    ends[low] = index
  }
  const found: T[] = []
  for (let index = ends.at(-1) ?? -1; index >= 0; index = at(previous, index)) found.push(pairs[index] as T)
  return found.reverse()
}

function hunksOf(before: readonly string[], after: readonly string[], difference: Difference): Hunk[] {
  const { sameBefore, sameAfter } = difference
  const hunks: Hunk[] = []
  let hunk: Hunk | undefined
  let sameLines = 0 // since the last change
  let [line, afterLine] = [0, 0]
  const change = (change: 'removed' | 'added') => {
    hunk ??= open()
    const text = change === 'removed' ? before[line++] : after[afterLine++]
    hunk.lines.push({ change, text: text as string })
    sameLines = 0
  }
  const open = () => {
    const lead = Math.min(CONTEXT, line, afterLine, sameLines)
    const lines = before.slice(line - lead, line).map((text) => ({ change: 'same' as const, text }))
    const opened = { before: line - lead + 1, after: afterLine - lead + 1, lines }
    hunks.push(opened)
    return opened
  }
  const close = () => {
    const extra = sameLines - CONTEXT
    if (hunk && extra > 0) hunk.lines.length -= extra
    hunk = undefined
  }
  while (line < before.length || afterLine < after.length) {
    if (line < before.length && !sameBefore[line]) change('removed')
    else if (afterLine < after.length && !sameAfter[afterLine]) change('added')
    else {
      hunk?.lines.push({ change: 'same', text: before[line] as string })
      line++
      afterLine++
      if (++sameLines > 2 * CONTEXT) close()
    }
  }
  close()
  return hunks
}
