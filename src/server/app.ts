// Builds the app of a server: first what holds for every response, then the routes of every feature.

import { Elysia } from 'elysia'
import { authentication } from '../auth/plugin'
import { COOKIE } from '../auth/session'
import { cacheFirst, isGuardFirst } from '../http/cache/cacheable'
import { documentation } from '../http/openapi/documentation'
import { knownParameters } from '../http/request/known-parameters'
import { pathOf } from '../http/request/links'
import { answerOtherMethods } from '../http/request/methods'
import { type AddressedHandler, ID_HEADER, idOf, requestContext } from '../http/request/request-context'
import { type Handler, requestGuard } from '../http/request/request-guard'
import { errorResponse, unknownUrl } from '../http/response/errors'
import { commonHeaders } from '../http/response/headers'
import { instrument } from '../http/response/instrument'
import { isJson, jsonAnswer, jsonResponse } from '../http/response/json'
import { features } from './features'
import type { Services } from './services'

/**
 * @returns `fetch` answers requests, for Bun.serve or for a test. `close` ends streams and timers that would keep the
 *   server from stopping. `flush` writes what is still in memory; it is called after the last request.
 */
export function createApp(services: Services) {
  const app = new Elysia({ systemRouter: false })
    .use(conventions(services))
    .use(authentication(services))
    .use(knownParameters(services))
    .use(documentation(services, COOKIE))
  for (const feature of features) {
    for (const plugin of feature.routes?.(services) ?? []) app.use(plugin)
  }
  services.routeParameters.register(app)
  answerOtherMethods(app)
  return {
    elysia: app,
    fetch: withGuardAndCache(services, instrument(services, app.fetch)),
    close() {
      for (const feature of features) feature.close?.(services)
    },
    async flush() {
      for (const feature of features) await feature.flush?.(services)
    },
  }
}

/**
 * Puts the request guard and the response cache in order. The guard comes first with --trust-proxy, because the proxy's
 * headers are part of the request, and with --allowed-hosts, because an unknown host gets no answer. Otherwise the
 * cache comes first, because that is faster.
 */
function withGuardAndCache(services: Services, handle: AddressedHandler): Handler {
  return isGuardFirst(services)
    ? requestGuard(services, cacheFirst(services, handle))
    : cacheFirst(services, requestGuard(services, handle))
}

/** Headers, JSON and errors of every response. */
function conventions(services: Services) {
  const common = commonHeaders(services)
  return new Elysia({ name: 'conventions' })
    .onRequest(({ request, set }) => {
      Object.assign(set.headers, common)
      set.headers[ID_HEADER] = idOf(request)
    })
    .onTransform({ as: 'global' }, ({ request, route }) => {
      requestContext(request).route = route
    })
    .mapResponse({ as: 'global' }, ({ responseValue, request, set }) => {
      const init = { status: Number(set.status ?? 200), headers: set.headers as Record<string, string> }
      const body = init.status !== 204 && isJson(responseValue) ? responseValue : undefined
      if (init.status !== 204 && !body) return
      // If `set` still held anything, Elysia would make another response and stream the body of this one into it.
      Object.assign(set, { status: 200, headers: {} })
      if (!body) return new Response(null, init)
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      return isRead && init.status === 200
        ? jsonAnswer(body, request, init.headers)
        : jsonResponse(body, request, init)
    })
    .onError({ as: 'global' }, ({ error, code, request, set }) => {
      const headers = set.headers as Record<string, string>
      // Also for unknown URLs below /auth/. The routes there set the header themselves (session-routes.ts).
      if (pathOf(request).startsWith('/auth/')) headers['cache-control'] = 'no-store'
      return code === 'NOT_FOUND'
        ? unknownUrl(request, headers)
        : errorResponse(error, request, services, headers)
    })
}
