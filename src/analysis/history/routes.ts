// The route /tests/history/: the runs of a test over all jobs.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { pageSizeParameter } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import type { ResultServices } from '../../results/core/services'
import { history } from './answers'
import { historyItem } from './model'
import { historyQuery } from './query'

export function historyRoutes(services: ResultServices) {
  const { database, config, clock } = services
  return new Elysia({ name: 'history', prefix: '/tests/history', tags: ['Analysis'] })
    .use(authentication(services))
    .get(
      '/',
      async ({ request }) => answer(database, history, request, { now: clock(), zone: config.zone }),
      {
        detail: describe({
          summary: 'Show the history of a test: its runs, the newest first, and each series of them',
          description:
            'A series is the runs on one host, branch and distro. The numbers are of the window; `next` goes on to ' +
            'older runs, also before the window. Runs that another job reports, too, count once.',
          reply: historyItem,
          parameters: [...parametersOf(historyQuery), pageSizeParameter],
          errors: [400, 404],
        }),
      },
    )
}
