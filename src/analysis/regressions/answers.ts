// The queries behind /regressions/.

import { readQuery } from '../../http/request/query'
import { rowIdOf } from '../../http/request/row-id'
import type { ReadContext } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { countRegressions, listRegressions, maxRegressions, regressionQuery, resolveFilter } from './query'
import { showRegressions } from './show'

/** How many jobs, of each regression, conditions on jobs may look at. */
const JOBS_OF_EACH = 10

export const pageOfRegressions = defineRequestQuery(
  'pageOfRegressions',
  async (connection, request, context: ReadContext) => {
    const filter = await resolveFilter(connection, readQuery(regressionQuery, request, context))
    const jobsOfEach = filter.scope ? JOBS_OF_EACH : 1
    return withRowBudget(jobsOfEach * (await maxRegressions(connection)), async () => ({
      ...(await paginate(request, await countRegressions(connection, filter), async (slice) =>
        showRegressions(connection, await listRegressions(connection, filter, slice)),
      )),
      ...(await incompleteOf(connection)),
    }))
  },
)

export const oneRegression = defineRequestQuery(
  'oneRegression',
  async (connection, _, { id }: { id: string }) =>
    withRowBudget(1, async () => {
      const [regression] = await showRegressions(connection, [rowIdOf(id)])
      if (!regression) throw new NotFound()
      return { ...regression, ...(await incompleteOf(connection)) }
    }),
)
