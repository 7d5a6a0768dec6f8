// /jobs/ and /jobs/JOB/: the jobs themselves. What is below a job has routes of its own: tests/, activities/,
// test-data/.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { jobActivities } from '../activities/queries'
import type { Identity } from '../auth/credentials'
import { authentication } from '../auth/plugin'
import type { Context } from '../context'
import { sweepUnnamed } from '../files/sweep'
import { receiveBody } from '../http/body'
import { describe } from '../http/documentation'
import { BadRequest, Invalid, NotFound } from '../http/errors'
import { type Body, readBody, schemaOf } from '../http/fields'
import { anyJob, keptAnswers } from '../http/kept'
import { link } from '../http/links'
import { orderingOf, orderingParameter } from '../http/ordering'
import { pageOf, pageParameters, paginate } from '../http/pagination'
import { includeParameter, namesIn, parametersOf, readQuery } from '../http/query'
import type { Connection } from '../storage/query'
import { testsOf } from '../tests/queries'
import { countJobsOf, jobFilters, toJobFilter } from './filters'
import { jobOrderings, listJobs } from './list'
import { changedJob, isReservedId, jobItem, newJob, summaryItem, toJob } from './model'
import { changeJob, findJobById, summarizeJobs } from './queries'
import { findJobByNumber, getJob, type JobRow, namedJob } from './reference'
import { createJob, deleteJob } from './writing'

const omitParameter = {
  name: 'omit',
  in: 'query',
  description: 'What to leave out, separated by commas: tests, activities',
  schema: { type: 'string' },
}

/** How much of a job an answer carries. */
const partsParameters = [omitParameter, includeParameter('outcomes', 'environment')]

export function jobRoutes(context: Context) {
  const { database, config, clock } = context

  const create = async (request: Request, user: Identity | undefined) => {
    const body = await receiveBody(request, config)
    const value = readBody(newJob, body, config)
    if (value.id !== undefined && isReservedId(value.id)) throw new Invalid({ id: 'This id is reserved.' })
    if (!omissions(request).has('tests')) refuseTooManyTests(value.tests?.length ?? 0)
    const job = await createJob(context, value, user)
    if (job === undefined) throw idTaken(request, value.id ?? '')
    return show(request, job)
  }

  const idTaken = (request: Request, id: string) => {
    const taken = database.read((connection) => findJobById(connection, id))
    const headers = { location: link(request, 'jobs', taken?.id ?? id) }
    return new Invalid({ id: 'This field must be unique.' }, headers)
  }

  const show = (request: Request, job: number) =>
    database.read((connection) => {
      const row = findJobByNumber(connection, String(job))
      if (!row) throw new NotFound()
      return wholeJobs(connection, request, [row])[0] as object & { id: string }
    })

  const change = async (request: Request, reference: string) => {
    const body = await receiveBody(request, config)
    const job = database.read((connection) => getJob(connection, reference))
    const value: Partial<Body<typeof changedJob>> = readBody(changedJob, body, config)
    if (value.id !== undefined && value.id.toLowerCase() !== job.id.toLowerCase()) {
      throw new Invalid({ id: "A job's id never changes." })
    }
    if (!omissions(request).has('tests')) refuseTooManyTests(job.tests_total)
    await database.write(changeJob, { job: job.number, value })
    return show(request, job.number)
  }

  return new Elysia({ name: 'jobs', prefix: '/jobs', tags: ['Jobs'] })
    .use(authentication(context))
    .use(keptAnswers(context))
    .get(
      '/',
      ({ request }) =>
        database.read((connection) => {
          const filter = toJobFilter(readQuery(jobFilters, request, config), clock())
          const ordering = orderingOf(request, jobOrderings, [{ field: 'time', direction: 'asc' }])
          return paginate(request, countJobsOf(connection, filter), (slice) =>
            wholeJobs(connection, request, listJobs(connection, filter, ordering, slice)),
          )
        }),
      {
        kept: anyJob,
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
        return job
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
    .get('/summary/', () => database.read(summarizeJobs), {
      kept: anyJob,
      detail: describe({ summary: 'Count all jobs by outcome', reply: summaryItem }),
    })
    .get(
      '/:job/',
      ({ request, params }) =>
        database.read((connection) => wholeJobs(connection, request, [getJob(connection, params.job)])[0]),
      {
        kept: namedJob,
        detail: describe({
          summary: 'Show a job, named by id, number, or the beginning of its id',
          reply: jobItem,
          parameters: partsParameters,
          errors: [400, 404, 409],
        }),
      },
    )
    .put('/:job/', ({ request, params }) => change(request, params.job), {
      parse: 'none',
      writer: true,
      detail: describe({ ...changing, summary: 'Change a job: what is not named stays, as in PATCH' }),
    })
    .patch('/:job/', ({ request, params }) => change(request, params.job), {
      parse: 'none',
      writer: true,
      detail: describe({ ...changing, summary: 'Change a job' }),
    })
    .delete(
      '/:job/',
      async ({ params, set }) => {
        const job = database.read((connection) => getJob(connection, params.job, { deleting: true }))
        await deleteJob(context, job.number)
        await sweepUnnamed(context)
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
    .get(
      '/:job/passrate/',
      ({ params }) =>
        database.read((connection) => {
          const { passed, tests_total } = getJob(connection, params.job)
          return { passrate: tests_total === 0 ? 0 : Math.round((passed / tests_total) * 10_000) / 100 }
        }),
      {
        kept: namedJob,
        detail: describe({
          summary: 'How many of the tests of a job passed, in percent',
          reply: t.Object({ passrate: t.Number({ minimum: 0, maximum: 100 }) }),
          errors: [404, 409],
        }),
      },
    )
    .get(
      '/:job/testcount/',
      ({ params }) =>
        database.read((connection) => ({ testcount: getJob(connection, params.job).tests_total })),
      {
        kept: namedJob,
        detail: describe({
          summary: 'How many tests a job has',
          reply: t.Object({ testcount: t.Integer({ minimum: 0 }) }),
          errors: [404, 409],
        }),
      },
    )
}

const changing = {
  body: schemaOf(changedJob),
  reply: jobItem,
  parameters: partsParameters,
  errors: [400, 404, 409],
  writes: true,
} satisfies Partial<Parameters<typeof describe>[0]>

const MAX_TESTS_IN_ANSWER = 100_000

/** @throws BadRequest when an answer would carry more tests than anybody can want in one. */
function refuseTooManyTests(tests: number): void {
  if (tests <= MAX_TESTS_IN_ANSWER) return
  throw new BadRequest(
    `This answer would carry ${tests} tests, more than ${MAX_TESTS_IN_ANSWER}: ` +
      'leave them out with ?omit=tests, or ask for fewer jobs with page_size.',
  )
}

function omissions(request: Request): Set<string> {
  return namesIn(request, 'omit')
}

/** Jobs as they go on the wire, with their activities and tests unless `?omit=` names them. */
function wholeJobs(connection: Connection, request: Request, jobs: JobRow[]) {
  const omit = omissions(request)
  const include = namesIn(request, 'include')
  if (!omit.has('tests')) refuseTooManyTests(jobs.reduce((sum, { tests_total }) => sum + tests_total, 0))
  return jobs.map((job) =>
    toJob(job, {
      outcomes: include.has('outcomes'),
      environment: include.has('environment'),
      ...(!omit.has('activities') && { activities: jobActivities.all(connection, job.number) }),
      ...(!omit.has('tests') && { tests: testsOf(connection, job.number) }),
    }),
  )
}
