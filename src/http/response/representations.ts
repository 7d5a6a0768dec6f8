// An answer to a GET in the forms in which clients take it, plain and packed, each with a tag; or 304 to those who have
// that form already.

import { type CompressionEffort, compress, type Encoding, encodingFor } from './encoding'
import { etagOf, etagWithEncoding, matchesEtag } from './entity-tag'

/** A longer text is copied by each answer, and a Blob is not. */
const MAX_TEXT_BYTES = 8 * 1024

/** An answer as clients of one kind take it. */
export interface Representation {
  /**
   * A short text where all of it is ASCII: sooner sent than a Blob, which is not copied. No array: each answer would copy
   * that, and what is copied has to be collected.
   */
  body: string | Blob
  bytes: number
  encoding: Encoding | undefined
  /** A packed body is another representation, so it has another tag. */
  etag: string
  /** Left to who sends it. */
  headers?: Headers
}

/** @param etag  that of the bytes unless told. */
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
  const packed = await compress(await new Blob([plain.body]).bytes(), encoding, effort)
  return {
    body: new Blob([packed]),
    bytes: packed.length,
    encoding,
    etag: etagWithEncoding(plain.etag, encoding),
  }
}

/** What names an answer in its head, by which a client takes it or has it already. */
export function headersOf({
  etag,
  encoding,
}: Pick<Representation, 'etag' | 'encoding'>): Record<string, string> {
  return { etag, ...(encoding && { 'content-encoding': encoding }) }
}

/**
 * The answer to a GET whose body is made for this one request.
 *
 * @param headers  `vary` without Accept-Encoding; `cache-control` unless it is `no-cache`; an `etag` in place of that of
 *   the text.
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
  // Known before it is packed, so that what the client has is not packed at all.
  const packed = { encoding, etag: etagWithEncoding(plain.etag, encoding) }
  if (matchesEtag(request, packed.etag)) return notModified({ ...all, ...headersOf(packed) })
  return compressedRepresentation(plain, encoding).then((form) => responseOf(request, form, all))
}

/** What stays the same while the server runs: each form is made when first asked for, and kept. */
export class StaticResponse {
  private plain: Promise<Representation> | undefined
  private readonly compressed: Partial<Record<Encoding, Promise<Representation>>> = {}

  constructor(
    private readonly content: Blob,
    private readonly effort?: CompressionEffort,
  ) {}

  /** @param headers  as those of `answerWith`. */
  async answer(request: Request, headers: Record<string, string>): Promise<Response> {
    this.plain ??= this.makePlain()
    const plain = await this.plain
    const encoding = encodingFor(request, plain.bytes)
    if (encoding) this.compressed[encoding] ??= compressedRepresentation(plain, encoding, this.effort)
    const form = (encoding && (await this.compressed[encoding])) ?? plain
    return responseOf(request, form, withCaching(headers))
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

function responseOf(request: Request, form: Representation, headers: Record<string, string>): Response {
  const all = { ...headers, ...headersOf(form) }
  return matchesEtag(request, form.etag) ? notModified(all) : new Response(form.body, { headers: all })
}

function notModified(headers: Record<string, string>): Response {
  return new Response(null, { status: 304, headers })
}
