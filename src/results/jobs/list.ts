// The jobs as a list: filtered, ordered, a page at a time. A page is walked to along an index from the nearer end, or,
// where that is less, what the filter lets through is sorted.

import { type RawBuilder, sql } from 'kysely'
import { type Ordering, reversed, tieDirection } from '../../http/resource/ordering'
import { fromNearerEnd, type Slice } from '../../http/resource/pagination'
import { type Connection, composed, tables } from '../../storage/query'
import { inTime } from '../../storage/sqlite/time-limit'
import { type JobRow, jobColumns, notHidden, visible } from '../core/job-reference'
import { countFoundBy } from '../core/job-search'
import { type Beginning, conditionsOf, countJobs, isIndexed, isSearch, type JobFilter } from './filters'

export const jobOrderings = [
  'id',
  'number',
  'description',
  'time',
  'elapsed_time',
  'status',
  'tests_total',
  'failures',
] as const
export type JobOrdering = Ordering<(typeof jobOrderings)[number]>

/** What a field of the ordering is in the table, where it is no column of that name. */
const orderKeys: Partial<Record<string, RawBuilder<unknown>>> = {
  id: sql`lower(job.id)`,
  elapsed_time: sql`job.elapsed`,
  failures: sql`job.failed + job.errored`,
}

/** @param slice  with the `count` of all jobs that the filter lets through; unknown: as if they were few. */
export function listJobs(
  connection: Connection,
  filter: JobFilter,
  ordering: JobOrdering,
  slice: Slice,
): JobRow[] {
  const { count } = slice
  return fromNearerEnd(slice, (slice, backwards) => {
    const begin = beginningOf(connection, filter, ordering, { ...slice, count })
    return connection.all(page(filter, backwards ? reversed(ordering) : ordering, begin), slice)
  })
}

function page(filter: JobFilter, ordering: JobOrdering, begin: Beginning) {
  return composed<Slice>('listJobs')((param) => {
    const jobs = tables.selectFrom('job')
    const inOrder = (list: typeof jobs) => {
      for (const { field, direction } of ordering) {
        list = list.orderBy(orderKeys[field] ?? sql.ref(`job.${field}`), direction)
      }
      return list.orderBy('number', tieDirection(ordering))
    }
    // The index of the ids has the hidden jobs, too: asked for their column, SQLite would read row after row.
    let list = jobs.where(ordering[0]?.field === 'id' ? notHidden : visible)
    const byTime = ordering[0]?.field === 'time'
    const conditions = [...conditionsOf(filter, begin, { byTime })]
    if (conditions.length > 0 || ordering.length > 1) conditions.push(inTime)
    for (const condition of conditions) list = list.where(condition)
    const found = inOrder(list).limit(param('limit')).offset(param('offset'))
    if (begin === 'order') return found.select(jobColumns)
    // Numbers and what they are sorted by, not whole rows.
    return inOrder(jobs.where('number', 'in', found.select('number'))).select(jobColumns)
  })
}

/** Of more jobs than these that a search finds, a page is sooner found along an ordering. */
const MANY_FOUND = 10_000
/** To pass by an entry of the index by time, which has status and outcomes, beside the row of a job that is read. */
const ENTRY = 1 / 25

function beginningOf(
  connection: Connection,
  filter: JobFilter,
  ordering: JobOrdering,
  { limit, offset, count = 0 }: Slice,
): Beginning {
  // By several fields it is sorted in any case.
  if (ordering.length > 1) return 'matches'
  if (filter.search !== undefined) {
    const found = isSearch(filter) ? count : countFoundBy(connection, filter.search)
    return found > MANY_FOUND ? 'order' : 'matches'
  }
  if (filter.running?.wanted) return 'matches'
  if (!isIndexed(filter)) return 'order'
  // As if those that match were spread evenly.
  const passed = (countJobs(connection) * (offset + limit)) / Math.max(1, count)
  return count < passed * (ordering[0]?.field === 'time' ? ENTRY : 1) ? 'matches' : 'order'
}
