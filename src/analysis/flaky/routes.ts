// The route /flaky/: the tests that fail now and then while nothing is wrong with the product.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyAnalysis, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { orderingParameter } from '../../http/resource/ordering'
import { pageParametersOf } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { pageOfFlaky } from './answers'
import { flakyPage } from './model'
import { flakyOrderings, flakyQuery, PAGE_SIZE } from './query'

export function flakyRoutes(services: ResultServices) {
  const { database, config, clock } = services
  return new Elysia({ name: 'flaky', prefix: '/flaky', tags: ['Analysis'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get(
      '/',
      async ({ request }) => answer(database, pageOfFlaky, request, { zone: config.zone, now: clock() }),
      {
        cacheable: anyAnalysis,
        detail: describe({
          summary: 'List the flaky tests: those that fail now and then, and pass again by themselves',
          description:
            'The rates are those of the usual window, which the background keeps up to date. With `days`, `until` or ' +
            'conditions on jobs they are computed of those runs alone: `truncated` says that there were too many ' +
            'tests to look at all.',
          reply: flakyPage,
          parameters: [
            ...parametersOf(flakyQuery),
            ...pageParametersOf(PAGE_SIZE),
            orderingParameter(flakyOrderings),
          ],
          errors: [400, 404],
        }),
      },
    )
}
