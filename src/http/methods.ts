// What every path answers besides its own methods: OPTIONS says what it is, any other method is refused by name.

import type { AnyElysia } from 'elysia'
import { mediaTypes } from './body'
import { MethodNotAllowed } from './errors'

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
    const methods = routes.map(({ method }) => method)
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
    app.all(path, () => undefined, {
      // Before the credentials are looked at: what is wrong first is what is answered.
      transform({ request }) {
        throw new MethodNotAllowed(request.method, allow)
      },
      detail: { hide: true },
    })
  }
}
