// Answers a GET of a file: with the whole content, a range of it, or 304 Not Modified (RFC 9110, sections 13 and 14).

import { contentType, isCompressible, isHtml } from '../../blobs/content-type'
import type { ByteRange, FileStore } from '../../blobs/store'
import { queryOf } from '../../http/request/links'
import { compress, compressStream, type Encoding, encodingFor } from '../../http/response/encoding'
import { etagWithEncoding, matchesEtag } from '../../http/response/entity-tag'
import { HttpError } from '../../http/response/errors'
import { headersOf } from '../../http/response/representations'
import { hexOf, type WholeFileRow } from '../core/files'

/** Up to this size a content is read before it is sent: Bun drops the length of a stream (oven-sh/bun#10507). */
const MAX_WHOLE_BYTES = 1024 ** 2

const FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
// The sandbox gives the page no origin, scripts or forms. It may use inline styles, and images and fonts in data: URLs.
const PAGE_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"

/**
 * Makes the answer. It is a Response because Elysia would change the type and the length of any other value.
 *
 * @param common  the headers that every answer has.
 * @throws HttpError 416 when the range starts after the end.
 */
export async function contentResponse(
  request: Request,
  file: WholeFileRow,
  store: FileStore,
  common: Record<string, string>,
): Promise<Response> {
  const isPage = isHtml(file.path) && queryOf(request).get('show') === 'page'
  const type = isPage ? 'text/html; charset=utf-8' : contentType(file.path)
  const encoding = encodingOf(request, type, file.size)
  const plainTag = `"${hexOf(file.hash)}"`
  const etag = encoding ? etagWithEncoding(plainTag, encoding) : plainTag
  const headers = {
    ...common,
    ...headersOf({ etag, encoding }),
    ...(isCompressible(type) && { vary: 'Accept-Encoding' }),
    'accept-ranges': 'bytes',
    'access-control-expose-headers':
      'Location, ETag, Accept-Ranges, Content-Range, Content-Length, X-Request-Id',
    'cache-control': common['cache-control'] ?? 'no-cache', // a longer log may replace this one
    'content-security-policy': isPage ? PAGE_POLICY : FILE_POLICY,
  }
  if (matchesEtag(request, etag)) return new Response(null, { status: 304, headers })

  const whole = { start: 0, end: file.size }
  const headersWithType = { ...headers, 'content-type': type }
  if (encoding) {
    const body = await bytesOf(file, store, whole)
    return new Response(await compressedBody(body, encoding), { headers: headersWithType })
  }
  const range = requestedRange(request, file.size, etag)
  if (range === 'unsatisfiable') {
    const detail = `The range lies outside the file, which has ${file.size} bytes.`
    throw new HttpError(416, { detail }, { 'content-range': `bytes */${file.size}` })
  }
  const { start, end } = range ?? whole
  const body = request.method === 'HEAD' ? lengthOnly(file.size) : await bytesOf(file, store, { start, end })
  return new Response(body, {
    status: range ? 206 : 200,
    headers: {
      ...headersWithType,
      'content-length': String(end - start),
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${file.size}` }),
    },
  })
}

/**
 * The encoding of the answer. A range is always of uncompressed bytes. HEAD of a long file has the uncompressed length,
 * because the compressed length is known only after all of it is compressed.
 */
function encodingOf(request: Request, type: string, size: number): Encoding | undefined {
  if (!isCompressible(type) || request.headers.has('range')) return undefined
  if (request.method === 'HEAD' && size > MAX_WHOLE_BYTES) return undefined
  return encodingFor(request, size)
}

type Bytes = Uint8Array<ArrayBuffer>

async function bytesOf(
  { hash, size, content }: WholeFileRow,
  store: FileStore,
  range: ByteRange,
): Promise<Bytes | ReadableStream<Uint8Array>> {
  if (content) return new Uint8Array(content.slice(range.start, range.end))
  const stream = store.read(hexOf(hash), size, range)
  return range.end - range.start <= MAX_WHOLE_BYTES ? new Uint8Array(await stream.bytes()) : stream
}

function compressedBody(body: Bytes | ReadableStream<Uint8Array>, encoding: Encoding) {
  return body instanceof ReadableStream ? compressStream(body, encoding) : compress(body, encoding)
}

/**
 * A body for HEAD. Elysia handles HEAD as GET, reads the body to its end, adds up `byteLength` and sends nothing. This
 * stream has one chunk with the whole length and no bytes.
 */
function lengthOnly(byteLength: number): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue({ byteLength })
      controller.close()
    },
  })
}

const UNIT = 'bytes='

/** Digits, or nothing: an empty position means the start or the end of the file. */
function isPosition(text: string): boolean {
  return /^\d*$/.test(text)
}

/** The requested range; undefined for none, and for several, for which a server may send the whole file. */
function requestedRange(
  request: Request,
  size: number,
  etag: string,
): ByteRange | 'unsatisfiable' | undefined {
  const condition = request.headers.get('if-range')
  if (request.method !== 'GET' || (condition !== null && condition !== etag)) return undefined
  const header = request.headers.get('range') ?? ''
  if (header.slice(0, UNIT.length).toLowerCase() !== UNIT) return undefined
  const dash = header.indexOf('-')
  const [first, last] = [header.slice(UNIT.length, dash).trim(), header.slice(dash + 1).trim()]
  if (dash < 0 || !isPosition(first) || !isPosition(last) || (first === '' && last === '')) return undefined
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  return start < end ? { start, end } : 'unsatisfiable'
}
