// A content in memory, on its way into the store.

import { setImmediate as nextTurn } from 'node:timers/promises'

/** What of it is stored in one go. */
const PIECE_BYTES = 256 * 1024

/** Piece by piece: whoever waits for this thread gets a turn after each. */
export async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES)
    await nextTurn()
  }
}
