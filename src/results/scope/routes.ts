// The routes of /labels/: which labels there are, and how many jobs have them.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyJob, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { pageOf, pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../core/services'
import { keyItem, pageOfKeys, pageOfValues, valueFilters, valueItem } from './answers'

export function labelRoutes(services: ResultServices) {
  const { database, config } = services
  return new Elysia({ name: 'labels', prefix: '/labels', tags: ['Labels'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get('/', async ({ request }) => answer(database, pageOfKeys, request, {}), {
      cacheable: anyJob,
      detail: describe({
        summary: 'List the keys of labels',
        description:
          'Those that jobs were given, and those that nobody has to give: host, arch, distro and kernel.',
        reply: pageOf(keyItem),
        parameters: pageParameters,
        errors: [400, 404],
      }),
    })
    .get(
      '/:key/',
      async ({ request, params }) =>
        answer(database, pageOfValues, request, { key: params.key, zone: config.zone }),
      {
        cacheable: anyJob,
        detail: describe({
          summary: 'List the values of a label, and how many jobs have each',
          description: 'As `?label=KEY:VALUE` of a list of jobs finds them.',
          reply: pageOf(valueItem),
          parameters: [...parametersOf(valueFilters), ...pageParameters],
          errors: [400, 404],
        }),
      },
    )
}
