// The routes of /health/, /ready/ and /metrics/, for monitoring.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { Busy } from '../../lib/errors'
import type { Exposition } from './exposition'
import { Readiness } from './readiness'
import type { MonitoringServices } from './services'

const RETRY_AFTER_SECONDS = 5

export function monitoringRoutes(services: MonitoringServices, metrics: Exposition) {
  const readiness = new Readiness(services)
  return new Elysia({ name: 'monitoring', tags: ['Server'] })
    .use(authentication(services))
    .get(
      '/health/',
      ({ set }) => {
        set.headers['cache-control'] = 'no-store'
        return { alive: true }
      },
      {
        detail: describe({
          summary: 'Whether the server is alive',
          description: 'For everybody, with `--private`, too. Asks nothing of the database or the disk.',
          reply: t.Object({ alive: t.Literal(true) }),
        }),
      },
    )
    .get(
      '/ready/',
      async ({ set }) => {
        set.headers['cache-control'] = 'no-store'
        const obstacles = await readiness.obstacles()
        if (obstacles.length > 0) throw new Busy(obstacles.join(' '), RETRY_AFTER_SECONDS)
        return { ready: true }
      },
      {
        detail: describe({
          summary: 'Whether the server can do its work',
          description:
            'For everybody, with `--private`, too. The database answers and has the schema of this server, its disk has room, and a write that is tried reaches it; otherwise 503, and `detail` says what is wrong.',
          reply: t.Object({ ready: t.Literal(true) }),
        }),
      },
    )
    .get(
      '/metrics/',
      async ({ set }) => {
        const text = await metrics.text()
        set.headers['cache-control'] = 'no-store'
        set.headers['content-type'] = metrics.contentType
        return text
      },
      {
        detail: describe({
          summary: 'Numbers to watch, for Prometheus',
          description: 'For everybody who may read.',
          replyType: 'text/plain',
          reply: t.String(),
        }),
      },
    )
}
