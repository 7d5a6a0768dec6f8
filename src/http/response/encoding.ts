// How a body is packed for those who ask (RFC 9110, section 12.5.3).

import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import { acceptedIn } from '../request/header-lists'

const encodings = ['zstd', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** Below this, packing saves nothing. */
const MIN_BYTES = 1024
/** Up to this many bytes, it takes less time than to have another thread do it: some tenths of a millisecond. */
const MAX_SYNC_BYTES = 32 * 1024

/**
 * What the client takes and is best; undefined also where it is not worth packing.
 *
 * @param bytes  of the plain body.
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

/** For what is packed while somebody waits, and for what is packed once for ever. */
const levels = { quick: { zstd: 3, gzip: 6 }, small: { zstd: 19, gzip: 9 } }
export type CompressionEffort = keyof typeof levels

const gzipInThread = promisify(gzip)

/** Packs in another thread whatever would keep all other requests waiting. */
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

/** Packs in another thread as it goes, for what is too long to be packed before it is sent. */
export function compressStream(
  plain: ReadableStream<Uint8Array>,
  encoding: Encoding,
): ReadableStream<Uint8Array> {
  // As if it were gzip: the types of browsers, by which the dashboard is checked, do not know zstd.
  const packing = new CompressionStream(encoding as 'gzip')
  return plain.pipeThrough(packing as ReadableWritablePair<Uint8Array, Uint8Array>)
}
