// How an object becomes the body of an answer.

import { etagOf, hasAlready } from './entity-tag'
import type { Asked } from './links'

const INDENT = /application\/json\s*;[^,]*\bindent=([1-8])\b/i

/** `Accept: application/json; indent=4` asks for a body that a person can read; 1 to 8. */
export function indentOf(request: Asked): number | undefined {
  const [, digit] = INDENT.exec(request.headers.get('accept') ?? '') ?? []
  return digit === undefined ? undefined : Number(digit)
}

/** An answer that was made to JSON where it was found. */
export class JsonText {
  constructor(readonly text: string) {}
}

export function jsonText(value: object, request: Asked): string {
  if (value instanceof JsonText) return value.text
  return JSON.stringify(value, null, indentOf(request))
}

/** The answer to a GET that succeeded has a tag, by which the client can ask whether it has it already. */
export function jsonResponse(
  value: object,
  request: Request,
  { status = 200, headers: given = {} }: { status?: number; headers?: Record<string, string> },
): Response {
  const text = jsonText(value, request)
  const headers: Record<string, string> = { ...given, 'content-type': 'application/json' }
  const isRead = (request.method === 'GET' || request.method === 'HEAD') && status === 200
  const cacheControl = headers['cache-control'] ?? 'no-cache'
  if (!isRead || cacheControl === 'no-store') return new Response(text, { status, headers })
  const etag = etagOf(text)
  Object.assign(headers, { etag, 'cache-control': cacheControl })
  return hasAlready(request, etag)
    ? new Response(null, { status: 304, headers })
    : new Response(text, { headers })
}

/** Whether an answer is JSON, or is to become that. */
export function isJson(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof JsonText || Object.getPrototypeOf(value) === Object.prototype
}
