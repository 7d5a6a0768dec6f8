// Work on this thread that takes long, in pieces: a document of 100,000 tests would keep everybody else from it for a
// fifth of a second.

/** Yields wherever somebody else may have a turn, and returns what was made. */
export type InTurns<T> = Generator<void, T>

/** For how long others wait, in milliseconds. */
const TURN_MS = 10

/** Those that have had their turn and wait for the next. */
const waiting: (() => void)[] = []

/** Works to the end, and lets others have their turns. @throws what `work` throws */
export async function inTurns<T>(work: InTurns<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + TURN_MS
    do {
      const { done, value } = work.next()
      if (done) return value
    } while (performance.now() < end)
    await nextTurn()
  }
}

/** Works to the end in one go. @throws what `work` throws */
export function atOnce<T>(work: InTurns<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** `items.map(make)`, with a turn after each. */
export function* mapInTurns<A, B>(items: readonly A[], make: (item: A, index: number) => B): InTurns<B[]> {
  const made: B[] = []
  for (const [index, item] of items.entries()) {
    made.push(make(item, index))
    yield
  }
  return made
}

/** What of a copy is made in one go: memory that is new takes several times as long as memory that was used before. */
const COPY_BYTES = 256 * 1024

/** The chunks one behind the other. Of 64 MiB, the copy takes some 100 ms. */
export function* concat(chunks: readonly Uint8Array[]): InTurns<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += COPY_BYTES) {
      whole.set(chunk.subarray(start, start + COPY_BYTES), at + start)
      yield
    }
    at += chunk.length
  }
  return whole
}

/**
 * When those who have waited longer, and the requests that have arrived by now, have had theirs. Of several long works
 * one goes on at a time: ten together would be a turn of 100 ms for everybody else.
 */
function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (waiting.push(resolve) === 1) setImmediate(giveTurn)
  return promise
}

function giveTurn(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(giveTurn)
}
