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
import { findListed, MAX_LOOKED_AT, showTestcases, sliceOf, testcaseOrderings } from './testcases'
import { findReasons } from './words'

type Given = ReadContext & { now: Microseconds }

export const pageOfFoundTestcases = defineRequestQuery(
  'pageOfFoundTestcases',
  (connection, request, { now, ...context }: Given) => {
    const filters = readQuery(testcaseFilters, request, context)
    const window = windowOf(filters, now)
    const [ordering = { field: 'name', direction: 'asc' } as const] = orderingOf(
      request,
      testcaseOrderings,
      [],
    )
    return withRowBudget(budgetOf(connection, MAX_LOOKED_AT), () => {
      const selection = selectionOf(connection, filters)
      const scope = resolveScope(connection, toScope(filters))
      const list = { selection, scope, window, ordering }
      const { ids, isTruncated } = findListed(connection, list)
      return {
        ...paginate(request, ids.length, (slice) => showTestcases(connection, sliceOf(ids, slice), list)),
        window: { from: formatTime(Math.max(0, window.since)), to: formatTime(window.until) },
        ...(isTruncated && { truncated: true }),
        ...incompleteOf(connection, asksForWords(filters)),
      }
    })
  },
)

export const pageOfFoundRuns = defineRequestQuery(
  'pageOfFoundRuns',
  (connection, request, { now, ...context }: Given) => {
    const filters = readQuery(runFilters, request, context)
    const times = timesOf(filters, now)
    const { status, outcome } = filters
    return withRowBudget(budgetOf(connection, MAX_COLLECTED), () => {
      const job = filters.job === undefined ? undefined : getJob(connection, filters.job).number
      const selection = selectionOf(connection, filters)
      const scope = resolveScope(connection, toScope(filters))
      const list = { selection, scope, job, times, status, outcome }
      const page = listFoundRuns(connection, list, filters.cursor, pageSizeOf(request))
      return {
        next: page.next ? nextLink(request, page.next) : null,
        results: page.runs.map(toFoundRun),
        ...(page.scannedUntil !== undefined && { scanned_until: page.scannedUntil }),
        ...incompleteOf(connection, asksForWords(filters)),
      }
    })
  },
)

export const pageOfFoundReasons = defineRequestQuery(
  'pageOfFoundReasons',
  (connection, request, context: Given) => {
    const { search = '' } = readQuery(reasonFilters, request, context)
    return withRowBudget(budgetOf(connection, MAX_REASONS), () => {
      const { causes, isTruncated } = findCauses(connection, findReasons(connection, search))
      return {
        ...paginate(request, causes.length, ({ offset, limit }) =>
          showCauses(connection, causes.slice(offset, offset + limit)),
        ),
        ...(isTruncated && { truncated: true }),
        ...incompleteOf(connection, search !== ''),
      }
    })
  },
)

/** There are no more test cases and reasons than tests. */
function budgetOf(connection: Connection, most: number): number {
  return Math.min(maxTestCount(connection), most)
}

/** After an upgrade the indexes of words lack rows for a while. */
function incompleteOf(connection: Connection, isWanted: boolean): { incomplete?: object } {
  const incomplete = isWanted ? findIncompleteSearch(connection) : undefined
  return incomplete ? { incomplete } : {}
}

function nextLink(request: RequestLike, next: Place): string {
  const query = searchOf(request)
  query.set('cursor', toCursor(next))
  const path = pathOf(request)
  return `${originOf(request)}${path}${path.endsWith('/') ? '' : '/'}?${query}`
}
