// How an object becomes the body of an answer.

import { MAX_ANSWER_BYTES } from '../../storage/answer-size'
import { AnswerTooLarge } from '../../storage/errors'
import { acceptedIn } from '../request/header-lists'
import type { RequestLike } from '../request/links'
import { answerWith } from './representations'

/** `Accept: application/json; indent=4` asks for a body that a person can read; 1 to 8. */
export function indentOf(request: RequestLike): number | undefined {
  const accept = request.headers.get('accept')
  if (!accept?.includes('indent')) return undefined // nearly all, and this is request of each request
  for (const { value, parameters } of acceptedIn(accept)) {
    const indent = value === 'application/json' ? parameters.get('indent') : undefined
    if (indent !== undefined && indent.length === 1 && indent >= '1' && indent <= '8') return Number(indent)
  }
  return undefined
}

/** An answer that was made to JSON where it was found. */
export class JsonText {
  constructor(readonly text: string) {}
}

function jsonText(value: object, request: RequestLike): string {
  if (value instanceof JsonText) return value.text
  return JSON.stringify(value, null, indentOf(request))
}

/** In UTF-8 a UTF-16 unit takes three bytes at most. */
const MAX_BYTES_OF_UNIT = 3

/** The JSON of what somebody asked for. @throws AnswerTooLarge */
export function answerText(value: object, request: RequestLike): string {
  const text = jsonText(value, request)
  const mayBeLarge = text.length * MAX_BYTES_OF_UNIT > MAX_ANSWER_BYTES
  if (mayBeLarge && Buffer.byteLength(text) > MAX_ANSWER_BYTES) throw new AnswerTooLarge()
  return text
}

/** For what has no further use once it is read: failures, and answers to what changed something. */
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

/** A GET that succeeded: with a tag, by which the client can ask whether it has the answer already, and packed. */
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

/** Whether an answer is JSON, or is to become that. */
export function isJson(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof JsonText || Object.getPrototypeOf(value) === Object.prototype
}
