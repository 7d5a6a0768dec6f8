// A content as an answer: whole, a part of it, or "you have it already" (RFC 9110, sections 13 and 14).

import { HttpError } from '../http/errors'
import { contentType } from './content-type'
import { hexOf, type WholeFileRow } from './queries'
import type { ByteRange, FileStore } from './store'

/** Up to here, an answer is made before it is sent: Bun drops the length of a stream (oven-sh/bun#10507). */
const MAX_WHOLE_BYTES = 1024 ** 2

/**
 * @param common  what every answer has. A Response of one's own is the only way to keep Elysia from changing the
 *   type and the length.
 * @throws HttpError 416 when the range lies behind the end.
 */
export async function contentResponse(
  request: Request,
  file: WholeFileRow,
  store: FileStore,
  common: Record<string, string>,
): Promise<Response> {
  const etag = `"${hexOf(file.hash)}"`
  const headers = {
    ...common,
    etag,
    'accept-ranges': 'bytes',
    'access-control-expose-headers':
      'Location, ETag, Accept-Ranges, Content-Range, Content-Length, X-Request-Id',
    'cache-control': 'private, no-cache', // a fuller log may come in the place of this one
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  }
  if (matches(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })

  const whole = { start: 0, end: file.size }
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
      ...headers,
      'content-type': contentType(file.path),
      'content-length': String(end - start),
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${file.size}` }),
    },
  })
}

async function bytesOf({ hash, size, content }: WholeFileRow, store: FileStore, range: ByteRange) {
  if (content) return new Uint8Array(content.slice(range.start, range.end))
  const stream = store.read(hexOf(hash), size, range)
  return range.end - range.start <= MAX_WHOLE_BYTES ? new Uint8Array(await stream.bytes()) : stream
}

/**
 * Elysia answers HEAD by its GET, reads that body to its end, adds up `byteLength` and sends none of it: instead of
 * all the bytes it gets their sum.
 */
function lengthOnly(byteLength: number): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue({ byteLength })
      controller.close()
    },
  })
}

function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}

/** The one range asked for; undefined for none, and for several, which a server may answer with the whole. */
function requestedRange(
  request: Request,
  size: number,
  etag: string,
): ByteRange | 'unsatisfiable' | undefined {
  const condition = request.headers.get('if-range')
  if (request.method !== 'GET' || (condition !== null && condition !== etag)) return undefined
  const [match, first = '', last = ''] =
    /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(request.headers.get('range') ?? '') ?? []
  if (match === undefined || (first === '' && last === '')) return undefined
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  return start < end ? { start, end } : 'unsatisfiable'
}
