// The queries behind /tests/, /tests/runs/ and /tests/reasons/.

import { originOf, pathOf, type RequestLike, searchOf } from '../../http/request/links'
import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { orderingOf } from '../../http/resource/ordering'
import { pageSizeOf, paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { formatTime, type Microseconds } from '../../lib/time'
import { getJob } from '../../results/core/job-reference'
import { findIncompleteSearch } from '../../results/core/search-filling'
import { toScope } from '../../results/scope/model'
import { resolveScope } from '../../results/scope/queries'
import { maxTestCount } from '../../results/tests/reference'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { type Place, toCursor } from './cursor'
import {
  asksForWords,
  reasonFilters,
  runFilters,
  selectionOf,
  testcaseFilters,
  timesOf,
  windowOf,
} from './filters'
import { toFoundRun } from './model'
import { findCauses, MAX_REASONS, showCauses } from './reasons'
import { MAX_COLLECTED } from './run-sources'
import { listFoundRuns } from './runs'
import { showTestcases } from './testcase-page'
import { findListed, MAX_LOOKED_AT, sliceOf, testcaseOrderings } from './testcases'
import { findReasons } from './words'

type Given = ReadContext & { now: Microseconds }

export const pageOfFoundTestcases = defineRequestQuery(
  'pageOfFoundTestcases',
  async (connection, request, { now, ...context }: Given) => {
    const filters = readQuery(testcaseFilters, request, context)
    const window = windowOf(filters, now)
    const [ordering = { field: 'name', direction: 'asc' } as const] = orderingOf(
      request,
      testcaseOrderings,
      [],
    )
    return withRowBudget(await budgetOf(connection, MAX_LOOKED_AT), async () => {
      const selection = await selectionOf(connection, filters)
      const scope = await resolveScope(connection, toScope(filters))
      const list = { selection, scope, window, ordering }
      const { ids, isTruncated } = await findListed(connection, list)
      return {
        ...(await paginate(request, ids.length, (slice) =>
          showTestcases(connection, sliceOf(ids, slice), list),
        )),
        window: { from: formatTime(Math.max(0, window.since)), to: formatTime(window.until) },
        ...(isTruncated && { truncated: true }),
        ...(await incompleteOf(connection, asksForWords(filters))),
      }
    })
  },
)

export const pageOfFoundRuns = defineRequestQuery(
  'pageOfFoundRuns',
  async (connection, request, { now, ...context }: Given) => {
    const filters = readQuery(runFilters, request, context)
    const times = timesOf(filters, now)
    const { status, outcome } = filters
    return withRowBudget(await budgetOf(connection, MAX_COLLECTED), async () => {
      const job = filters.job === undefined ? undefined : (await getJob(connection, filters.job)).number
      const selection = await selectionOf(connection, filters)
      const scope = await resolveScope(connection, toScope(filters))
      const list = { selection, scope, job, times, status, outcome }
      const page = await listFoundRuns(connection, list, filters.cursor, pageSizeOf(request))
      return {
        next: page.next ? nextLink(request, page.next) : null,
        results: page.runs.map(toFoundRun),
        ...(page.scannedUntil !== undefined && { scanned_until: page.scannedUntil }),
        ...(await incompleteOf(connection, asksForWords(filters))),
      }
    })
  },
)

export const pageOfFoundReasons = defineRequestQuery(
  'pageOfFoundReasons',
  async (connection, request, context: Given) => {
    const { search = '' } = readQuery(reasonFilters, request, context)
    return withRowBudget(await budgetOf(connection, MAX_REASONS), async () => {
      const { causes, isTruncated } = await findCauses(connection, await findReasons(connection, search))
      return {
        ...(await paginate(request, causes.length, ({ offset, limit }) =>
          showCauses(connection, causes.slice(offset, offset + limit)),
        )),
        ...(isTruncated && { truncated: true }),
        ...(await incompleteOf(connection, search !== '')),
      }
    })
  },
)

/** There are no more test cases and reasons than tests. */
async function budgetOf(connection: Connection, most: number): Promise<number> {
  return Math.min(await maxTestCount(connection), most)
}

/** After an upgrade the indexes of words lack rows for a while. */
async function incompleteOf(connection: Connection, isWanted: boolean): Promise<{ incomplete?: object }> {
  const incomplete = isWanted ? await findIncompleteSearch(connection) : undefined
  return incomplete ? { incomplete } : {}
}

function nextLink(request: RequestLike, next: Place): string {
  const query = searchOf(request)
  query.set('cursor', toCursor(next))
  const path = pathOf(request)
  return `${originOf(request)}${path}${path.endsWith('/') ? '' : '/'}?${query}`
}
