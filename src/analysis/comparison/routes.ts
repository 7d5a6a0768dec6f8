// The routes of /jobs/compare/: what differs between two jobs.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyJob, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { parametersOf, readQuery } from '../../http/request/query'
import { pageParametersOf } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { comparison } from './answers'
import { compareContents, contentsOfJobs } from './contents'
import { comparisonItem, comparisonQuery, contentsItem, contentsQuery, PAGE_SIZE } from './model'

export function comparisonRoutes(services: ResultServices) {
  const { database, config, clock, files } = services
  const { zone } = config
  return (
    new Elysia({ name: 'comparison', prefix: '/jobs/compare', tags: ['Analysis'] })
      .use(authentication(services))
      .use(cacheable(services))
      // Not kept: whether a job is over depends on the time.
      .get('/', async ({ request }) => answer(database, comparison, request, { zone, now: clock() }), {
        detail: describe({
          summary: 'Compare a job with an earlier one: its tests, its environment and what else was recorded',
          description:
            'Each test case of either job gets one class. A failure of a flaky test, or one that may be a flake, is told ' +
            'apart from a regression by the rate at which the test fails while it works.',
          reply: comparisonItem,
          parameters: [...parametersOf(comparisonQuery), ...pageParametersOf(PAGE_SIZE)],
          errors: [400, 404, 409],
        }),
      })
      .get(
        '/file/',
        async ({ request }) => {
          const query = readQuery(contentsQuery, request, { zone })
          const { base, job } = await database.read(contentsOfJobs, query)
          return compareContents(files, query.path, base, job)
        },
        {
          cacheable: anyJob,
          detail: describe({
            summary: 'Compare a file of two jobs line by line',
            description: 'Such as those of sysinfo.',
            reply: contentsItem,
            parameters: parametersOf(contentsQuery),
            errors: [400, 404, 409],
          }),
        },
      )
  )
}
