// The routes of /tests/: test cases, runs and fail reasons over all jobs.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyJob, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { orderingParameter } from '../../http/resource/ordering'
import { pageParameters, pageSizeParameter } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { pageOfFoundReasons, pageOfFoundRuns, pageOfFoundTestcases } from './answers'
import { reasonFilters, runFilters, testcaseFilters } from './filters'
import { foundReasonPage, foundRunPage, foundTestcasePage } from './model'
import { testcaseOrderings } from './testcases'

export function searchRoutes(services: ResultServices) {
  const { database, config, clock } = services
  const present = () => ({ now: clock(), zone: config.zone })
  return new Elysia({ name: 'search', prefix: '/tests', tags: ['Tests'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get('/', async ({ request }) => answer(database, pageOfFoundTestcases, request, present()), {
      detail: describe({
        summary: 'List the test cases of all jobs',
        description:
          'A test case is a suite, a name and a variant; each is listed once, however often it ran. With conditions on ' +
          'jobs: those that ran in such jobs in the window. Its numbers are of the window, too.',
        reply: foundTestcasePage,
        parameters: [
          ...parametersOf(testcaseFilters),
          ...pageParameters,
          orderingParameter(testcaseOrderings),
        ],
        errors: [400, 404],
      }),
    })
    .get('/runs/', async ({ request }) => answer(database, pageOfFoundRuns, request, present()), {
      cacheable: anyJob,
      detail: describe({
        summary: 'List the runs of all jobs, the newest first',
        description:
          'All filters must fit. Follow `next` for older runs: the list stays the same while runs arrive. There is no ' +
          'count: it would take a look at all runs.',
        reply: foundRunPage,
        parameters: [...parametersOf(runFilters), pageSizeParameter],
        errors: [400, 404, 409],
      }),
    })
    .get('/reasons/', async ({ request }) => answer(database, pageOfFoundReasons, request, present()), {
      cacheable: anyJob,
      detail: describe({
        summary: 'List the fail reasons of all jobs, one row a template, the newest run first',
        description:
          'Reasons that differ only in numbers, paths and the like have one template. A reason that has no template ' +
          'yet is a row of its own.',
        reply: foundReasonPage,
        parameters: [...parametersOf(reasonFilters), ...pageParameters],
        errors: [400, 404],
      }),
    })
}
