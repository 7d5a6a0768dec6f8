// The routes of /clusters/: the causes of failures, one for all reasons that differ only in values.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyAnalysis, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { orderingParameter } from '../../http/resource/ordering'
import { pageParametersOf } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { jobsOfCluster, oneCluster, pageOfClusters } from './answers'
import { clusterJobPage, clusterPage, singleCluster } from './model'
import { clusterOrderings, clusterQuery, PAGE_SIZE, windowParameters } from './query'

export function clusterRoutes(services: ResultServices) {
  const { database, config, clock } = services
  const present = () => ({ zone: config.zone, now: clock() })
  return new Elysia({ name: 'clusters', prefix: '/clusters', tags: ['Analysis'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get('/', async ({ request }) => answer(database, pageOfClusters, request, present()), {
      cacheable: anyAnalysis,
      detail: describe({
        summary: 'List what tests fail of: fail reasons without what differs from run to run',
        description:
          'Failures with one reason have one cause, most likely. Numbers, paths, names of machines and the like are ' +
          '`<*>`; a word is, too, in whose place reasons have many different ones. Counted are the last 1,000 runs of ' +
          'each test.',
        reply: clusterPage,
        parameters: [
          ...parametersOf(clusterQuery),
          ...pageParametersOf(PAGE_SIZE),
          orderingParameter(clusterOrderings),
        ],
        errors: [400, 404],
      }),
    })
    .get(
      '/:id/',
      async ({ request, params: { id } }) => answer(database, oneCluster, request, { ...present(), id }),
      {
        cacheable: anyAnalysis,
        detail: describe({
          summary: 'Show a cluster of fail reasons',
          reply: singleCluster,
          parameters: parametersOf(windowParameters),
          errors: [400, 404],
        }),
      },
    )
    .get(
      '/:id/jobs/',
      async ({ request, params: { id } }) => answer(database, jobsOfCluster, request, { ...present(), id }),
      {
        cacheable: anyAnalysis,
        detail: describe({
          summary: 'List the jobs that have failures with one reason, the newest first',
          reply: clusterJobPage,
          parameters: [...parametersOf(windowParameters), ...pageParametersOf(PAGE_SIZE)],
          errors: [400, 404],
        }),
      },
    )
}
