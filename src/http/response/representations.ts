// Sends an answer to a GET in the representation that the client accepts, plain or compressed. Each has its own entity
// tag; a client that has the representation already gets a 304.

import { type CompressionEffort, compress, type Encoding, encodingFor } from './encoding'
import { etagOf, etagWithEncoding, matchesEtag } from './entity-tag'

/** Longer texts are kept as a Blob: Bun copies a text for each response, but not a Blob. */
const MAX_TEXT_BYTES = 8 * 1024

/** A body in one encoding, with its entity tag. */
export interface Representation {
  /**
   * A string for short ASCII texts, which is faster than a Blob. Never an array of bytes: each response would copy it,
   * and the copies would burden the garbage collector.
   */
  body: string | Blob
  bytes: number
  encoding: Encoding | undefined
  /** Differs between encodings, because each is another representation. */
  etag: string
  /** The sender may keep its headers here. */
  headers?: Headers
}

/** @param etag  default: a hash of the bytes. */
export function plainRepresentation(text: string, etag?: string): Representation {
  const bytes = new TextEncoder().encode(text)
  const isShortAscii = bytes.length === text.length && bytes.length <= MAX_TEXT_BYTES
  const body = isShortAscii ? text : new Blob([bytes])
  return { body, bytes: bytes.length, encoding: undefined, etag: etag ?? etagOf(bytes) }
}

export async function compressedRepresentation(
  plain: Representation,
  encoding: Encoding,
  effort?: CompressionEffort,
): Promise<Representation> {
  const compressed = await compress(await new Blob([plain.body]).bytes(), encoding, effort)
  return {
    body: new Blob([compressed]),
    bytes: compressed.length,
    encoding,
    etag: etagWithEncoding(plain.etag, encoding),
  }
}

/** The headers that depend on the representation. */
export function headersOf({
  etag,
  encoding,
}: Pick<Representation, 'etag' | 'encoding'>): Record<string, string> {
  return { etag, ...(encoding && { 'content-encoding': encoding }) }
}

/**
 * Answers a GET with a body that was made for this request.
 *
 * @param headers  `vary` without Accept-Encoding, which is added. Defaults: `cache-control: no-cache`, and an `etag`
 *   made of the text.
 */
export function answerWith(
  request: Request,
  text: string,
  headers: Record<string, string>,
): Response | Promise<Response> {
  const plain = plainRepresentation(text, headers.etag)
  const encoding = encodingFor(request, plain.bytes)
  const all = withCaching(headers)
  if (!encoding) return responseOf(request, plain, all)
  // The tag is known before the compression, so that nothing is compressed for a 304.
  const compressed = { encoding, etag: etagWithEncoding(plain.etag, encoding) }
  if (matchesEtag(request, compressed.etag)) return notModified({ ...all, ...headersOf(compressed) })
  return compressedRepresentation(plain, encoding).then((representation) =>
    responseOf(request, representation, all),
  )
}

/** Content that stays the same while the server runs. Each representation is made for its first request, and kept. */
export class StaticResponse {
  private plain: Promise<Representation> | undefined
  private readonly compressed: Partial<Record<Encoding, Promise<Representation>>> = {}

  constructor(
    private readonly content: Blob,
    private readonly effort?: CompressionEffort,
  ) {}

  /** @param headers  as in answerWith(). */
  async answer(request: Request, headers: Record<string, string>): Promise<Response> {
    this.plain ??= this.makePlain()
    const plain = await this.plain
    const encoding = encodingFor(request, plain.bytes)
    if (encoding) this.compressed[encoding] ??= compressedRepresentation(plain, encoding, this.effort)
    const representation = (encoding && (await this.compressed[encoding])) ?? plain
    return responseOf(request, representation, withCaching(headers))
  }

  private async makePlain(): Promise<Representation> {
    const bytes = await this.content.bytes()
    return { body: this.content, bytes: bytes.length, encoding: undefined, etag: etagOf(bytes) }
  }
}

function withCaching(headers: Record<string, string>): Record<string, string> {
  const vary = headers.vary === undefined ? 'Accept-Encoding' : `${headers.vary}, Accept-Encoding`
  return { ...headers, vary, 'cache-control': headers['cache-control'] ?? 'no-cache' }
}

function responseOf(
  request: Request,
  representation: Representation,
  headers: Record<string, string>,
): Response {
  const all = { ...headers, ...headersOf(representation) }
  return matchesEtag(request, representation.etag)
    ? notModified(all)
    : new Response(representation.body, { headers: all })
}

function notModified(headers: Record<string, string>): Response {
  return new Response(null, { status: 304, headers })
}
