// The bytes of an archive on their way: pulled, never pushed, so that a slow reader holds back the sender.

import { BadRequest, DomainError } from '../../lib/errors'
import type { Inspection } from './entries'

/** The body, measured. A client that goes away in the middle is its own failure, not ours. */
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

/** Several gzip members or zstd frames one after another are one content, as for the tools of that name. */
export function unpack(
  packed: ReadableStream<Uint8Array>,
  format: 'gzip' | 'zstd' | 'deflate-raw',
): ReadableStream<Uint8Array> {
  // Bun's own, natively streaming and with backpressure; measured to be twice as fast as node:zlib.
  // The types of browsers, with which tsc checks the dashboard, lack zstd.
  type Known = ConstructorParameters<typeof DecompressionStream>[0]
  const unpacking = new DecompressionStream(format as Known)
  return packed.pipeThrough(unpacking as ReadableWritablePair<Uint8Array, Uint8Array>)
}
