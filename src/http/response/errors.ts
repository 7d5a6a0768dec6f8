// Every failure that a client is told about: thrown anywhere, made an answer here alone.

import type { Logger } from 'pino'
import { AnswerTooLarge } from '../../storage/answer-size'
import { pathOf } from '../request/links'
import { idOf } from '../request/request-context'
import { tooLargeSentence } from './answer-size'
import { jsonResponse } from './json'
import { storageFailure } from './storage-errors'

/** An expected outcome: a status and the JSON body that says what happened. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown>,
    readonly headers: Record<string, string> = {},
  ) {
    super(JSON.stringify(body))
  }
}

/** 404. The published documentation writes the sentence without a full stop. */
export class NotFound extends HttpError {
  constructor() {
    super(404, { detail: 'Not found' })
  }
}

export class Conflict extends HttpError {
  constructor(detail = 'Conflict.') {
    super(409, { detail })
  }
}

/** 400 with one sentence per field. */
export class Invalid extends HttpError {
  constructor(fields: Record<string, string>, headers?: Record<string, string>) {
    const body = Object.entries(fields).map(([field, sentence]) => [field, [sentence]])
    super(400, Object.fromEntries(body), headers)
  }
}

/** 400 for fields that are only together what another row has already. */
export class NotUnique extends Invalid {
  constructor(...fields: string[]) {
    super({ non_field_errors: `The fields ${fields.join(', ')} must make a unique set.` })
  }
}

/** 400 for a request that cannot be read, or asks for what the server will not do. */
export class BadRequest extends HttpError {
  constructor(detail: string) {
    super(400, { detail })
  }
}

export const MISSING_CREDENTIALS = 'Authentication credentials were not provided.'

export class Unauthorized extends HttpError {
  /** @param challenge  false for our own pages: the browser's own password box must not cover them. */
  constructor(detail: string, challenge: boolean) {
    super(401, { detail }, challenge ? { 'www-authenticate': 'Basic realm="avocado-server"' } : {})
  }
}

export class Forbidden extends HttpError {
  constructor(detail = 'You do not have permission to perform this action.') {
    super(403, { detail })
  }
}

export class MethodNotAllowed extends HttpError {
  constructor(method: string, allow: string) {
    super(405, { detail: `Method "${method}" not allowed.` }, { allow })
  }
}

export class TooLarge extends HttpError {
  /** @param setting  the flag that sets the limit, where there is one. */
  constructor(limitBytes: number, setting?: '--max-body' | '--max-import') {
    super(413, {
      detail: `The request body is larger than ${limitBytes} bytes${setting ? ` (${setting})` : ''}.`,
    })
  }
}

/** 429, 503: not now, but after some seconds. */
export class NotNow extends HttpError {
  constructor(status: 429 | 503, detail: string, seconds: number) {
    super(status, { detail }, { 'retry-after': String(seconds) })
  }
}

export class UnsupportedMediaType extends HttpError {
  constructor(mediaType: string) {
    super(415, { detail: `Unsupported media type "${mediaType}" in request.` })
  }
}

/** ResultsDB's clients look for `message`. */
const RESULTSDB = '/api/v2.0/'

function sentenceOf({ message, detail, ...fields }: Record<string, unknown>): unknown {
  return (
    message ??
    detail ??
    Object.entries(fields)
      .map(([field, text]) => `${field}: ${text}`)
      .join(' ')
  )
}

/** The answer to a failure. What is not an HttpError is our own fault: 500, and the log has the whole story. */
export function errorResponse(
  error: unknown,
  request: Request,
  log: Logger,
  headers: Record<string, string>,
): Response {
  const answer = error instanceof HttpError ? error : unexpected(error, request, log)
  const body = pathOf(request).startsWith(RESULTSDB) ? { message: sentenceOf(answer.body) } : answer.body
  const response = jsonResponse(body, request, { status: answer.status, headers })
  for (const [name, value] of Object.entries(answer.headers)) response.headers.set(name, value)
  return response
}

function unexpected(error: unknown, request: Request, log: Logger): HttpError {
  const id = idOf(request)
  const entry = log.child({ id, method: request.method, path: pathOf(request) })
  if (error instanceof AnswerTooLarge) return new BadRequest(tooLargeSentence(request))
  const failure = storageFailure(error, entry)
  if (failure) return new HttpError(failure.status, { detail: failure.detail }, failure.headers)
  entry.error({ err: error }, 'request failed')
  return new HttpError(500, { detail: `Internal error ${id}: the server's log says more under this number.` })
}

/** The 404 for a URL that names no API: JSON for a client that asks for it, and the page for all others. */
export function unknownUrl(request: Request, headers: Record<string, string>): Response {
  const path = pathOf(request)
  const vary = { ...headers, vary: headers.vary ? `${headers.vary}, Accept` : 'Accept' }
  if (!asksForJson(request)) return unknownPage(path, vary)
  const shown = path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}...` : path
  const detail = `There is nothing at ${shown.toWellFormed()}. The API begins at /, its documentation at /swagger.`
  return jsonResponse({ detail }, request, { status: 404, headers: vary })
}

/** Of a path, in a sentence. */
const MAX_PATH = 200

/** Not whoever takes anything, as curl does: the documentation has a page for those. */
function asksForJson(request: Request): boolean {
  const accept = (request.headers.get('accept') ?? '').slice(0, MAX_ACCEPT).toLowerCase()
  return accept.includes('application/json') && !accept.includes('text/html')
}

const MAX_ACCEPT = 1000

/** The 404 for a URL that names no API: HTML, as the published documentation has it. */
export function unknownPage(path: string, headers: Record<string, string>): Response {
  const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Not found</title></head>
<body>
<h1>Not found</h1>
<p>The requested URL <code>${Bun.escapeHTML(path)}</code> was not found on this server.</p>
<p>The API begins at <a href="/">/</a>, its documentation at <a href="/swagger">/swagger</a>.</p>
</body>
</html>
`
  const response = new Response(page, { status: 404, headers })
  response.headers.set('content-type', 'text/html; charset=utf-8')
  return response
}
