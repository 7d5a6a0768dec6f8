// The named query of /audit/.

import { entryFilters, toEntry } from '../../audit/model'
import { countEntries, listEntries, maxEntryCount } from '../../audit/queries'
import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { withRowBudget } from '../../storage/row-budget'

export const pageOfEntries = defineRequestQuery(
  'pageOfEntries',
  async (connection, request, context: ReadContext) => {
    const filter = readQuery(entryFilters, request, context)
    return withRowBudget(await maxEntryCount(connection), async () =>
      paginate(request, await countEntries(connection, filter), async (slice) =>
        (await listEntries(connection, filter, slice)).map(toEntry),
      ),
    )
  },
)
