// The queries behind /clusters/.

import { readQuery } from '../../http/request/query'
import { rowIdOf } from '../../http/request/row-id'
import type { ReadContext } from '../../http/resource/fields'
import { comparing, type Ordering, orderingOf } from '../../http/resource/ordering'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { maxTestCount } from '../../results/tests/reference'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { templateTexts } from '../names'
import { toTimes } from '../runs/window'
import { listJobs, showJobs } from './jobs'
import {
  type ClusterOrdering,
  type ClusterRow,
  clusterOrderings,
  clusterQuery,
  listClusters,
  PAGE_SIZE,
  rangeOf,
  windowParameters,
} from './query'
import { ranksOf, showClusters } from './show'

type Given = ReadContext & { now: Microseconds }

export const pageOfClusters = defineRequestQuery(
  'pageOfClusters',
  async (connection, request, { now, ...context }: Given) => {
    const filters = readQuery(clusterQuery, request, context)
    const ordering = orderingOf(request, clusterOrderings, [{ field: 'last', direction: 'desc' }])
    const range = rangeOf(filters, now)
    return withRowBudget(await maxTestCount(connection), async () => {
      const rows = await listClusters(connection, range, filters)
      await sortRows(connection, rows, ordering)
      return {
        ...(await paginate(
          request,
          rows.length,
          ({ offset, limit }) => showClusters(connection, rows.slice(offset, offset + limit), { range, now }),
          PAGE_SIZE,
        )),
        window: toTimes(range, now),
        ...(await incompleteOf(connection)),
      }
    })
  },
)

export const oneCluster = defineRequestQuery(
  'oneCluster',
  async (connection, request, { now, id: text, ...context }: Given & { id: string }) => {
    const range = rangeOf(readQuery(windowParameters, request, context), now)
    const template = rowIdOf(text)
    return withRowBudget(await maxTestCount(connection), async () => {
      const row = { template, failures: 0, first: 0, last: 0 }
      const [cluster] = await showClusters(connection, [row], { range, now })
      if (!cluster) throw new NotFound()
      return {
        ...cluster,
        ...(cluster.failures === 0 && { first: null, last: null }),
        window: toTimes(range, now),
        ...(await incompleteOf(connection)),
      }
    })
  },
)

export const jobsOfCluster = defineRequestQuery(
  'jobsOfCluster',
  async (connection, request, { now, id: text, ...context }: Given & { id: string }) => {
    const range = rangeOf(readQuery(windowParameters, request, context), now)
    const template = rowIdOf(text)
    return withRowBudget(await maxTestCount(connection), async () => {
      const jobs = await listJobs(connection, { template, ...range })
      if (jobs.length === 0 && !(await templateTexts(connection, [template])).has(template))
        throw new NotFound()
      return {
        ...(await paginate(
          request,
          jobs.length,
          ({ offset, limit }) => showJobs(connection, jobs.slice(offset, offset + limit)),
          PAGE_SIZE,
        )),
        window: toTimes(range, now),
        ...(await incompleteOf(connection)),
      }
    })
  },
)

/** Sorts a list in place. Ties are in an order of the texts. */
async function sortRows(
  connection: Connection,
  rows: ClusterRow[],
  ordering: Ordering<ClusterOrdering>,
): Promise<void> {
  const asked = comparing<ClusterOrdering, ClusterRow>(ordering, {
    failures: (one, other) => one.failures - other.failures,
    first: (one, other) => one.first - other.first,
    last: (one, other) => one.last - other.last,
  })
  const compare = (one: ClusterRow, other: ClusterRow): number =>
    asked(one, other) || other.last - one.last || other.failures - one.failures
  rows.sort(compare)
  const tied = rows.filter((row, at) => {
    const [before, after] = [rows[at - 1], rows[at + 1]]
    return (before && compare(before, row) === 0) || (after && compare(row, after) === 0)
  })
  const ranks = await ranksOf(connection, tied)
  const rankOf = ({ template }: ClusterRow) => ranks.get(template) ?? 0
  rows.sort((one, other) => compare(one, other) || rankOf(one) - rankOf(other))
}
