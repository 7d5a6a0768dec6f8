// The queries behind the lists of a job's tests and of the runs of one test in all jobs.

import { namesIn, readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { orderingOf } from '../../http/resource/ordering'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import { defineQuery } from '../../storage/database'
import { withRowBudget } from '../../storage/row-budget'
import { getJob } from '../core/job-reference'
import { scopeFilters, toScope } from '../scope/model'
import { resolveScope } from '../scope/queries'
import { hasFilters, testFilters, toTestFilter } from './filters'
import { countRuns, findTestcaseOf, listRuns, toRun } from './history'
import { countTests, listTests, listWholeTests, testOrderings } from './list'
import { toTest, toWholeTest } from './model'
import { getTest, getTestOwner, maxTestCount } from './reference'

export const pageOfTests = defineRequestQuery(
  'pageOfTests',
  async (connection, request, { reference, ...context }: ReadContext & { reference: string }) => {
    const job = await getJob(connection, reference)
    return withRowBudget(job.tests_total, async () => {
      const filter = await toTestFilter(connection, readQuery(testFilters, request, context))
      const ordering = orderingOf(request, testOrderings, [{ field: 'id', direction: 'asc' }])
      const count = hasFilters(filter) ? await countTests(connection, job.number, filter) : job.tests_total
      return paginate(request, count, async (slice): Promise<object[]> => {
        const list = { job: job.number, filter, ordering, slice }
        return namesIn(request, 'include').has('details')
          ? (await listWholeTests(connection, list)).map((row) => toWholeTest(row, job.id))
          : (await listTests(connection, list)).map((row) => toTest(row, job.id))
      })
    })
  },
)

export const pageOfRuns = defineRequestQuery(
  'pageOfRuns',
  async (connection, request, { zone, ...params }: ReadContext & { job: string; test: string }) => {
    const { test } = await getTestOwner(connection, params, { deleting: false })
    const scope = await resolveScope(connection, toScope(readQuery(scopeFilters, request, { zone })))
    const testcase = await findTestcaseOf(connection, test)
    if (testcase === undefined) throw new NotFound()
    return withRowBudget(await maxTestCount(connection), async () =>
      paginate(request, await countRuns(connection, testcase, { scope }), async (slice) =>
        (await listRuns(connection, testcase, slice, scope)).map(toRun),
      ),
    )
  },
)

/** @throws NotFound, Conflict */
export const wholeTest = defineQuery(
  'wholeTest',
  async (connection, params: { job: string; test: string }) => {
    const job = await getJob(connection, params.job)
    return toWholeTest(await getTest(connection, job.number, params.test), job.id)
  },
)

/** Counts the tests of a job by outcome. @throws NotFound, Conflict */
export const outcomesOfJob = defineQuery('outcomesOfJob', async (connection, reference: string) => {
  const { passed, failed, errored, tests_total } = await getJob(connection, reference)
  return { passed, failed: failed + errored, other: tests_total - passed - failed - errored }
})
