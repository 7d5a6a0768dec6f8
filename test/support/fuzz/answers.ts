// What must hold for every answer, whatever was asked.

import { HOST } from '../../../src/http/request/links'
import { MAX_ANSWER_BYTES } from './bounds'
import type { ApiDocument, Operation } from './document'
import type { Request } from './requests'
import type { Reply } from './send'

/**
 * May be answered by any path, and are not repeated for each in the document: not modified, bad credentials, not this
 * method, too much of something, not so often, not acceptable as HTTP.
 */
const COMMON = new Set([304, 401, 405, 413, 414, 417, 429, 431])
/** Bun's own, while it reads a head that is none: without a body, without our headers. */
const UNREADABLE = new Set([400, 405, 414, 417, 431, 501, 505])

const DOTS = /\/(\.|%2e){1,2}([/?#]|$)/i

/**
 * @param reply  undefined when there is none.
 * @returns what is wrong with the answer; a 5xx always is, unless it is documented and says when to come again.
 */
export function faultsOf(document: ApiDocument, request: Request, reply: Reply | undefined): string[] {
  const { method, transport } = request
  if (!reply) return typeof transport === 'object' ? [] : ['no answer']
  const { status, headers, text } = reply
  const isOurs = headers.has('access-control-allow-origin')
  if (!isOurs) {
    const isLong = JSON.stringify(request.headers).length + request.target.length > 4000
    const isOdd = transport !== 'fetch' || isLong || 'host' in request.headers
    const isRefused = isOdd && UNREADABLE.has(status) && text === ''
    return isRefused ? [] : [`${status} without Access-Control-Allow-Origin`]
  }
  const template = request.template ?? templateOf(document, request)
  const operation = template === undefined ? undefined : document.find(method, template)
  const faults = operation ? againstDocument(operation, request, reply) : beside(template, method, reply)
  const isPromised = operation?.answers.has(status) && headers.has('retry-after')
  if (status >= 500 && !isPromised) faults.push(`${status}: ${text.slice(0, 200)}`)
  if (method === 'HEAD' && text !== '') faults.push('HEAD with a body')
  const isJson = headers.get('content-type')?.startsWith('application/json')
  if (isJson && text.length > MAX_ANSWER_BYTES) faults.push(`an answer of ${text.length} characters`)
  return faults
}

/** Undefined: the document has none such, or nobody can say which. */
function templateOf(document: ApiDocument, { target, headers }: Request): string | undefined {
  // With a Host that is none, Bun leaves the dots in a path, and `/results/.` is one of the results.
  if (DOTS.test(target) && !HOST.test(headers.host ?? 'a')) return undefined
  return document.templateOf(new URL(target.replace(/^\/+/, '/'), 'http://a').pathname)
}

function againstDocument(operation: Operation, { method, headers: sent }: Request, reply: Reply): string[] {
  const { status, headers, text } = reply
  const answer = operation.answers.get(status)
  if (!answer) {
    if (status >= 500) return []
    const isOther = status === 302 && /html/.test(sent.accept ?? '') // browsers go to the dashboard
    return COMMON.has(status) || isOther
      ? errorFaults(reply)
      : [`${status} is not documented: ${text.slice(0, 200)}`]
  }
  if (status >= 400) return [...errorFaults(reply), ...schemaFaults(answer, reply)]
  if (method === 'HEAD') return []
  if (answer.type === undefined) return text === '' ? [] : [`${status} with a body that is not documented`]
  const type = headers.get('content-type') ?? 'none'
  if (answer.type !== 'application/json') return []
  return type.startsWith('application/json') ? schemaFaults(answer, reply) : [`${status} of type ${type}`]
}

type Answer = NonNullable<ReturnType<Operation['answers']['get']>>

function schemaFaults({ check }: Answer, reply: Reply): string[] {
  const { status, headers, text } = reply
  if (text === '' || !headers.get('content-type')?.startsWith('application/json')) return []
  const body = bodyOf(reply)
  if (body === undefined) return [`${status} with broken JSON`]
  const difference = check(body)
  return difference === undefined ? [] : [`${status} differs from its schema: ${difference}`]
}

/** Paths that the document does not have, and methods that a path has not. */
function beside(template: string | undefined, method: string, reply: Reply): string[] {
  if (reply.status >= 500) return []
  if (template === undefined) return reply.status >= 400 ? errorFaults(reply) : []
  const isRefused =
    COMMON.has(reply.status) || [403, 404].includes(reply.status) || isOfOtherHost(method, reply)
  if (!isRefused && !(method === 'OPTIONS' && reply.status === 200)) {
    return [`${reply.status} for a method that it has not`]
  }
  const names = reply.status === 405 ? (reply.headers.get('allow') ?? '') : 'OPTIONS'
  return [...(names.includes('OPTIONS') ? [] : ['405 without Allow']), ...errorFaults(reply)]
}

/** With --allowed-hosts: said before anything else is looked at. */
export function isOfOtherHost(method: string, { status, text }: Reply): boolean {
  return status === 400 && (method === 'HEAD' || text.includes('does not answer to the host'))
}

/** Somebody has to read it: sentences, and no sign of what the server is made of. */
function errorFaults(reply: Reply): string[] {
  const { status, headers, text } = reply
  if (status < 400 || text === '') return []
  const type = headers.get('content-type') ?? 'none'
  if (status === 404 && type.startsWith('text/html')) return []
  if (!type.startsWith('application/json')) return [`${status} of type ${type}`]
  const body = bodyOf(reply)
  if (typeof body !== 'object' || body === null) return [`${status} with broken JSON`]
  const sentences = saidIn(body)
  if (sentences.length === 0) return [`${status} says nothing`]
  return sentences
    .filter((said) => !isSentence(said))
    .map((said) => `${status} says ${JSON.stringify(said).slice(0, 200)}`)
}

/** All that a body says, at any depth; numbers of lines are no sentences, and names of refused files are the sender's. */
function saidIn(value: unknown): unknown[] {
  if (typeof value === 'number') return []
  if (typeof value !== 'object' || value === null) return [value]
  const { file, ...why } = value as Record<string, unknown>
  return Object.values(typeof file === 'string' ? why : value).flatMap(saidIn)
}

function isSentence(said: unknown): boolean {
  if (said === 'Conflict.') return true // as published
  if (typeof said !== 'string' || !/\S\s+\S/.test(said)) return false
  return !/SQLITE|\[object |TypeError|RangeError|SyntaxError|\bat \/\S*:\d+:\d|\$bunfs|undefined is not/.test(
    said,
  )
}

/** @returns undefined for what is no JSON. */
export function bodyOf({ text }: Reply): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
