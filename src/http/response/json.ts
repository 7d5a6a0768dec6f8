// Turns objects into JSON responses.

import { MAX_ANSWER_BYTES } from '../../storage/answer-size'
import { AnswerTooLarge } from '../../storage/errors'
import { acceptedIn } from '../request/header-lists'
import type { RequestLike } from '../request/links'
import { answerWith } from './representations'

/** `Accept: application/json; indent=4` asks for indented JSON; 1 to 8. */
export function indentOf(request: RequestLike): number | undefined {
  const accept = request.headers.get('accept')
  if (!accept?.includes('indent')) return undefined // a quick check, because nearly no request has it
  for (const { value, parameters } of acceptedIn(accept)) {
    const indent = value === 'application/json' ? parameters.get('indent') : undefined
    if (indent !== undefined && indent.length === 1 && indent >= '1' && indent <= '8') return Number(indent)
  }
  return undefined
}

/** An answer that a worker has already turned into JSON. */
export class JsonText {
  constructor(readonly text: string) {}
}

function jsonText(value: object, request: RequestLike): string {
  if (value instanceof JsonText) return value.text
  return JSON.stringify(value, null, indentOf(request))
}

/** A UTF-16 unit takes at most three bytes in UTF-8. */
const MAX_BYTES_OF_UNIT = 3

/** The JSON of an answer. @throws AnswerTooLarge */
export function answerText(value: object, request: RequestLike): string {
  const text = jsonText(value, request)
  const mayBeLarge = text.length * MAX_BYTES_OF_UNIT > MAX_ANSWER_BYTES
  if (mayBeLarge && Buffer.byteLength(text) > MAX_ANSWER_BYTES) throw new AnswerTooLarge()
  return text
}

/** A response that clients do not cache: a failure, or the answer to a change. */
export function jsonResponse(
  value: object,
  request: Request,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> },
): Response {
  return new Response(jsonText(value, request), {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
  })
}

/** The response to a successful GET: with an entity tag, and compressed if the client accepts it. */
export function jsonAnswer(
  value: object,
  request: Request,
  headers: Record<string, string>,
): Response | Promise<Response> {
  if (headers['cache-control'] === 'no-store') return jsonResponse(value, request, { headers })
  return answerWith(request, answerText(value, request), {
    ...headers,
    'content-type': 'application/json',
    vary: 'Accept',
  })
}

/** Whether a handler's result is JSON, or an object that becomes JSON. */
export function isJson(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof JsonText || Object.getPrototypeOf(value) === Object.prototype
}
