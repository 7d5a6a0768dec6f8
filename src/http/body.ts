// Request bodies: JSON and the two kinds of HTML form, read only when a handler asks, which is after the right to
// send one was checked.

import { BadRequest, HttpError, TooLarge, UnsupportedMediaType } from './errors'

export const mediaTypes = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']

/**
 * Reads the body: a JSON value, or a form's fields as text. No body at all is `{}`.
 *
 * @throws TooLarge, UnsupportedMediaType, BadRequest, in this order.
 */
export async function receiveBody(request: Request, maxBytes: number): Promise<unknown> {
  const bytes = await receiveBytes(request, maxBytes)
  if (bytes.length === 0) return {}
  const contentType = request.headers.get('content-type') ?? ''
  const mediaType = (contentType.split(';')[0] as string).trim().toLowerCase()
  if (mediaType === 'application/json') return parseJson(decodeText(bytes, 'JSON'))
  if (mediaType === 'application/x-www-form-urlencoded') return parseForm(decodeText(bytes, 'Form'))
  if (mediaType === 'multipart/form-data') return await parseMultipart(bytes, contentType)
  throw new UnsupportedMediaType(contentType)
}

async function receiveBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = request.headers.get('content-length')
  if (Number(announced ?? 0) > maxBytes) throw new TooLarge(maxBytes, '--max-body')
  try {
    // Bun reads no more than was announced. A stream, only to count, would cost a third of a small request.
    return announced === null ? await receiveCounted(request.body ?? [], maxBytes) : await request.bytes()
  } catch (error) {
    if (error instanceof HttpError) throw error
    throw new BadRequest('The request body broke off.')
  }
}

async function receiveCounted(body: AsyncIterable<Uint8Array> | [], maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) throw new TooLarge(maxBytes, '--max-body')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeText(bytes: Uint8Array, format: string): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new BadRequest(`${format} parse error - the body is not UTF-8.`)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BadRequest(`JSON parse error - ${(error as Error).message.replace(/^JSON Parse error: /, '')}`)
  }
}

function parseForm(text: string): unknown {
  const form = new URLSearchParams(text)
  // It puts U+FFFD in place of what is not UTF-8; what was not sent must not be stored.
  if (countReplacements(form.toString()) > countReplacements(text)) {
    throw new BadRequest('Form parse error - the body is not UTF-8.')
  }
  return Object.fromEntries(form) // of a repeated key the last value counts, as in JSON
}

function countReplacements(text: string): number {
  return text.match(/%EF%BF%BD|\uFFFD/gi)?.length ?? 0
}

async function parseMultipart(bytes: Uint8Array, contentType: string): Promise<unknown> {
  decodeText(bytes, 'Multipart form')
  try {
    const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
    return Object.fromEntries(form) // a file stays an object: no field takes it
  } catch {
    throw new BadRequest('Multipart form parse error - the parts do not fit the boundary that was announced.')
  }
}
