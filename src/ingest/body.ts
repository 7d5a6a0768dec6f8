// Reads the body of an import as a stream: its beginning, line by line, or whole.

import { concat, runCooperatively } from '../lib/cooperative'
import { TooLarge } from '../lib/errors'
import type { DiskSpaceGuard } from '../storage/disk-space-guard'

/** Passes the stream on while the disk has room. @throws NoSpace */
export async function* whileDiskHasRoom(
  source: AsyncIterable<Uint8Array>,
  diskSpace: DiskSpaceGuard,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    diskSpace.require()
    yield chunk
  }
}

/** @returns `head`: the first bytes of a stream; `whole`: the stream from its start; `isWhole`: `head` is all of it */
export async function peek(source: AsyncGenerator<Uint8Array>, bytes: number) {
  const taken: Uint8Array[] = []
  let size = 0
  while (size < bytes) {
    const { value, done } = await source.next()
    if (done) break
    taken.push(value)
    size += value.length
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* taken
    yield* source
  }
  return { head: Buffer.concat(taken).subarray(0, bytes), whole: whole(), isWhole: size < bytes }
}

/** All bytes of a stream. @throws TooLarge */
export async function readWhole(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > maxBytes) throw new TooLarge(maxBytes)
    chunks.push(chunk)
  }
  return runCooperatively(concat(chunks))
}

/** Lines with their numbers, from 1. `line` is undefined for a line longer than `maxBytes`. */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<{ number: number; line: Uint8Array | undefined }> {
  let pieces: Uint8Array[] = []
  let size = 0
  let number = 1
  const take = async () => {
    const line = size <= maxBytes ? await runCooperatively(concat(pieces)) : undefined
    pieces = []
    size = 0
    return { number: number++, line }
  }
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, end))
      yield await take()
      start = end + 1
    }
    add(chunk.subarray(start))
  }
  if (size > 0) yield await take()

  function add(piece: Uint8Array): void {
    size += piece.length
    if (size <= maxBytes) pieces.push(piece)
    else pieces = []
  }
}

export function streamOf(source: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await source.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        controller.error(error)
      }
    },
    async cancel() {
      await source.return(undefined)
    },
  })
}
