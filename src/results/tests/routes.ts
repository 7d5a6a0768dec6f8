// The routes of /jobs/:job/tests/, /jobs/:job/tests/:test/, and a test's history.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Actor } from '../../audit/log'
import { authentication } from '../../auth/plugin'
import { anyJob, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { isShort } from '../../http/request/body-bytes'
import { link } from '../../http/request/links'
import { includeParameter, parametersOf } from '../../http/request/query'
import { orderingParameter } from '../../http/resource/ordering'
import { pageOf, pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { readBody, readBodyCooperatively, schemaOf } from '../../http/resource/shapes'
import { runCooperatively } from '../../lib/cooperative'
import type { Identity } from '../../lib/identity'
import { namedJob } from '../core/job-reference'
import type { ResultServices } from '../core/services'
import { summaryItem } from '../core/summary'
import { scopeFilters } from '../scope/model'
import { addTest } from './adding'
import { outcomesOfJob, pageOfRuns, pageOfTests, wholeTest } from './answers'
import { testFilters } from './filters'
import { runItem } from './history'
import { testOrderings } from './list'
import { listedTestItem, newTest, wholeTestItem } from './model'
import { changeTest } from './queries'
import { truncateReason } from './reasons'
import { type TestOwner, testOwnerToChange, testOwnerToDelete } from './reference'

const added = { status: 'test added' } as const

/** Deletes a test with everything below it. @throws NotFound */
export type RemoveTest = (services: ResultServices, owner: TestOwner, actor: Actor) => Promise<void>

/** @param removeTest  comes from jobs/, which deletes a test with many rows like a job. */
export function testRoutes(services: ResultServices, removeTest: RemoveTest) {
  const { database, config, clock } = services
  const owners = services.jobCreators

  const change = async (
    request: Request,
    params: { job: string; test: string },
    user: Identity | undefined,
  ) => {
    const body = await receiveBody(request, config)
    const owner = await database.read(testOwnerToChange, { params, user })
    const value =
      request.method === 'PUT'
        ? await runCooperatively(readBodyCooperatively(newTest, body, config))
        : await runCooperatively(readBodyCooperatively(newTest, body, config, { partial: true }))
    using hold = services.files.hold()
    await database.write(changeTest, {
      job: owner.job,
      id: owner.test,
      value: await truncateReason(services, value, hold),
      now: clock(),
    })
    return await show({ job: owner.jobId, test: String(owner.test) })
  }

  const show = (params: { job: string; test: string }) => database.read(wholeTest, params)

  return new Elysia({ name: 'tests', prefix: '/jobs/:job/tests', tags: ['Tests'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get(
      '/',
      async ({ request, params }) =>
        answer(database, pageOfTests, request, { reference: params.job, zone: config.zone }),
      {
        cacheable: namedJob,
        detail: describe({
          summary: 'List the tests of a job',
          reply: pageOf(listedTestItem),
          parameters: [
            ...parametersOf(testFilters),
            ...pageParameters,
            orderingParameter(testOrderings),
            includeParameter('details'),
          ],
          errors: [400, 404, 409],
        }),
      },
    )
    .post(
      '/',
      async ({ request, params, user, set }) => {
        const body = await receiveBody(request, config)
        const { job, jobId } = await owners.toChange(params.job, user)
        const value = isShort(request, config)
          ? readBody(newTest, body, config)
          : await runCooperatively(readBodyCooperatively(newTest, body, config))
        using hold = services.files.hold()
        const { id } = await database.write(addTest, {
          job,
          value: await truncateReason(services, value, hold),
          now: clock(),
        })
        set.headers.location = link(request, 'jobs', jobId, 'tests', id)
        return added
      },
      {
        parse: 'none',
        writer: true,
        detail: describe({
          summary: 'Add a test',
          body: schemaOf(newTest),
          reply: t.Object({ status: t.Literal(added.status) }),
          errors: [404, 409],
          writes: true,
        }),
      },
    )
    .get('/summary/', async ({ params }) => database.read(outcomesOfJob, params.job), {
      cacheable: namedJob,
      detail: describe({
        summary: 'Count the tests of a job by outcome',
        reply: summaryItem,
        errors: [404, 409],
      }),
    })
    .get('/:test/', async ({ params }) => show(params), {
      cacheable: namedJob,
      detail: describe({
        summary: 'Show a test, named by id or tag',
        reply: wholeTestItem,
        errors: [404, 409],
      }),
    })
    .get(
      '/:test/history/',
      async ({ request, params: { job, test } }) =>
        answer(database, pageOfRuns, request, { job, test, zone: config.zone }),
      {
        cacheable: anyJob,
        detail: describe({
          summary: 'List the runs of the same test in all jobs, the newest first',
          description: 'The same name and variant; the number in front may differ.',
          reply: pageOf(runItem),
          parameters: [...parametersOf(scopeFilters), ...pageParameters],
          errors: [400, 404, 409],
        }),
      },
    )
    .put('/:test/', async ({ request, params, user }) => change(request, params, user), {
      parse: 'none',
      writer: true,
      detail: describe({
        summary: 'Replace a test',
        body: schemaOf(newTest),
        reply: wholeTestItem,
        errors: [404, 409],
        writes: true,
      }),
    })
    .patch('/:test/', async ({ request, params, user }) => change(request, params, user), {
      parse: 'none',
      writer: true,
      detail: describe({
        summary: 'Change a test',
        body: schemaOf(newTest, { partial: true }),
        reply: wholeTestItem,
        errors: [404, 409],
        writes: true,
      }),
    })
    .delete(
      '/:test/',
      async ({ params, actor, set }) => {
        await removeTest(services, await database.read(testOwnerToDelete, params), actor())
        set.status = 204
      },
      {
        parse: 'none',
        writer: true,
        detail: describe({ summary: 'Delete a test', status: 204, errors: [404, 409], writes: true }),
      },
    )
}
