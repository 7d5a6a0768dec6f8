// Long work on the main thread, done in short slices: a document of 100,000 tests would otherwise block every other
// request for a fifth of a second.

/** Yields wherever another request may be served, and returns the result. */
export type Cooperative<T> = Generator<void, T>

/** How long one slice lasts, in milliseconds. */
const SLICE_MS = 10

/** Resumes the functions that have used their slice and wait for the next one. */
const waiting: (() => void)[] = []

/** Runs `work` to its end, and serves other requests between its slices. @throws what `work` throws */
export async function runCooperatively<T>(work: Cooperative<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE_MS
    do {
      const { done, value } = work.next()
      if (done) return value
    } while (performance.now() < end)
    await nextSlice()
  }
}

/** Runs `work` to its end without a pause. @throws what `work` throws */
export function runAtOnce<T>(work: Cooperative<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** `items.map(make)`, which may pause after each item. */
export function* mapCooperatively<A, B>(
  items: readonly A[],
  make: (item: A, index: number) => B,
): Cooperative<B[]> {
  const made: B[] = []
  for (const [index, item] of items.entries()) {
    made.push(make(item, index))
    yield
  }
  return made
}

/** `items.map(make)`, one after another: queries of one connection do not overlap. */
export async function mapInTurn<A, B>(items: readonly A[], make: (item: A) => Promise<B>): Promise<B[]> {
  const made: B[] = []
  for (const item of items) made.push(await make(item))
  return made
}

/** `items.filter(isWanted)`, one after another. */
export async function filterInTurn<A>(
  items: readonly A[],
  isWanted: (item: A) => Promise<boolean>,
): Promise<A[]> {
  const wanted: A[] = []
  for (const item of items) if (await isWanted(item)) wanted.push(item)
  return wanted
}

/** `items.find(isWanted)`, one after another. */
export async function findInTurn<A>(
  items: readonly A[],
  isWanted: (item: A) => Promise<boolean>,
): Promise<A | undefined> {
  for (const item of items) if (await isWanted(item)) return item
  return undefined
}

/** How many bytes are copied without a pause. Writes to new memory are several times slower than to used memory. */
const COPY_BYTES = 256 * 1024

/** Joins the chunks. Copying 64 MiB takes about 100 ms. */
export function* concat(chunks: readonly Uint8Array[]): Cooperative<Uint8Array<ArrayBuffer>> {
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
 * Resolves after the slices that have waited longer, and after the requests that have arrived by now. Only one slice
 * runs between two rounds of requests: ten would block all requests for 100 ms.
 */
export function nextSlice(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (waiting.push(resolve) === 1) setImmediate(startSlice)
  return promise
}

function startSlice(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(startSlice)
}
