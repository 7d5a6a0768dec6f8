// The queries behind the lists of a job's tests and of the runs of one test in all jobs.

import { namesIn, readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { orderingOf } from '../../http/resource/ordering'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import { withRowBudget } from '../../storage/row-budget'
import { getJob } from '../core/job-reference'
import { scopeFilters, toScope } from '../scope/model'
import { resolveScope } from '../scope/queries'
import { hasFilters, testFilters, toTestFilter } from './filters'
import { countRuns, findTestcaseOf, listRuns, toRun } from './history'
import { countTests, listTests, listWholeTests, testOrderings } from './list'
import { toTest, toWholeTest } from './model'
import { getTestOwner, maxTestCount } from './reference'

export const pageOfTests = defineRequestQuery(
  'pageOfTests',
  (connection, request, { reference, ...context }: ReadContext & { reference: string }) => {
    const job = getJob(connection, reference)
    return withRowBudget(job.tests_total, () => {
      const filter = toTestFilter(connection, readQuery(testFilters, request, context))
      const ordering = orderingOf(request, testOrderings, [{ field: 'id', direction: 'asc' }])
      const count = hasFilters(filter) ? countTests(connection, job.number, filter) : job.tests_total
      return paginate(request, count, (slice): object[] => {
        const list = { job: job.number, filter, ordering, slice }
        return namesIn(request, 'include').has('details')
          ? listWholeTests(connection, list).map((row) => toWholeTest(row, job.id))
          : listTests(connection, list).map((row) => toTest(row, job.id))
      })
    })
  },
)

export const pageOfRuns = defineRequestQuery(
  'pageOfRuns',
  (connection, request, { zone, ...params }: ReadContext & { job: string; test: string }) => {
    const { test } = getTestOwner(connection, params, { deleting: false })
    const scope = resolveScope(connection, toScope(readQuery(scopeFilters, request, { zone })))
    const testcase = findTestcaseOf(connection, test)
    if (testcase === undefined) throw new NotFound()
    return withRowBudget(maxTestCount(connection), () =>
      paginate(request, countRuns(connection, testcase, { scope }), (slice) =>
        listRuns(connection, testcase, slice, scope).map(toRun),
      ),
    )
  },
)
