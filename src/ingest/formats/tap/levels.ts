// The stream that a line belongs to, by its indentation: subtests are indented, four columns in TAP, two in KTAP, and
// their own test comes behind them, or before them where a brace opens them.

import { newStream, type Point, type Stream } from './streams'

/** Deeper ones are taken for what a program printed. */
const MAX_DEPTH = 50

export interface Level<Q> {
  indent: number
  stream: Stream
  /** A `}` ends it. */
  isBuffered: boolean
  /** Numbers that the plan says are TODO. */
  todo: Set<number>
  last: Point | null
  comments: string[]
  /** Named by `# Subtest`, to begin on a deeper line. */
  next: string | null
  /** They have ended, and their own test has not come. */
  pending: Stream[]
  /** What comments quote. */
  quoted: Q | null
}

export class Levels<Q> {
  readonly streams: Stream[] = []
  #levels: Level<Q>[] = []

  /** @param unquote  the streams that comments of a level quote, when no more come. */
  constructor(readonly unquote: (level: Level<Q>) => Stream[]) {
    this.begin('', false)
  }

  get top(): Level<Q> {
    return this.#levels.at(-1) as Level<Q> // the file's own is never left
  }

  get isOutermost(): boolean {
    return this.#levels.length === 1
  }

  get isDeepest(): boolean {
    return this.#levels.length >= MAX_DEPTH
  }

  /** Begins a stream of the file itself. */
  begin(name: string, isProves: boolean): void {
    const stream = newStream(name, isProves)
    this.streams.push(stream)
    this.#levels = [newLevel(stream, 0)]
  }

  /** Begins a subtest. @param inherits  the deeper ones that have just ended are its own. */
  enter(indent: number, { inherits = false } = {}): void {
    const outer = this.top
    const pending = outer.pending.splice(0)
    if (!inherits) outer.stream.cut.push(...pending)
    const level = newLevel<Q>(newStream(outer.next ?? ''), indent)
    if (inherits) level.pending = pending
    outer.next = null
    this.#levels.push(level)
  }

  /** Begins the subtest that a brace opens. */
  enterBraces(point: Point, indent: number): void {
    const stream = newStream(point.title)
    point.inside.push(stream)
    this.#levels.push({ ...newLevel<Q>(stream, indent), isBuffered: true })
  }

  /** Ends levels, from the deepest on, and leaves them to the test that comes on the level above. @returns whether any */
  leave(isLeft: (level: Level<Q>) => boolean): boolean {
    const before = this.#levels.length
    while (!this.isOutermost && isLeft(this.top)) {
      const { stream, isBuffered } = this.#end()
      // A brace that is not closed: it has its test, and was cut all the same.
      if (isBuffered) stream.cut.push(newStream(stream.name))
      else this.top.pending.push(stream)
    }
    return this.#levels.length < before
  }

  /** Ends the subtest whose brace was opened at this indentation. @returns false when there is none */
  closeBrace(indent: number): boolean {
    const at = this.#levels.findLastIndex(
      (one, at) => one.isBuffered && this.#levels[at - 1]?.indent === indent,
    )
    if (at < 0) return false
    const level = this.#levels[at]
    this.leave((one) => one !== level)
    this.#end()
    return true
  }

  /** Ends all but the file's own, which takes what has no test of its own for cut off. */
  finish(): void {
    this.leave(() => true)
    const { stream, pending } = this.top
    stream.cut.push(...pending.splice(0), ...this.unquote(this.top))
  }

  #end(): Level<Q> {
    const level = this.#levels.pop() as Level<Q>
    level.stream.cut.push(...level.pending, ...this.unquote(level))
    return level
  }
}

function newLevel<Q>(stream: Stream, indent: number): Level<Q> {
  const nothing = { isBuffered: false, last: null, next: null, quoted: null }
  return { indent, stream, todo: new Set(), comments: beginComments(stream), pending: [], ...nothing }
}

/** Where the comments that come next are put. */
export function beginComments({ comments }: Stream): string[] {
  const next: string[] = []
  comments.push(next)
  return next
}
