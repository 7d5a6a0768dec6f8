// The route /matrix/: tests by hosts, by kernels or by jobs.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyAnalysis, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { pageParametersOf } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { matrix } from './answers'
import { matrixItem, matrixQuery, PAGE_SIZE } from './model'

export function matrixRoutes(services: ResultServices) {
  const { database, config, clock } = services
  return new Elysia({ name: 'matrix', prefix: '/matrix', tags: ['Analysis'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get('/', async ({ request }) => answer(database, matrix, request, { zone: config.zone, now: clock() }), {
      cacheable: anyAnalysis,
      detail: describe({
        summary:
          'The tests of the newest jobs by host, by kernel or by job: how often they ran and failed there',
        description:
          'The newest jobs of the window, as many as have 100,000 tests together; `window.truncated` says that older ones ' +
          'are left out.',
        reply: matrixItem,
        parameters: [...parametersOf(matrixQuery), ...pageParametersOf(PAGE_SIZE)],
        errors: [400, 404],
      }),
    })
}
