// Reads the bytes of a request's body as they arrive, with limits on their number and on the time.

import { BadRequest, DomainError, TooLarge } from '../../lib/errors'
import { HttpError } from '../response/errors'
import { requestContext } from './request-context'

export interface BodyLimits {
  maxBodyBytes: number
  bodyTimeoutSeconds: number
}

/** A sender gets one more second for this many bytes, because large bodies take longer. */
const BYTES_PER_SECOND = 16 * 1024

/** @throws TooLarge when Content-Length is over the limit. */
export function checkContentLength(
  request: Request,
  { maxBodyBytes }: BodyLimits,
  setting?: '--max-body' | '--max-import',
): void {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) {
    throw new TooLarge(maxBodyBytes, setting)
  }
}

/**
 * Reads the body in chunks. The right to send it is checked again with every chunk, and after the last one.
 *
 * @param setting  the command-line option that sets `maxBodyBytes`, if any.
 * @throws TooLarge; HttpError 408 when the body is too slow; BadRequest when it breaks off; Unauthorized or Forbidden
 *   when the sender loses the right to send it.
 */
export async function* bodyBytes(
  request: Request,
  limits: BodyLimits,
  setting?: '--max-body' | '--max-import',
): AsyncGenerator<Uint8Array> {
  const { maxBodyBytes, bodyTimeoutSeconds } = limits
  checkContentLength(request, limits, setting)
  if (request.body === null) return
  const context = requestContext(request)
  const reader = request.body.getReader()
  let size = 0
  let waited = 0
  let isLate = false
  let isComplete = false
  try {
    for (;;) {
      const start = performance.now()
      const left = (bodyTimeoutSeconds + size / BYTES_PER_SECOND) * 1000 - waited
      const timer = setTimeout(() => {
        isLate = true
        reader.cancel().catch(() => {}) // ends the pending read
      }, left)
      const { value, done } = await reader.read().finally(() => clearTimeout(timer))
      if (isLate) throw tooSlow(bodyTimeoutSeconds)
      if (context.requireRight) await context.requireRight()
      if (done) break
      // Only the wait for the sender counts, not the time in which the server uses the bytes.
      waited += performance.now() - start
      size += value.length
      if (size > maxBodyBytes) throw new TooLarge(maxBodyBytes, setting)
      yield value
    }
    isComplete = true
  } catch (error) {
    if (isLate) throw tooSlow(bodyTimeoutSeconds)
    if (error instanceof DomainError) throw error
    throw new BadRequest('The request body broke off.')
  } finally {
    if (!isComplete) reader.cancel().catch(() => {})
  }
}

/** Whether Content-Length is known, within the limits, and too small to give the sender more time. */
export function isShort(request: Request, { maxBodyBytes }: BodyLimits): boolean {
  const announced = request.headers.get('content-length')
  return announced !== null && Number(announced) <= Math.min(maxBodyBytes, BYTES_PER_SECOND)
}

/**
 * Reads a short body at once; Bun reads no more than Content-Length. A stream would cost a third of a small request.
 *
 * @throws as bodyBytes() does.
 */
export async function readShortBody(
  request: Request,
  { bodyTimeoutSeconds }: BodyLimits,
): Promise<Uint8Array> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(tooSlow(bodyTimeoutSeconds)), bodyTimeoutSeconds * 1000)
  try {
    const bytes = await Promise.race([request.bytes(), late])
    const { requireRight } = requestContext(request)
    if (requireRight) await requireRight()
    return bytes
  } catch (error) {
    if (error instanceof DomainError) throw error
    throw new BadRequest('The request body broke off.')
  } finally {
    clearTimeout(timer)
  }
}

function tooSlow(seconds: number): HttpError {
  const detail = `The request body came too slowly: it may take ${seconds} s, and one more for every 16 KiB (--body-timeout).`
  return new HttpError(408, { detail }, { connection: 'close' })
}
