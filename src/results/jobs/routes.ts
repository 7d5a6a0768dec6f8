// The routes of /jobs/ and /jobs/:job/. Tests, activities and data of a job have their own route files.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { anyJob, cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { link } from '../../http/request/links'
import { parametersOf } from '../../http/request/query'
import { orderingParameter } from '../../http/resource/ordering'
import { pageOf, pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { readBody, readBodyCooperatively, schemaOf } from '../../http/resource/shapes'
import { HttpError } from '../../http/response/errors'
import { runCooperatively } from '../../lib/cooperative'
import { Invalid } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { jobToChange, jobToDelete, namedJob } from '../core/job-reference'
import { retimeStoredTests } from '../core/retiming'
import type { ResultServices } from '../core/services'
import { summaryItem } from '../core/summary'
import { sweepUnreferencedFiles } from '../files/sweep'
import {
  mayBeLarge,
  oneJob,
  pageOfJobs,
  partsParameters,
  passRateOfJob,
  refuseLargeAnswer,
  refuseTooManyTests,
  storedJob,
  testCountOfJob,
} from './answers'
import { jobFilters } from './filters'
import { refuseForeign } from './foreign-reports'
import { jobOrderings } from './list'
import { changedJob, isReservedId, jobItem, newJob, replacedJob } from './model'
import { changeJob, findJobByIdQuery, summarizeJobs } from './queries'
import { createJob, deleteJob } from './writing'

export function jobRoutes(services: ResultServices) {
  const { database, config, clock } = services

  const create = async (request: Request, user: Identity | undefined) => {
    const body = await receiveBody(request, config)
    refuseForeign(body)
    const value = await runCooperatively(readBodyCooperatively(newJob, body, config))
    if (value.id !== undefined && isReservedId(value.id)) throw new Invalid({ id: 'This id is reserved.' })
    refuseTooManyTests(request, value.tests?.length ?? 0)
    await runCooperatively(refuseLargeAnswer(request, value))
    const job = await createJob(services, value, user)
    if (job === undefined) throw await idTaken(request, value.id ?? '')
    return job
  }

  const idTaken = async (request: Request, id: string) => {
    const taken = await database.read(findJobByIdQuery, id)
    const headers = { location: link(request, 'jobs', taken?.id ?? id) }
    return new HttpError(400, { id: ['This field must be unique.'] }, headers)
  }

  const show = (request: Request, number: number) => answer(database, storedJob, request, { number })

  const change = async (request: Request, reference: string, user: Identity | undefined) => {
    const body = await receiveBody(request, config)
    const job = await database.read(jobToChange, { reference, user })
    const value = readBody(request.method === 'PUT' ? replacedJob : changedJob, body, config)
    if (value.id !== undefined && value.id.toLowerCase() !== job.id.toLowerCase()) {
      throw new Invalid({ id: "A job's id never changes." })
    }
    refuseTooManyTests(request, job.tests_total)
    // A job that is too large to show must not be changed. show() throws AnswerTooLarge.
    if (await database.read(mayBeLarge, job)) await show(request, job.number)
    await database.write(changeJob, { job: job.number, value })
    await retimeStoredTests(database, job.number)
    return show(request, job.number)
  }

  return new Elysia({ name: 'jobs', prefix: '/jobs', tags: ['Jobs'] })
    .use(authentication(services))
    .use(cacheable(services))
    .get(
      '/',
      async ({ request }) => answer(database, pageOfJobs, request, { zone: config.zone, now: clock() }),
      {
        cacheable: anyJob,
        detail: describe({
          summary: 'List jobs',
          reply: pageOf(jobItem),
          parameters: [
            ...parametersOf(jobFilters),
            ...pageParameters,
            orderingParameter(jobOrderings),
            ...partsParameters,
          ],
          errors: [400, 404],
        }),
      },
    )
    .post(
      '/',
      async ({ request, set, user }) => {
        const job = await create(request, user)
        set.status = 201
        set.headers.location = link(request, 'jobs', job.id)
        return show(request, job.number)
      },
      {
        parse: 'none',
        writer: true,
        detail: describe({
          summary: 'Add a job, with all that belongs to it if you like',
          description: 'All or nothing. `name` is taken for `description`, `uniqueident` for `id`.',
          body: schemaOf(newJob),
          status: 201,
          reply: jobItem,
          parameters: partsParameters,
          writes: true,
        }),
      },
    )
    .get('/summary/', async () => database.read(summarizeJobs), {
      cacheable: anyJob,
      detail: describe({ summary: 'Count all jobs by outcome', reply: summaryItem }),
    })
    .get(
      '/:job/',
      async ({ request, params }) => answer(database, oneJob, request, { reference: params.job }),
      {
        cacheable: namedJob,
        detail: describe({
          summary: 'Show a job, named by id, number, or the beginning of its id',
          reply: jobItem,
          parameters: partsParameters,
          errors: [400, 404, 409],
        }),
      },
    )
    .put('/:job/', async ({ request, params, user }) => change(request, params.job, user), {
      parse: 'none',
      writer: true,
      detail: describe({
        ...changing,
        body: schemaOf(replacedJob),
        summary: 'Change a job: fields that are not named stay, labels are replaced as a whole',
      }),
    })
    .patch('/:job/', async ({ request, params, user }) => change(request, params.job, user), {
      parse: 'none',
      writer: true,
      detail: describe({
        ...changing,
        body: schemaOf(changedJob),
        summary: 'Change a job: fields and labels that are not named stay',
      }),
    })
    .delete(
      '/:job/',
      async ({ params, actor, set }) => {
        const job = await database.read(jobToDelete, params.job)
        await deleteJob(services, job.number, actor())
        await sweepUnreferencedFiles(services)
        set.status = 204
      },
      {
        parse: 'none',
        writer: true,
        detail: describe({
          summary: 'Delete a job and everything below it',
          description: 'Takes the whole id, the number, or at least 7 characters of the id.',
          status: 204,
          errors: [400, 404, 409],
          writes: true,
        }),
      },
    )
    .get('/:job/passrate/', async ({ params }) => database.read(passRateOfJob, params.job), {
      cacheable: namedJob,
      detail: describe({
        summary: 'How many of the tests of a job passed, in percent',
        reply: t.Object({ passrate: t.Number({ minimum: 0, maximum: 100 }) }),
        errors: [404, 409],
      }),
    })
    .get('/:job/testcount/', async ({ params }) => database.read(testCountOfJob, params.job), {
      cacheable: namedJob,
      detail: describe({
        summary: 'How many tests a job has',
        reply: t.Object({ testcount: t.Integer({ minimum: 0 }) }),
        errors: [404, 409],
      }),
    })
}

const changing = {
  reply: jobItem,
  parameters: partsParameters,
  errors: [400, 404, 409],
  writes: true,
} satisfies Partial<Parameters<typeof describe>[0]>
