// `kept: ...` on a route: its answers are kept in memory while nothing changed that they show.

import { Elysia } from 'elysia'
import type { Context } from '../context'
import type { Connection } from '../storage/query'
import { type Answer, Answers, type Form } from './answers'
import { hasAlready } from './entity-tag'
import { commonHeaders } from './headers'
import { isPlainObject, jsonText } from './json'

/**
 * The number of the one job that a route's answers show, where the URL names it in a way that will mean that job and
 * no other as long as it is there. undefined: a change of any job may change the answer.
 */
export type JobOf = (connection: Connection, params: Record<string, string>) => number | undefined

/** For lists and sums: a change of any job may change them. */
export const anyJob: JobOf = () => undefined

type Handler = (request: Request) => Response | Promise<Response>

export function keptAnswers(context: Context) {
  const answers = Answers.of(context.database)
  const respond = responder(context, answers)
  /** The last commit before anything was read for a request: another one may be heard of while it is answered. */
  const changes = new WeakMap<Request, number>()
  return new Elysia({ name: 'kept-answers' }).macro({
    kept: (jobOf: JobOf) => ({
      beforeHandle({ request }) {
        const answer = answers.find(request)
        if (answer) return respond(request, answer)
        changes.set(request, context.database.change)
      },
      afterHandle({ responseValue, request, set, params }) {
        if (!isPlainObject(responseValue) || Number(set.status ?? 200) !== 200) return
        const job = context.database.read((connection) => jobOf(connection, params as Record<string, string>))
        const change = changes.get(request) ?? 0
        return respond(request, answers.keep(request, jsonText(responseValue, request), { change, job }))
      },
    }),
  })
}

/** Answers from memory before the router is asked, where nothing depends on who asks. */
export function keptFirst(context: Context, handle: Handler): Handler {
  if (context.config.private) return handle
  const answers = Answers.of(context.database)
  const respond = responder(context, answers)
  return (request) => {
    // Wrong credentials are wrong wherever they come.
    const mayBeKept = request.method === 'GET' && !request.headers.has('authorization')
    const answer = mayBeKept ? findUnlessFailing(request) : undefined
    return answer ? respond(request, answer) : handle(request)
  }

  /** A disk that cannot be read is met again behind the router, where failures become answers. */
  function findUnlessFailing(request: Request): Answer | undefined {
    try {
      return answers.find(request)
    } catch {
      return undefined
    }
  }
}

function responder(context: Context, answers: Answers) {
  const always = {
    'cache-control': 'no-cache',
    ...commonHeaders(context),
    'content-type': 'application/json',
    vary: 'Accept, Accept-Encoding',
  }
  const send = (request: Request, form: Form): Response => {
    const { body, etag, encoding } = form
    // Made once: for a small answer that takes as long as all else.
    form.headers ??= new Headers({ ...always, etag, ...(encoding && { 'content-encoding': encoding }) })
    const { headers } = form
    return hasAlready(request, etag)
      ? new Response(null, { status: 304, headers })
      : new Response(body, { headers })
  }
  return (request: Request, answer: Answer): Response | Promise<Response> => {
    const form = answers.formFor(request, answer)
    return form instanceof Promise ? form.then((form) => send(request, form)) : send(request, form)
  }
}
