// Reads request bodies: JSON and the two kinds of HTML form. Handlers call it, so that the right to send a body is
// checked before the body is read.

import { type Cooperative, concat, runAtOnce, runCooperatively } from '../../lib/cooperative'
import { BadRequest } from '../../lib/errors'
import { UnsupportedMediaType } from '../response/errors'
import { type BodyLimits, bodyBytes, isShort, readShortBody } from './body-bytes'
import { parseJsonBody } from './parse-json'

export const mediaTypes = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
/** The number of fields in a form. */
const MAX_FIELDS = 1000
/** Decoders replace bytes that are not UTF-8 by this character. */
const REPLACEMENT = '\uFFFD'

/**
 * Reads the body: a JSON value, or a form's fields as text. An empty body is `{}`.
 *
 * @param setting  the command-line option that sets the limit, for the error message.
 * @throws TooLarge or TooSlow, UnsupportedMediaType, BadRequest, in this order.
 */
export async function receiveBody(
  request: Request,
  limits: BodyLimits,
  { setting }: { setting?: '--max-body' } = { setting: '--max-body' },
): Promise<unknown> {
  const short = isShort(request, limits)
  const bytes = short
    ? await readShortBody(request, limits)
    : await receiveBytes(bodyBytes(request, limits, setting))
  return readBytes(request, bytes, { short })
}

/** The media type of `Content-Type`, in lower case. */
export function mediaTypeOf(request: Request): string {
  const contentType = request.headers.get('content-type') ?? ''
  return (contentType.split(';')[0] as string).trim().toLowerCase()
}

/**
 * Parses the bytes of a body, as receiveBody() does.
 *
 * @param short  the body is small enough to be parsed without pauses.
 * @throws UnsupportedMediaType, BadRequest
 */
export async function readBytes(
  request: Request,
  bytes: Uint8Array,
  { short = false } = {},
): Promise<unknown> {
  const contentType = request.headers.get('content-type') ?? ''
  const mediaType = mediaTypeOf(request)
  if (bytes.length === 0) return {}
  if (mediaType === 'application/json') {
    return short ? runAtOnce(readJson(bytes)) : await runCooperatively(readJson(bytes))
  }
  if (mediaType === 'application/x-www-form-urlencoded') return parseForm(decodeText(bytes, 'Form'))
  if (mediaType === 'multipart/form-data') return await parseMultipart(bytes, contentType)
  throw new UnsupportedMediaType(contentType)
}

/** Reads all of a body. */
export async function receiveBytes(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : runCooperatively(concat(chunks))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeText(bytes: Uint8Array, format: string): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new BadRequest(`${format} parse error - the body is not UTF-8.`)
  }
}

function* readJson(bytes: Uint8Array): Cooperative<unknown> {
  const text = decodeText(bytes, 'JSON')
  yield
  return yield* parseJsonBody(text)
}

function parseForm(text: string): unknown {
  refuseManyFields(text.split('&', MAX_FIELDS + 1).length)
  const form = new URLSearchParams(text)
  // URLSearchParams replaces what is not UTF-8 by U+FFFD. Such a text was not sent, and must not be stored.
  // The values are searched, and not form.toString(), which is slow for megabytes.
  const read = [...form].flat().filter((part) => part.includes(REPLACEMENT))
  if (read.length > 0 && countReplacements(read.join('')) > countReplacements(text)) {
    throw new BadRequest('Form parse error - the body is not UTF-8.')
  }
  return Object.fromEntries(form) // the last value of a repeated key counts, as in JSON
}

/** Counts the fields before they are parsed: millions of fields would become millions of objects. */
function refuseManyFields(count: number): void {
  if (count > MAX_FIELDS)
    throw new BadRequest(`Form parse error - the form has more than ${MAX_FIELDS} fields.`)
}

function countReplacements(text: string): number {
  return text.match(/%EF%BF%BD|\uFFFD/gi)?.length ?? 0
}

async function parseMultipart(bytes: Uint8Array, contentType: string): Promise<unknown> {
  refuseManyFields(decodeText(bytes, 'Multipart form').split('\r\n--', MAX_FIELDS + 2).length - 1)
  try {
    const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
    return Object.fromEntries(form) // a file stays an object, which no field accepts
  } catch {
    throw new BadRequest('Multipart form parse error - the parts do not fit the boundary that was announced.')
  }
}
