// Where a filtered list of jobs begins: with what the filter lets through, or along its ordering. Nothing is sorted
// that is cheaper walked past.

import type { Ordering } from '../http/ordering'
import type { Slice } from '../http/pagination'
import type { Connection } from '../storage/query'
import { jobTotals } from './counters'
import { type Beginning, isIndexed, isSearch, type JobFilter } from './filters'
import { countFoundBy } from './search'

/** Of more jobs than these that a search finds, a page is sooner found along an ordering. */
const MANY_FOUND = 10_000
/** To pass by an entry of the index by time, which has status and outcomes, beside the row of a job that is read. */
const ENTRY = 1 / 25

/** @param slice  with the `count` of all jobs that the filter lets through; unknown: as if it were few. */
export function beginningOf(
  connection: Connection,
  filter: JobFilter,
  ordering: Ordering<string>,
  { limit, offset, count = 0 }: Slice,
): Beginning {
  if (filter.search !== undefined) {
    const found = isSearch(filter) ? count : countFoundBy(connection, filter.search)
    return found > MANY_FOUND ? 'order' : 'matches'
  }
  // By several fields it is sorted in any case.
  if (!isIndexed(filter) || ordering.length > 1) return 'matches'
  const jobs = jobTotals(connection).reduce((sum, { jobs }) => sum + jobs, 0)
  // As if those that match were spread evenly.
  const passed = (jobs * (offset + limit)) / Math.max(1, count)
  return count < passed * (ordering[0]?.field === 'time' ? ENTRY : 1) ? 'matches' : 'order'
}
