// What every path answers besides its own methods: OPTIONS says what it is, any other method is refused by name.

import type { AnyElysia } from 'elysia'
import { MethodNotAllowed } from '../response/errors'
import { mediaTypes } from './body'

const preflight = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type',
  'access-control-max-age': '86400',
}

/**
 * Gives every path that `app` has so far an OPTIONS and a 405. Called once, after all routes: a fixed path such as
 * /jobs/summary/ must not fall through to /jobs/:job/ with another method.
 */
export function answerOtherMethods(app: AnyElysia): void {
  const paths = Map.groupBy(app.routes, ({ path }) => path)
  for (const [path, routes] of paths) {
    const own = routes.filter(({ hooks }) => hooks.detail?.hide !== true)
    const methods = (own.length > 0 ? own : routes).map(({ method }) => method)
    const allow = [...(methods.includes('GET') ? ['HEAD'] : []), ...methods, 'OPTIONS'].sort().join(', ')
    const { summary, description } = routes[0]?.hooks.detail ?? {}
    const about = {
      name: summary ?? path,
      description: description ?? '',
      renders: ['application/json'],
      parses: mediaTypes,
    }
    app.options(
      path,
      ({ set }) => {
        Object.assign(set.headers, preflight, { allow })
        return about
      },
      { detail: { hide: true } },
    )
    const refusal = {
      // Before the credentials are looked at: what is wrong first is what is answered.
      // No method of the object: Elysia reads the source of handlers, and takes the end off the one of those.
      transform: (context: object) => {
        throw new MethodNotAllowed((context as { request: Request }).request.method, allow)
      },
      detail: { hide: true },
    }
    // Each by name, and not by all() alone: the router tries /jobs/:job/ with the method before that.
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (!routes.some((route) => route.method === method)) app.route(method, path, () => undefined, refusal)
    }
    app.all(path, () => undefined, refusal)
  }
}
