// How a body is packed for those who ask (RFC 9110, section 12.5.3).

import { gzipSync } from 'node:zlib'

const encodings = ['zstd', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** What the client takes and is best. */
export function encodingFor(request: Request): Encoding | undefined {
  const accepted = request.headers.get('accept-encoding')
  if (!accepted) return undefined
  return encodings.find((name) => accepts[name].test(accepted))
}

const accepts = {
  zstd: /\bzstd\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i,
  gzip: /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i,
}

/** Levels for what is packed while somebody waits, and for what is packed once for ever. */
const levels = { quick: { zstd: 3, gzip: 6 }, small: { zstd: 19, gzip: 9 } }

export function pack(
  plain: Uint8Array<ArrayBuffer>,
  encoding: Encoding,
  wish: keyof typeof levels = 'quick',
): Uint8Array<ArrayBuffer> {
  const level = levels[wish][encoding]
  return new Uint8Array(
    encoding === 'gzip' ? gzipSync(plain, { level }) : Bun.zstdCompressSync(plain, { level }),
  )
}
