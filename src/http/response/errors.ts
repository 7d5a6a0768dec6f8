// Turns errors into responses. Any code may throw; only this file makes the response.

import type { Logger } from 'pino'
import { DomainError, type ErrorCode, type Explanation } from '../../lib/errors'
import { registerErrors } from '../../lib/transferable-errors'
import { AnswerTooLarge } from '../../storage/errors'
import { pathOf } from '../request/links'
import { idOf } from '../request/request-context'
import { tooLargeSentence } from './answer-size'
import { jsonResponse } from './json'
import { storageFailure } from './storage-errors'

const statuses: Record<ErrorCode, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  busy: 503,
  no_space: 507,
}

/** A failure that only HTTP has a name for. */
export class HttpError extends DomainError {
  constructor(
    readonly status: number,
    body: Explanation,
    readonly headers: Record<string, string> = {},
  ) {
    super(status < 500 ? 'invalid' : 'busy', body)
  }
}

registerErrors({ http: HttpError })

export const MISSING_CREDENTIALS = 'Authentication credentials were not provided.'

export class Unauthorized extends HttpError {
  /** @param challenge  false for our own pages: the browser's own password box must not cover them. */
  constructor(detail: string, challenge: boolean) {
    super(401, { detail }, challenge ? { 'www-authenticate': 'Basic realm="avocado-server"' } : {})
  }
}

export class MethodNotAllowed extends HttpError {
  constructor(method: string, allow: string) {
    super(405, { detail: `Method "${method}" not allowed.` }, { allow })
  }
}

export class UnsupportedMediaType extends HttpError {
  constructor(mediaType: string) {
    super(415, { detail: `Unsupported media type "${mediaType}" in request.` })
  }
}

/** How another protocol than the published API words failures. */
export interface FailureWording {
  /** The paths of the protocol begin with this. */
  prefix: string
  bodyOf(explanation: Explanation): object
}

interface ErrorContext {
  log: Logger
  failureWordings: readonly FailureWording[]
}

/** The response to an error. An unexpected error is a bug: the client gets a 500, and the log has the details. */
export function errorResponse(
  error: unknown,
  request: Request,
  { log, failureWordings }: ErrorContext,
  headers: Record<string, string>,
): Response {
  const answer = toHttpError(error, request, log)
  const path = pathOf(request)
  const wording = failureWordings.find(({ prefix }) => path.startsWith(prefix))
  const body = wording ? wording.bodyOf(answer.body) : answer.body
  const response = jsonResponse(body, request, { status: answer.status, headers })
  for (const [name, value] of Object.entries(answer.headers)) response.headers.set(name, value)
  return response
}

function toHttpError(error: unknown, request: Request, log: Logger): HttpError {
  if (error instanceof HttpError) return error
  if (!(error instanceof DomainError)) return fromUnexpected(error, request, log)
  const { code, body, retryAfterSeconds } = error
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return new HttpError(statuses[code], body, headers)
}

function fromUnexpected(error: unknown, request: Request, log: Logger): HttpError {
  const id = idOf(request)
  const entry = log.child({ id, method: request.method, path: pathOf(request) })
  if (error instanceof AnswerTooLarge) return new HttpError(400, { detail: tooLargeSentence(request) })
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

/** Longer paths are cut in the message. */
const MAX_PATH = 200

/** Clients that accept anything, as curl does, do not count: the published documentation shows them the page. */
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
