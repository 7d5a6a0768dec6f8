// Answers the methods that a path does not handle itself: OPTIONS describes the path, any other method gets a 405.

import type { AnyElysia } from 'elysia'
import { MethodNotAllowed } from '../response/errors'
import { mediaTypes } from './body'

const preflight = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type',
  'access-control-max-age': '86400',
}

/**
 * Adds OPTIONS and a 405 to every path of `app`. Called once, after all routes are added. Without the 405 another
 * method of a fixed path such as /jobs/summary/ would fall through to /jobs/:job/.
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
      // `transform` runs before the credentials are checked, so that a wrong method is answered first.
      // An arrow function, because Elysia reads the source of handlers, and cuts off the end of a method's source.
      transform: (context: object) => {
        throw new MethodNotAllowed((context as { request: Request }).request.method, allow)
      },
      detail: { hide: true },
    }
    // all() alone is not enough: the router prefers /jobs/:job/ with the exact method to all().
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (!routes.some((route) => route.method === method)) app.route(method, path, () => undefined, refusal)
    }
    app.all(path, () => undefined, refusal)
  }
}
