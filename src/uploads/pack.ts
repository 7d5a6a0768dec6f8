// A job's directory as one stream: tar, compressed with zstd.

import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pack } from 'tar-stream'

export interface Listing {
  files: { path: string; size: number; modified: Date }[]
  bytes: number
}

/** What there is to send: regular files below `directory`. Symbolic links are not followed. */
export async function listFiles(directory: string): Promise<Listing> {
  const listing: Listing = { files: [], bytes: 0 }
  await visit('')
  return listing

  async function visit(folder: string): Promise<void> {
    for (const { name } of await readdir(join(directory, folder), { withFileTypes: true })) {
      const path = join(folder, name)
      const stat = await lstat(join(directory, path))
      if (stat.isDirectory()) await visit(path)
      if (!stat.isFile()) continue
      listing.files.push({ path, size: stat.size, modified: stat.mtime })
      listing.bytes += stat.size
    }
  }
}

/**
 * The files as tar.zst, read as fast as the stream is.
 *
 * @param onBytes  told how many bytes of the files have been read.
 */
export function packFiles(
  directory: string,
  { files }: Listing,
  onBytes: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  const tar = pack()
  const write = async () => {
    for (const { path, size, modified } of files) {
      const entry = tar.entry({ name: path, size, mtime: modified })
      for await (const chunk of exactly(join(directory, path), size)) {
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
  // Bun makes a stream of anything that can be iterated over; its types do not know.
  const stream = new Response(tar as never).body as ReadableStream<Uint8Array<ArrayBuffer>>
  return stream.pipeThrough(new CompressionStream('zstd'))
}

/** A file that is still written to may have grown or shrunk since it was listed; tar needs what was said. */
async function* exactly(path: string, size: number): AsyncGenerator<Uint8Array> {
  let missing = size
  if (size > 0) {
    for await (const chunk of createReadStream(path, { end: size - 1 })) {
      missing -= (chunk as Uint8Array).length
      yield chunk as Uint8Array
    }
  }
  while (missing > 0) {
    const zeros = new Uint8Array(Math.min(missing, 65_536))
    missing -= zeros.length
    yield zeros
  }
}
