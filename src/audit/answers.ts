// The audit log as it is answered.

import type { Reading } from '../http/fields'
import { defineAnswer } from '../http/long-answers'
import { paginate } from '../http/pagination'
import { readQuery } from '../http/query'
import { entryFilters, toEntry } from './model'
import { countEntries, listEntries, mostEntries } from './queries'

export const pageOfEntries = defineAnswer('pageOfEntries', (connection, asked, reading: Reading) => {
  const filter = readQuery(entryFilters, asked, reading)
  connection.foresee(mostEntries(connection))
  return paginate(asked, countEntries(connection, filter), (slice) =>
    listEntries(connection, filter, slice).map(toEntry),
  )
})
