// `cacheable: ...` on a route: its answers are kept in memory until the data that they show changes.

import { Elysia } from 'elysia'
import type { NamedQuery } from '../../storage/database'
import { givenId, ID_HEADER, requestContext } from '../request/request-context'
import { matchesEtag } from '../response/entity-tag'
import { commonHeaders } from '../response/headers'
import { answerText, isJson } from '../response/json'
import { headersOf, type Representation } from '../response/representations'
import type { HttpServices } from '../services'
import type { CachedResponse, ResponseCache } from './response-cache'

/**
 * Finds the number of the only job that an answer shows, if its URL cannot name another job while that job exists.
 * undefined: a change of any job may change the answer.
 */
export type JobOf = NamedQuery<Record<string, string>, CachedResponse['job']>

/** For lists and statistics: a change of any job may change them. */
export const anyJob = { job: undefined } as const
/** For answers that also show what is derived from runs in the background, or whether that is complete. */
export const anyAnalysis = { job: 'analysis' } as const

/** What changes make a cached answer stale. */
export type Shown = typeof anyJob | typeof anyAnalysis | JobOf

export function cacheable(services: HttpServices) {
  const cache = services.responseCache
  const respond = responder(services, cache)
  const { httpMetrics } = services
  return new Elysia({ name: 'cacheable' }).macro({
    cacheable: (shown: Shown) => ({
      beforeHandle({ request }) {
        const context = requestContext(request)
        const answer = context.missedCache ? undefined : cache.find(request)
        if (answer) return respond(request, answer)
        cache.misses++
        services.database.checkOtherProcesses()
        context.readSince = services.database.change
      },
      async afterHandle({ responseValue, request, set, params }) {
        if (!isJson(responseValue) || Number(set.status ?? 200) !== 200) return
        const job =
          'run' in shown ? await services.database.read(shown, params as Record<string, string>) : shown.job
        const { route, readSince: change } = requestContext(request)
        const parameters = services.routeParameters.cacheableOf(route)
        const answer = cache.keep(request, answerText(responseValue, request), { change, job, parameters })
        answer.routeMetrics = httpMetrics.of(route, 'GET')
        return respond(request, answer)
      },
    }),
  })
}

/** Whether the request guard runs before the response cache. Otherwise it runs only for answers that are not cached. */
export function isGuardFirst({ config }: Pick<HttpServices, 'config'>): boolean {
  return config.trustProxy || config.allowedHosts !== undefined
}

/**
 * Answers from the cache before the router runs. With --private the answer depends on the user, and at the log level
 * debug every request has a line in the log: then all requests go to the router, and `cacheable` asks the cache. An
 * answer from here has an id only if the client sent one.
 */
export function cacheFirst<From>(services: HttpServices, handle: HandlerFrom<From>): HandlerFrom<From> {
  if (services.config.private || services.log.isLevelEnabled('debug')) return handle
  const cache = services.responseCache
  const respond = responder(services, cache)
  const mayRewriteUrl = isGuardFirst(services) // the guard may have replaced the host of the URL
  const find = (request: Request) => {
    // The router checks credentials, and refuses wrong ones.
    if (request.method !== 'GET' || request.headers.has('authorization')) return undefined
    try {
      const answer = cache.find(request, mayRewriteUrl ? undefined : request.url)
      if (!answer) requestContext(request).missedCache = true
      return answer
    } catch {
      return undefined // the route asks the cache again, and reports a disk that cannot be read
    }
  }
  const finish = (request: Request, answer: CachedResponse, response: Response) => {
    answer.routeMetrics?.add(response.status, 0)
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

function responder(services: HttpServices, cache: ResponseCache) {
  const always = {
    'cache-control': 'no-cache',
    ...commonHeaders(services),
    'content-type': 'application/json',
    vary: 'Accept, Accept-Encoding',
  }
  const send = (request: Request, representation: Representation): Response => {
    const { body, etag } = representation
    // Made once: for a small answer, making the headers takes as long as everything else.
    representation.headers ??= new Headers({ ...always, ...headersOf(representation) })
    const { headers } = representation
    return matchesEtag(request, etag)
      ? new Response(null, { status: 304, headers })
      : new Response(body, representation)
  }
  return (request: Request, answer: CachedResponse): Response | Promise<Response> => {
    const representation = cache.representationFor(request, answer)
    return representation instanceof Promise
      ? representation.then((representation) => send(request, representation))
      : send(request, representation)
  }
}
