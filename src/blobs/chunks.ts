// Splits a content in memory into chunks for the store.

import { setImmediate as nextTurn } from 'node:timers/promises'

/** How many bytes are stored without a pause. */
const CHUNK_BYTES = 256 * 1024

/** Yields the content in pieces. Other tasks of the event loop run between them. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    yield bytes.subarray(start, start + CHUNK_BYTES)
    await nextTurn()
  }
}
