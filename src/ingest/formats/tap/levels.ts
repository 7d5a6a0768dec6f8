// Finds the stream that a line belongs to by its indentation. Subtests are indented by four columns in TAP and two in
// KTAP. The test that summarises a subtest follows it, or precedes it if a brace opens the subtest.

import { newStream, type Point, type Stream } from './streams'

/** Deeper lines are taken for output of a program. */
const MAX_DEPTH = 50

export interface Level<Q> {
  indent: number
  stream: Stream
  /** A brace opened this level, and `}` ends it. */
  isBuffered: boolean
  /** Numbers of tests that the plan marks as TODO. */
  todo: Set<number>
  lastPoint: Point | null
  comments: string[]
  /** The name from `# Subtest` for the subtest that begins on the next deeper line. */
  nextName: string | null
  /** Subtests that have ended before the test that summarises them. */
  pending: Stream[]
  /** Reads the TAP that the comments of this level quote. */
  quotedReader: Q | null
}

export class Levels<Q> {
  readonly streams: Stream[] = []
  #levels: Level<Q>[] = []

  /** @param unquote  gives the streams quoted in the comments of a level, after its last comment. */
  constructor(readonly unquote: (level: Level<Q>) => Stream[]) {
    this.begin('', false)
  }

  get top(): Level<Q> {
    return this.#levels.at(-1) as Level<Q> // the outermost level is never left
  }

  get isOutermost(): boolean {
    return this.#levels.length === 1
  }

  get isDeepest(): boolean {
    return this.#levels.length >= MAX_DEPTH
  }

  /** Begins a new stream on the outermost level. */
  begin(name: string, isFromProve: boolean): void {
    const stream = newStream(name, isFromProve)
    this.streams.push(stream)
    this.#levels = [newLevel(stream, 0)]
  }

  /** Begins a subtest. @param inherits  the deeper subtests that have just ended belong to it. */
  enter(indent: number, { inherits = false } = {}): void {
    const outer = this.top
    const pending = outer.pending.splice(0)
    if (!inherits) outer.stream.truncated.push(...pending)
    const level = newLevel<Q>(newStream(outer.nextName ?? ''), indent)
    if (inherits) level.pending = pending
    outer.nextName = null
    this.#levels.push(level)
  }

  /** Begins the subtest that a brace opens. */
  enterBraces(point: Point, indent: number): void {
    const stream = newStream(point.title)
    point.subtests.push(stream)
    this.#levels.push({ ...newLevel<Q>(stream, indent), isBuffered: true })
  }

  /** Ends levels from the deepest on. They become subtests of the next test on the level above. @returns whether any */
  leave(isLeft: (level: Level<Q>) => boolean): boolean {
    const before = this.#levels.length
    while (!this.isOutermost && isLeft(this.top)) {
      const { stream, isBuffered } = this.#end()
      // The brace was not closed. Its test is known, but the subtest was cut off.
      if (isBuffered) stream.truncated.push(newStream(stream.name))
      else this.top.pending.push(stream)
    }
    return this.#levels.length < before
  }

  /** Ends the subtest that a brace opened at this indentation. @returns false when there is none */
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

  /** Ends all levels but the outermost. Subtests without a test that summarises them count as cut off. */
  finish(): void {
    this.leave(() => true)
    const { stream, pending } = this.top
    stream.truncated.push(...pending.splice(0), ...this.unquote(this.top))
  }

  #end(): Level<Q> {
    const level = this.#levels.pop() as Level<Q>
    level.stream.truncated.push(...level.pending, ...this.unquote(level))
    return level
  }
}

function newLevel<Q>(stream: Stream, indent: number): Level<Q> {
  const nothing = { isBuffered: false, lastPoint: null, nextName: null, quotedReader: null }
  return { indent, stream, todo: new Set(), comments: beginComments(stream), pending: [], ...nothing }
}

/** Begins a new list for the comments that follow. */
export function beginComments({ comments }: Stream): string[] {
  const next: string[] = []
  comments.push(next)
  return next
}
