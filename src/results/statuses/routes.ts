// /jobstatuses/ and /teststatuses/: fixed lists. A change gets 403 instead of 405, as in the original server.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import type { AuthServices } from '../../auth/services'
import { describe } from '../../http/openapi/documentation'
import { pageOf, pageParameters, paginate } from '../../http/resource/pagination'
import { MISSING_CREDENTIALS } from '../../http/response/errors'
import { Forbidden, NotFound } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { jobStatuses, testStatuses } from '../../storage/seed-data'
import type { ResultServices } from '../core/services'
import { statusItem } from './model'

type Row = { name: string; description: string }

export function statusRoutes(services: ResultServices) {
  return new Elysia({ name: 'statuses', tags: ['Server'] })
    .use(fixedList(services, '/jobstatuses/', 'Job statuses', jobStatuses))
    .use(fixedList(services, '/teststatuses/', 'Test statuses', testStatuses))
}

function fixedList(services: ResultServices, path: string, title: string, rows: readonly Row[]) {
  const wire = rows.map(({ name, description }) => ({ name, description }))
  return new Elysia()
    .get(
      path,
      async ({ request }) =>
        paginate(request, wire.length, ({ offset, limit }) => wire.slice(offset, offset + limit)),
      {
        detail: describe({
          summary: title,
          reply: pageOf(statusItem),
          parameters: pageParameters,
          errors: [404],
        }),
      },
    )
    .use(readOnly(services, path))
    .get(
      `${path}:id/`,
      ({ params }) => {
        const { id = '' } = params as { id?: string }
        const row = /^[1-9]\d*$/.test(id) ? wire[Number(id) - 1] : undefined
        if (!row) throw new NotFound()
        return row
      },
      {
        detail: describe({
          summary: `${title}: one, by its position from 1 on`,
          reply: statusItem,
          errors: [404],
        }),
      },
    )
    .use(readOnly(services, `${path}:id/`))
}

/** Refuses every change with 403, for all users. */
export function readOnly(services: AuthServices, path: string) {
  const refuse = ({ user }: { user: Identity | undefined }) => {
    throw new Forbidden(user ? undefined : MISSING_CREDENTIALS)
  }
  const options = { parse: 'none', detail: { hide: true } } as const
  return new Elysia()
    .use(authentication(services))
    .post(path, refuse, options)
    .put(path, refuse, options)
    .patch(path, refuse, options)
    .delete(path, refuse, options)
}
