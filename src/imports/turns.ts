// Reading that takes long, in pieces: a document of 100,000 tests would keep everybody else from this thread for a
// fifth of a second.

import { setImmediate as nextTurn } from 'node:timers/promises'

/** Yields wherever somebody else may have a turn, and returns what was read. */
export type InTurns<T> = Generator<void, T>

/** For how long others wait, in milliseconds. */
const TURN_MS = 10

/** Reads to the end, and lets others have their turns. @throws what `reading` throws */
export async function inTurns<T>(reading: InTurns<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + TURN_MS
    do {
      const { done, value } = reading.next()
      if (done) return value
    } while (performance.now() < end)
    await nextTurn()
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
