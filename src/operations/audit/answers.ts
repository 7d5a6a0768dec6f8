// The named query of /audit/.

import { entryFilters, toEntry } from '../../audit/model'
import { countEntries, listEntries, maxEntryCount } from '../../audit/queries'
import { readQuery } from '../../http/request/query'
import type { Reading } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { withRowBudget } from '../../storage/row-budget'

export const pageOfEntries = defineRequestQuery('pageOfEntries', (connection, asked, reading: Reading) => {
  const filter = readQuery(entryFilters, asked, reading)
  return withRowBudget(maxEntryCount(connection), () =>
    paginate(asked, countEntries(connection, filter), (slice) =>
      listEntries(connection, filter, slice).map(toEntry),
    ),
  )
})
