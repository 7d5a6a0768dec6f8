// The route /jobs/:job/tests/:test/verdict/: what other runs tell about this one.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyAnalysis, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { verdict } from './answers'
import { verdictItem } from './model'

export function verdictRoutes(services: ResultServices) {
  const { database, config, clock } = services
  return new Elysia({ name: 'verdict', prefix: '/jobs/:job/tests/:test/verdict', tags: ['Analysis'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get(
      '/',
      async ({ request, params: { job, test } }) =>
        answer(database, verdict, request, { zone: config.zone, now: clock(), job, test }),
      {
        cacheable: anyAnalysis,
        detail: describe({
          summary: 'What other runs tell about this one: is it new, since when, where else, is it a flake',
          description:
            'The same test case on the same host, branch and distro is the series of this run. A job that reports what ' +
            'another one reports, too, has no verdict: 404.',
          reply: verdictItem,
          errors: [404, 409],
        }),
      },
    )
}
