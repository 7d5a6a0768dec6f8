// The contents page: every part of the server, in the order in which a reader meets them.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { version } from '../../package.json'
import { statisticsRoutes } from '../analysis/statistics/routes'
import { prefersHtml } from '../auth/origin'
import { authentication } from '../auth/plugin'
import { COOKIE } from '../auth/session'
import { sessionRoutes } from '../auth/session-routes'
import { tokenRoutes } from '../auth/token-routes'
import { userRoutes } from '../auth/user-routes'
import { BASE as DASHBOARD } from '../dashboard/assets'
import { dashboardRoutes } from '../dashboard/routes'
import { EventHub } from '../events/hub'
import { eventRoutes } from '../events/routes'
import { cacheFirst, isGuardFirst } from '../http/cache/cacheable'
import { describe, documentation } from '../http/openapi/documentation'
import { knownParameters } from '../http/request/known-parameters'
import { link } from '../http/request/links'
import { answerOtherMethods } from '../http/request/methods'
import { type AddressedHandler, ID_HEADER, idOf, requestContext } from '../http/request/request-context'
import { type Handler, requestGuard } from '../http/request/request-guard'
import { errorResponse, unknownUrl } from '../http/response/errors'
import { commonHeaders } from '../http/response/headers'
import { isJson, jsonAnswer, jsonResponse } from '../http/response/json'
import { observed } from '../http/response/observed'
import { resultsdbRoutes } from '../ingest/protocols/resultsdb/routes'
import { importRoutes } from '../ingest/routes'
import { auditRoutes } from '../operations/audit/routes'
import { Metrics } from '../operations/monitoring/metrics'
import { monitoringRoutes } from '../operations/monitoring/routes'
import { activityRoutes } from '../results/activities/routes'
import { dataRoutes } from '../results/data/routes'
import { environmentRoutes } from '../results/environments/routes'
import { fileRoutes } from '../results/files/routes'
import { jobRoutes } from '../results/jobs/routes'
import { removeTest } from '../results/jobs/writing'
import { readOnly, statusRoutes } from '../results/statuses/routes'
import { testRoutes } from '../results/tests/routes'
import type { Services } from './services'

/** The API's parts in the order of the published documentation. */
const resources = [
  'jobstatuses',
  'teststatuses',
  'softwarecomponentkinds',
  'softwarecomponentarches',
  'softwarecomponents',
  'linuxdistros',
  'testenvironments',
  'jobs',
]

/**
 * @returns `fetch` answers requests, for Bun.serve or for a test; `close` ends the streams of events, which never
 *   end by themselves: a server that stops would wait for them. It also ends what measures by itself. `flush`, when no
 *   request is under way any more, writes what was kept back.
 */
export function createApp(services: Services, events = new EventHub(services)) {
  const metrics = new Metrics(services, events)
  const app = new Elysia({ systemRouter: false })
    .use(conventions(services))
    .use(authentication(services))
    .use(knownParameters(services))
    .use(documentation(services, COOKIE))
    .use(rootRoutes(services))
    .use(sessionRoutes(services))
    .use(userRoutes(services))
    .use(tokenRoutes(services))
    .use(auditRoutes(services))
    .use(statusRoutes(services))
    .use(environmentRoutes(services))
    .use(jobRoutes(services))
    .use(testRoutes(services, removeTest))
    .use(activityRoutes(services))
    .use(dataRoutes(services))
    .use(fileRoutes(services, services.files))
    .use(statisticsRoutes(services))
    .use(importRoutes(services, services.files))
    .use(resultsdbRoutes(services))
    .use(eventRoutes(services, events))
    .use(monitoringRoutes(services, metrics))
    .use(dashboardRoutes())
  services.routeParameters.learn(app)
  answerOtherMethods(app)
  return {
    elysia: app,
    fetch: answering(services, observed(services, app.fetch)),
    close() {
      events.close()
      metrics.close()
    },
    flush: () => services.failedLogins.write(),
  }
}

/**
 * What a proxy says of a request is part of what it asks, and a host that is none of ours gets nothing: then the door is
 * first. Else it costs more than it helps.
 */
function answering(services: Services, handle: AddressedHandler): Handler {
  return isGuardFirst(services)
    ? requestGuard(services, cacheFirst(services, handle))
    : cacheFirst(services, requestGuard(services, handle))
}

/** What holds for every answer. */
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
      // What is left in `set`, Elysia adds by making another response, with the body of this one as a stream.
      Object.assign(set, { status: 200, headers: {} })
      if (!body) return new Response(null, init)
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      return isRead && init.status === 200
        ? jsonAnswer(body, request, init.headers)
        : jsonResponse(body, request, init)
    })
    .onError({ as: 'global' }, ({ error, code, request, set }) => {
      const headers = set.headers as Record<string, string>
      return code === 'NOT_FOUND'
        ? unknownUrl(request, headers)
        : errorResponse(error, request, services, headers)
    })
}

function rootRoutes(services: Services) {
  const rootItem = t.Record(t.String(), t.String({ format: 'uri' }))
  return new Elysia({ name: 'root', tags: ['Server'] })
    .get(
      '/',
      ({ request, redirect, set }) => {
        set.headers.vary = 'Accept'
        if (prefersHtml(request)) return redirect(DASHBOARD)
        return Object.fromEntries(resources.map((name) => [name, link(request, name)]))
      },
      {
        detail: describe({
          summary: 'List the parts of the API; browsers are sent to the dashboard',
          reply: rootItem,
        }),
      },
    )
    .get('/version/', () => ({ version }), {
      detail: describe({
        summary: 'Show the version of the server',
        reply: t.Object({ version: t.String() }),
      }),
    })
    .use(readOnly(services, '/version/'))
}
