// Compresses bodies for clients that accept it (RFC 9110, section 12.5.3).

import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import { acceptedIn } from '../request/header-lists'

const encodings = ['zstd', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** Below this size, compression saves nothing. */
const MIN_BYTES = 1024
/** Up to this size, compression takes some tenths of a millisecond, less than handing it to another thread. */
const MAX_SYNC_BYTES = 32 * 1024

/**
 * The best encoding that the client accepts; undefined if there is none, or if the body is too small.
 *
 * @param bytes  the size of the plain body.
 */
export function encodingFor(request: Request, bytes: number): Encoding | undefined {
  if (bytes < MIN_BYTES) return undefined
  const accepted = request.headers.get('accept-encoding')
  if (!accepted) return undefined
  const items = acceptedIn(accepted)
  return encodings.find((name) =>
    items.some(({ value, parameters }) => value === name && Number(parameters.get('q') ?? 1) !== 0),
  )
}

/** `quick` while a client waits; `small` for what is compressed once and kept. */
const levels = { quick: { zstd: 3, gzip: 6 }, small: { zstd: 19, gzip: 9 } }
export type CompressionEffort = keyof typeof levels

const gzipInThread = promisify(gzip)

/** Compresses on another thread, unless the body is so small that no other request has to wait. */
export async function compress(
  plain: Uint8Array<ArrayBuffer>,
  encoding: Encoding,
  effort: CompressionEffort = 'quick',
): Promise<Uint8Array<ArrayBuffer>> {
  const level = levels[effort][encoding]
  const here = effort === 'quick' && plain.length <= MAX_SYNC_BYTES
  if (encoding === 'gzip')
    return new Uint8Array(here ? gzipSync(plain, { level }) : await gzipInThread(plain, { level }))
  return new Uint8Array(
    here ? Bun.zstdCompressSync(plain, { level }) : await Bun.zstdCompress(plain, { level }),
  )
}

/** Compresses a stream on another thread while it is sent. */
export function compressStream(
  plain: ReadableStream<Uint8Array>,
  encoding: Encoding,
): ReadableStream<Uint8Array> {
  // The cast: the dashboard is checked with the types of browsers, which do not know zstd.
  const compression = new CompressionStream(encoding as 'gzip')
  return plain.pipeThrough(compression as ReadableWritablePair<Uint8Array, Uint8Array>)
}
