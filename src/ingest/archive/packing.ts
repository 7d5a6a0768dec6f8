// Streams the bytes of an archive: counts and unpacks them. All streams are pulled, so that a slow reader slows down
// the sender.

import { BadRequest, DomainError } from '../../lib/errors'
import type { Inspection } from './entries'

/** Counts the bytes of the body. A client that disconnects in the middle causes a BadRequest, not an internal error. */
export function packedBytes(
  body: ReadableStream<Uint8Array>,
  inspection: Inspection,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let count = 0
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((error) => {
          throw error instanceof DomainError
            ? error
            : new BadRequest(`The archive broke off after ${count} bytes.`)
        })
        if (done) return controller.close()
        count += value.byteLength
        try {
          inspection.addPacked(value.byteLength)
        } catch (error) {
          reader.cancel(error).catch(() => {})
          throw error
        }
        controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** Unpacks a stream. Several gzip members or zstd frames in a row are one content, as for gzip and zstd themselves. */
export function unpack(
  packed: ReadableStream<Uint8Array>,
  format: 'gzip' | 'zstd' | 'deflate-raw',
): ReadableStream<Uint8Array> {
  // Bun's DecompressionStream has backpressure and was measured to be twice as fast as node:zlib.
  // The browser types, with which tsc checks the dashboard, lack zstd.
  type Known = ConstructorParameters<typeof DecompressionStream>[0]
  const unpacking = new DecompressionStream(format as Known)
  return packed.pipeThrough(unpacking as ReadableWritablePair<Uint8Array, Uint8Array>)
}
