// The routes of /regressions/: which tests fail for which reason since when.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { oneRegression, pageOfRegressions } from './answers'
import { regressionPage, singleRegression } from './model'
import { regressionQuery } from './query'

export function regressionRoutes(services: ResultServices) {
  const { database, config } = services
  return new Elysia({ name: 'regressions', prefix: '/regressions', tags: ['Analysis'] })
    .use(authentication(services))
    .get('/', async ({ request }) => answer(database, pageOfRegressions, request, { zone: config.zone }), {
      detail: describe({
        summary: 'List the regressions: tests that fail for one reason since some job',
        description:
          'Those that failed last come first. A regression keeps its id as long as the runs tell of it. It is found in ' +
          'the background, a moment after its runs are stored.',
        reply: regressionPage,
        parameters: [...parametersOf(regressionQuery), ...pageParameters],
        errors: [400, 404],
      }),
    })
    .get('/:id/', async ({ request, params: { id } }) => answer(database, oneRegression, request, { id }), {
      detail: describe({ summary: 'Show a regression', reply: singleRegression, errors: [404] }),
    })
}
