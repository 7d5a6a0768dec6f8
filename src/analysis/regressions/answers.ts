// The queries behind /regressions/.

import { readQuery } from '../../http/request/query'
import { rowIdOf } from '../../http/request/row-id'
import type { ReadContext } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { countRegressions, listRegressions, maxRegressions, regressionQuery } from './query'
import { showRegressions } from './show'

export const pageOfRegressions = defineRequestQuery(
  'pageOfRegressions',
  (connection, request, context: ReadContext) => {
    const filter = readQuery(regressionQuery, request, context)
    return withRowBudget(maxRegressions(connection), () => ({
      ...paginate(request, countRegressions(connection, filter), (slice) =>
        showRegressions(connection, listRegressions(connection, filter, slice)),
      ),
      ...incompleteOf(connection),
    }))
  },
)

export const oneRegression = defineRequestQuery('oneRegression', (connection, _, { id }: { id: string }) =>
  withRowBudget(1, () => {
    const [regression] = showRegressions(connection, [rowIdOf(id)])
    if (!regression) throw new NotFound()
    return { ...regression, ...incompleteOf(connection) }
  }),
)
