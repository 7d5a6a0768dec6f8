// The audit log as it is answered.

import { entryFilters, toEntry } from '../../audit/model'
import { countEntries, listEntries, mostEntries } from '../../audit/queries'
import { readQuery } from '../../http/request/query'
import type { Reading } from '../../http/resource/fields'
import { defineAnswer } from '../../http/resource/long-answers'
import { paginate } from '../../http/resource/pagination'

export const pageOfEntries = defineAnswer('pageOfEntries', (connection, asked, reading: Reading) => {
  const filter = readQuery(entryFilters, asked, reading)
  connection.foresee(mostEntries(connection))
  return paginate(asked, countEntries(connection, filter), (slice) =>
    listEntries(connection, filter, slice).map(toEntry),
  )
})
