// The routes of /jobs/:job/verdict/, whether the failures of a job are the fault of the host or the lab, and of /hosts/.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyAnalysis, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { parametersOf } from '../../http/request/query'
import { orderingParameter } from '../../http/resource/ordering'
import { pageParametersOf } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { readBody, schemaOf } from '../../http/resource/shapes'
import { getJobRef } from '../../results/core/job-reference'
import type { ResultServices } from '../../results/core/services'
import { jobVerdict } from './answers'
import { listHosts } from './host-answers'
import { hostOrderings, hostPage, hostsQuery, PAGE_SIZE } from './host-model'
import { jobVerdictItem, verdictBody } from './model'
import { setVerdict, takeBackVerdict } from './set'

export function jobVerdictRoutes(services: ResultServices) {
  const { database, config } = services
  const show = (request: Request, job: string) => answer(database, jobVerdict, request, { job })
  return new Elysia({ name: 'job-verdict', prefix: '/jobs/:job/verdict', tags: ['Analysis'] })
    .use(authentication(services))
    .get('/', async ({ request, params: { job } }) => show(request, job), {
      detail: describe({
        summary: 'Whether the failures of a job are the fault of the host, the network or the lab',
        description:
          'The server judges jobs in which at least 5 tests, and 40 % of those that had passed at their last run, fail.',
        reply: jobVerdictItem,
        errors: [404, 409],
      }),
    })
    .put(
      '/',
      async ({ request, params, user, actor }) => {
        const body = await receiveBody(request, config)
        const reference = await database.read(getJobRef, params.job)
        const value = readBody(verdictBody, body, config)
        await database.write(setVerdict, { ...reference, ...value, user: user.id, actor: actor() })
        return show(request, reference.jobId)
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Set the verdict on a job: it counts more than what the server found, and stays',
          description: 'For members and administrators, also with --open.',
          body: schemaOf(verdictBody),
          reply: jobVerdictItem,
          errors: [400, 404, 409],
          writes: true,
        }),
      },
    )
    .delete(
      '/',
      async ({ request, params, actor }) => {
        const reference = await database.read(getJobRef, params.job)
        await database.write(takeBackVerdict, { ...reference, actor: actor() })
        return show(request, reference.jobId)
      },
      {
        member: true,
        detail: describe({
          summary: 'Take back the verdict that somebody set: what the server found counts again',
          reply: jobVerdictItem,
          errors: [404, 409],
          writes: true,
        }),
      },
    )
}

export function hostListRoutes(services: ResultServices) {
  const { database, config, clock } = services
  return new Elysia({ name: 'host-list', prefix: '/hosts', tags: ['Analysis'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get(
      '/',
      async ({ request }) => answer(database, listHosts, request, { zone: config.zone, now: clock() }),
      {
        cacheable: anyAnalysis,
        detail: describe({
          summary:
            'How hosts do: what fails on each against what would be expected there, and who is to blame',
          description:
            'The newest jobs of the window, as many as have 100,000 tests together; `window.truncated` says that older ones ' +
            'are left out.',
          reply: hostPage,
          parameters: [
            ...parametersOf(hostsQuery),
            ...pageParametersOf(PAGE_SIZE),
            orderingParameter(hostOrderings),
          ],
          errors: [400, 404],
        }),
      },
    )
}
