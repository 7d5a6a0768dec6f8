// Packs a job's directory into one stream: tar, compressed with zstd.

import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import { describeReadError } from '../lib/system-errors'
import type { Listing } from './listing'

const READ_BYTES = 256 * 1024

export interface PackEvents {
  /** Called with the number of bytes that were read since the last call. */
  onBytes(bytes: number): void
  /** Called with a sentence on a file that was listed but can no longer be read. */
  onWarning(sentence: string): void
}

/** Streams the files as tar.zst. Files are read only as fast as the stream is. */
export function packFiles(
  directory: string,
  { files }: Pick<Listing, 'files'>,
  { onBytes, onWarning }: PackEvents,
): ReadableStream<Uint8Array> {
  const tar = pack()
  const write = async () => {
    for (const { path, size, modified } of files) {
      await using file = await tryToOpen(join(directory, path), (reason) =>
        onWarning(`${path} is left out: ${reason}.`),
      )
      if (!file) continue
      const entry = tar.entry({ name: path, size, mtime: modified })
      const warnShort = (reason: string) => onWarning(`${path} ends with zeros: ${reason}.`)
      for await (const chunk of readExactly(file, size, warnShort)) {
        onBytes(chunk.length)
        if (!entry.write(chunk)) await new Promise<void>((resolve) => entry.once('drain', resolve))
      }
      const closed = new Promise<void>((resolve, reject) =>
        entry.once('close', resolve).once('error', reject),
      )
      entry.end(null)
      await closed
    }
    tar.finalize()
  }
  write().catch((error) => tar.destroy(error as Error))
  // Bun's Response accepts any async iterable; its types do not say so.
  const stream = new Response(tar as never).body as ReadableStream<Uint8Array<ArrayBuffer>>
  return stream.pipeThrough(new CompressionStream('zstd'))
}

async function tryToOpen(
  path: string,
  onUnreadable: (reason: string) => void,
): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    const reason = describeReadError(error)
    if (reason === undefined) throw error
    onUnreadable(reason)
    return undefined
  }
}

/**
 * Reads exactly `size` bytes and pads a shorter file with zeros: the file may have grown or shrunk since it was listed,
 * but the tar header has already stated its size.
 */
async function* readExactly(
  file: FileHandle,
  size: number,
  onShort: (reason: string) => void,
): AsyncGenerator<Uint8Array> {
  let missing = size
  while (missing > 0) {
    const chunk = new Uint8Array(Math.min(missing, READ_BYTES))
    let bytesRead = 0
    try {
      bytesRead = (await file.read(chunk, 0, chunk.length, size - missing)).bytesRead
    } catch (error) {
      const reason = describeReadError(error)
      if (reason === undefined) throw error
      onShort(reason)
    }
    if (bytesRead === 0) break
    missing -= bytesRead
    yield chunk.subarray(0, bytesRead)
  }
  while (missing > 0) {
    const zeros = new Uint8Array(Math.min(missing, READ_BYTES))
    missing -= zeros.length
    yield zeros
  }
}
