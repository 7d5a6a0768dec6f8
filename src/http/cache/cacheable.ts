// `kept: ...` on a route: its answers are kept in memory while nothing changed that they show.

import { type AnyElysia, Elysia } from 'elysia'
import { onePer } from '../../lib/one-per'
import type { Context } from '../../server/services'
import type { Connection } from '../../storage/query'
import { givenId, ID_HEADER, visitOf } from '../request/request-context'
import { hasAlready } from '../response/entity-tag'
import { commonHeaders } from '../response/headers'
import { Traffic } from '../response/http-metrics'
import { answerText, isJson } from '../response/json'
import { type Form, headersOf } from '../response/representations'
import { type Answer, Answers } from './response-cache'

/**
 * The number of the one job that a route's answers show, where the URL names it in a way that will mean that job and
 * no other as long as it is there. undefined: a change of any job may change the answer.
 */
export type JobOf = (connection: Connection, params: Record<string, string>) => number | undefined

/** For lists and sums: a change of any job may change them. */
export const anyJob: JobOf = () => undefined

/** The parameters that answers of each route are kept under, by its pattern. */
const parametersOf = onePer((_: Context) => new Map<string, ReadonlySet<string>>())

const NONE: ReadonlySet<string> = new Set()

/** What these ask for depends on the clock, too, and not only on what is stored. */
const BY_THE_CLOCK = new Set(['running'])

/**
 * Learns which parameters each route knows: those that it documents. Called once, after all routes. Until then no answer
 * with parameters is kept.
 */
export function learnParameters(context: Context, { routes }: AnyElysia): void {
  const known = parametersOf(context)
  for (const { method, path, hooks } of routes) {
    if (method !== 'GET') continue
    const documented: { name: string; in: string }[] = hooks.detail?.parameters ?? []
    const names = documented.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
    const kept = names.filter((name) => !BY_THE_CLOCK.has(name))
    // As some clients write `name:like`.
    known.set(path, new Set([...kept, ...kept.map(encodeURIComponent)]))
  }
}

export function keptAnswers(context: Context) {
  const answers = Answers.of(context.database)
  const respond = responder(context, answers)
  const traffic = Traffic.of(context)
  const known = parametersOf(context)
  /** The last commit before anything was read for a request: another one may be heard of while it is answered. */
  const changes = new WeakMap<Request, number>()
  return new Elysia({ name: 'kept-answers' }).macro({
    kept: (jobOf: JobOf) => ({
      beforeHandle({ request }) {
        const answer = answers.find(request)
        if (answer) return respond(request, answer)
        answers.misses++
        context.database.noticeOthers()
        changes.set(request, context.database.change)
      },
      afterHandle({ responseValue, request, set, params }) {
        if (!isJson(responseValue) || Number(set.status ?? 200) !== 200) return
        const job = context.database.read((connection) => jobOf(connection, params as Record<string, string>))
        const change = changes.get(request) ?? 0
        const { route } = visitOf(request)
        const parameters = known.get(route ?? '') ?? NONE
        const answer = answers.keep(request, answerText(responseValue, request), { change, job, parameters })
        answer.series = traffic.series(route, 'GET')
        return respond(request, answer)
      },
    }),
  })
}

/** Whether requests go through the front door before what is kept is looked for, and not after. */
export function isDoorFirst({ config }: Pick<Context, 'config'>): boolean {
  return config.trustProxy || config.allowedHosts !== undefined
}

/**
 * Answers from memory before anything else is asked, where nothing depends on who asks: a request that has the words of
 * one that was answered may come in as that did. Such an answer has an id only if the client sent one, and none is in
 * the log: who wants a line for every request has all of them go to the router.
 */
export function keptFirst<From>(context: Context, handle: HandlerFrom<From>): HandlerFrom<From> {
  if (context.config.private || context.log.isLevelEnabled('debug')) return handle
  const answers = Answers.of(context.database)
  const respond = responder(context, answers)
  const isMended = isDoorFirst(context) // then the URL may have a host that the door made up
  const find = (request: Request) => {
    // Wrong credentials are wrong wherever they come.
    if (request.method !== 'GET' || request.headers.has('authorization')) return undefined
    try {
      return answers.find(request, isMended ? undefined : request.url)
    } catch {
      return undefined // a disk that cannot be read is met again behind the router, where failures become answers
    }
  }
  const finish = (request: Request, answer: Answer, response: Response) => {
    answer.series?.add(response.status, 0)
    const id = givenId(request)
    if (id !== undefined) response.headers.set(ID_HEADER, id)
    return response
  }
  return (request, from) => {
    const answer = find(request)
    if (!answer) return handle(request, from)
    const response = respond(request, answer)
    return response instanceof Promise
      ? response.then((response) => finish(request, answer, response))
      : finish(request, answer, response)
  }
}

type HandlerFrom<From> = (request: Request, from?: From) => Response | Promise<Response>

function responder(context: Context, answers: Answers) {
  const always = {
    'cache-control': 'no-cache',
    ...commonHeaders(context),
    'content-type': 'application/json',
    vary: 'Accept, Accept-Encoding',
  }
  const send = (request: Request, form: Form): Response => {
    const { body, etag } = form
    // Made once: for a small answer that takes as long as all else.
    form.headers ??= new Headers({ ...always, ...headersOf(form) })
    const { headers } = form
    return hasAlready(request, etag) ? new Response(null, { status: 304, headers }) : new Response(body, form)
  }
  return (request: Request, answer: Answer): Response | Promise<Response> => {
    const form = answers.formFor(request, answer)
    return form instanceof Promise ? form.then((form) => send(request, form)) : send(request, form)
  }
}
