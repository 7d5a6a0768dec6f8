// Lists jobs: filtered, ordered, one page at a time. It walks an index from the nearer end, or sorts the matching jobs
// where that takes fewer rows.

import { type RawBuilder, sql } from 'kysely'
import { type Ordering, reversed, tieDirection } from '../../http/resource/ordering'
import { fromNearerEnd, type Slice } from '../../http/resource/pagination'
import { type Connection, dynamicQuery, inTime, tables } from '../../storage/query'
import { countJobs } from '../core/counters'
import { type JobRow, jobColumns, notHidden, visible } from '../core/job-reference'
import { countSearchMatches } from '../core/job-search'
import { isOnlyNegated } from '../scope/queries'
import { conditionsOf, hasFilters, isIndexOnly, isSearchOnly, type JobFilter, type ListPlan } from './filters'

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

/** The SQL of ordering fields that are not columns of the same name. */
const orderKeys: Partial<Record<string, RawBuilder<unknown>>> = {
  id: sql`lower(job.id)`,
  elapsed_time: sql`job.elapsed`,
  failures: sql`job.failed + job.errored`,
}

/** @param slice  `count` is the number of matching jobs; without it they count as few. */
export function listJobs(
  connection: Connection,
  filter: JobFilter,
  ordering: JobOrdering,
  slice: Slice,
): Promise<JobRow[]> {
  const { count } = slice
  return fromNearerEnd(slice, async (slice, backwards) => {
    const plan = await choosePlan(connection, filter, ordering, { ...slice, count })
    return connection.all(page(filter, backwards ? reversed(ordering) : ordering, plan), slice)
  })
}

function page(filter: JobFilter, ordering: JobOrdering, plan: ListPlan) {
  return dynamicQuery<Slice>('listJobs')((param) => {
    const jobs = tables.selectFrom('job')
    const inOrder = (list: typeof jobs) => {
      for (const { field, direction } of ordering) {
        list = list.orderBy(orderKeys[field] ?? sql.ref(`job.${field}`), direction)
      }
      return list.orderBy('number', tieDirection(ordering))
    }
    // The index of ids has hidden jobs, too. For a condition on `complete` SQLite would read every row on the way.
    let list = jobs.where(plan === 'walk' && ordering[0]?.field === 'id' ? notHidden : visible)
    const byTime = ordering[0]?.field === 'time'
    const conditions = [...conditionsOf(filter, plan, { byTime })]
    if (conditions.length > 0 || ordering.length > 1) conditions.push(inTime)
    for (const condition of conditions) list = list.where(condition)
    const found = inOrder(list).limit(param('limit')).offset(param('offset'))
    if (plan === 'walk') return found.select(jobColumns)
    // Sorts numbers and sort keys, not whole rows.
    return inOrder(jobs.where('number', 'in', found.select('number'))).select(jobColumns)
  })
}

/** When a search finds more jobs than this, a walk along the ordering's index is faster than a sort. */
const MAX_SORTED_MATCHES = 10_000
/** The cost of skipping an entry of the index by time, which has status and outcomes; reading a job's row costs 1. */
const SKIPPED_ENTRY_COST = 1 / 25

async function choosePlan(
  connection: Connection,
  filter: JobFilter,
  ordering: JobOrdering,
  { limit, offset, count = 0 }: Slice,
): Promise<ListPlan> {
  // No index has several fields, so SQLite sorts in any case.
  if (ordering.length > 1) return 'sort'
  if (filter.search !== undefined) {
    const found = isSearchOnly(filter) ? count : await countSearchMatches(connection, filter.search)
    return found > MAX_SORTED_MATCHES ? 'walk' : 'sort'
  }
  if (filter.running?.wanted) return 'sort'
  if (filter.running || !hasFilters(filter) || isOnlyNegated(filter.scope)) return 'walk'
  // Assumes that the matching jobs are spread evenly.
  const passed = ((await countJobs(connection)) * (offset + limit)) / Math.max(1, count)
  const cost = ordering[0]?.field === 'time' && isIndexOnly(filter) ? SKIPPED_ENTRY_COST : 1
  return count < passed * cost ? 'sort' : 'walk'
}
