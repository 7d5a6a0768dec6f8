// The routes that belong to no feature: / and /version/.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { version } from '../../package.json'
import { prefersHtml } from '../auth/origin'
import type { AuthServices } from '../auth/services'
import { BASE as DASHBOARD } from '../dashboard/assets'
import type { Feature } from '../http/feature'
import { describe } from '../http/openapi/documentation'
import { link } from '../http/request/links'
import { readOnly } from '../results/statuses/routes'

/** The parts of the API, in the order of the published documentation. */
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

function rootRoutes(services: AuthServices) {
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

export const root: Feature<AuthServices> = {
  name: 'root',
  routes: (services) => [rootRoutes(services)],
}
