// The queries behind GET /jobs/ and GET /jobs/:job/. The client chooses which parts of a job the answer has.

import type { RequestLike } from '../../http/request/links'
import { includeParameter, namesIn, readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { orderingOf } from '../../http/resource/ordering'
import { paginateWithBudget, rowsWalked } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import type { Body } from '../../http/resource/shapes'
import { indentOf } from '../../http/response/json'
import type { Cooperative } from '../../lib/cooperative'
import { BadRequest, NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { MAX_ANSWER_BYTES } from '../../storage/answer-size'
import { defineQuery } from '../../storage/database'
import { AnswerTooLarge } from '../../storage/errors'
import type { Connection } from '../../storage/query'
import { type Step, withRowBudget } from '../../storage/row-budget'
import { jobActivities, maxActivityCount } from '../activities/queries'
import { countJobs } from '../core/counters'
import { findJobByNumber, getJob, type JobRow } from '../core/job-reference'
import { readLabels } from '../labels/queries'
import { toScope } from '../scope/model'
import { resolveScope } from '../scope/queries'
import { testsOfJobs } from '../tests/queries'
import { countMatchingJobs, hasFilters, jobFilters, toJobFilter } from './filters'
import { jobOrderings, listJobs } from './list'
import { type newJob, toJob } from './model'

const MAX_TESTS_IN_ANSWER = 100_000

const omitParameter = {
  name: 'omit',
  in: 'query',
  description: 'What to leave out, separated by commas: tests, activities',
  schema: { type: 'string' },
}

/** The parameters that choose the parts of a job in an answer. */
export const partsParameters = [omitParameter, includeParameter('outcomes', 'environment')]

export const pageOfJobs = defineRequestQuery(
  'pageOfJobs',
  async (connection, request, { now, ...context }: ReadContext & { now: Microseconds }) => {
    const given = readQuery(jobFilters, request, context)
    const filter = toJobFilter(given, now, await resolveScope(connection, toScope(given)))
    const ordering = orderingOf(request, jobOrderings, [{ field: 'time', direction: 'asc' }])
    const scansAllJobs = hasFilters(filter) || ordering.length > 1
    return withRowBudget<object>(scansAllJobs ? await countJobs(connection) : 0, async () =>
      paginateWithBudget(request, await countMatchingJobs(connection, filter), (slice) =>
        withRowBudget(rowsWalked(slice), async () =>
          showJobs(connection, request, await listJobs(connection, filter, ordering, slice)),
        ),
      ),
    )
  },
)

/** The job with the id, number or prefix from the URL. */
export const oneJob = defineRequestQuery(
  'oneJob',
  async (connection, request, { reference }: { reference: string }) =>
    showJob(connection, request, await getJob(connection, reference)),
)

/** A job that was just added or changed. */
export const storedJob = defineRequestQuery(
  'storedJob',
  async (connection, request, { number }: { number: number }) => {
    const job = await findJobByNumber(connection, String(number))
    if (!job) throw new NotFound()
    return showJob(connection, request, job)
  },
)

/** How many of the tests of a job passed, in percent. @throws NotFound, Conflict */
export const passRateOfJob = defineQuery('passRateOfJob', async (connection, reference: string) => {
  const { passed, tests_total } = await getJob(connection, reference)
  return { passrate: tests_total === 0 ? 0 : Math.round((passed / tests_total) * 10_000) / 100 }
})

/** @throws NotFound, Conflict */
export const testCountOfJob = defineQuery('testCountOfJob', async (connection, reference: string) => ({
  testcount: (await getJob(connection, reference)).tests_total,
}))

/** @throws BadRequest when an answer would carry more than MAX_TESTS_IN_ANSWER tests. */
export function refuseTooManyTests(request: RequestLike, tests: number): void {
  if (tests <= MAX_TESTS_IN_ANSWER || omissions(request).has('tests')) return
  throw new BadRequest(
    `This answer would carry ${tests} tests, more than ${MAX_TESTS_IN_ANSWER}: ` +
      'leave them out with ?omit=tests, or ask for fewer jobs with page_size.',
  )
}

/** An answer with up to this many tests and activities is never too large, however long their names are. */
const MAX_SMALL_ITEMS = 5000
/** Each test or activity takes so many bytes beside its own text, and one byte a line for each blank of the indent. */
const OVERHEAD_BYTES = 130
const INDENTED_LINES = 18

/** Whether an answer that shows a job might be too large. */
export const mayBeLarge = defineQuery(
  'mayBeLarge',
  async (connection, { number, tests_total }: JobRow) =>
    tests_total + (await jobActivities.maxCount(connection, number)) > MAX_SMALL_ITEMS,
)

/** Checks a new job before it is stored, because the reply shows it. @throws AnswerTooLarge */
export function* refuseLargeAnswer(
  request: RequestLike,
  { tests = [], activities = [] }: Pick<Body<typeof newJob>, 'tests' | 'activities'>,
): Cooperative<void> {
  if (tests.length + activities.length <= MAX_SMALL_ITEMS) return
  const omit = omissions(request)
  const overhead = OVERHEAD_BYTES + INDENTED_LINES * (indentOf(request) ?? 0)
  let bytes = 0
  const add = (text: string) => {
    bytes += Buffer.byteLength(JSON.stringify(text)) + overhead
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge()
  }
  for (const { tag } of omit.has('tests') ? [] : tests) yield add(tag)
  for (const { activity } of omit.has('activities') ? [] : activities) yield add(activity)
}

function omissions(request: RequestLike): Set<string> {
  return namesIn(request, 'omit')
}

async function showJob(connection: Connection, request: RequestLike, job: JobRow): Promise<Step<object>> {
  return (await showJobs(connection, request, [job])).map(([shown]) => shown as object)
}

/** Jobs in the wire format, with their activities and tests unless `?omit=` names them. */
async function showJobs(
  connection: Connection,
  request: RequestLike,
  jobs: JobRow[],
): Promise<Step<object[]>> {
  const omit = omissions(request)
  const include = namesIn(request, 'include')
  const tests = jobs.reduce((sum, { tests_total }) => sum + tests_total, 0)
  refuseTooManyTests(request, tests)
  const numbers = jobs.map(({ number }) => number)
  const activities = omit.has('activities') ? 0 : await maxActivityCount(connection, numbers)
  return withRowBudget((omit.has('tests') ? 0 : tests) + activities, async () => {
    const labelsOf = await readLabels(connection, jobs)
    const activitiesOf = omit.has('activities')
      ? undefined
      : await jobActivities.allOfSome(connection, numbers)
    const testsOf = omit.has('tests') ? undefined : await testsOfJobs(connection, numbers)
    return jobs.map((job) =>
      toJob(job, {
        outcomes: include.has('outcomes'),
        environment: include.has('environment'),
        labels: labelsOf(job),
        ...(activitiesOf && { activities: activitiesOf.get(job.number) ?? [] }),
        ...(testsOf && { tests: testsOf.get(job.number) ?? [] }),
      }),
    )
  })
}
