// The queries behind /known-issues/.

import { readQuery } from '../../http/request/query'
import { rowIdOf } from '../../http/request/row-id'
import type { ReadContext } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import type { Microseconds } from '../../lib/time'
import { defineQuery } from '../../storage/database'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { findTestcase } from '../search/filters'
import { idsOf } from '../search/ids'
import { knownIssueFilters } from './model'
import { faultOf } from './pattern'
import { allKnownIssues, countKnownIssues, getKnownIssue, listKnownIssues, maxKnownIssues } from './queries'
import { countIncidents, listIncidents, toExported, toKnownIssue } from './show'

type Given = ReadContext & { now: Microseconds }

export const pageOfKnownIssues = defineRequestQuery(
  'pageOfKnownIssues',
  async (connection, request, { now, ...context }: Given) => {
    const { testcase, ...given } = readQuery(knownIssueFilters, request, context)
    const testcases = testcase === undefined ? undefined : idsOf(await findTestcase(connection, testcase))
    const filter = { ...given, testcases, now }
    return withRowBudget(await maxKnownIssues(connection), async () => ({
      ...(await paginate(request, await countKnownIssues(connection, filter), async (slice) =>
        (await listKnownIssues(connection, filter, slice)).map((row) => toKnownIssue(row, now)),
      )),
      ...(await incompleteOf(connection)),
    }))
  },
)

export const oneKnownIssue = defineRequestQuery(
  'oneKnownIssue',
  async (connection, _, { id, now }: { id: string; now: Microseconds }) =>
    withRowBudget(1, async () => ({
      ...toKnownIssue(await getKnownIssue(connection, rowIdOf(id)), now),
      ...(await incompleteOf(connection)),
    })),
)

export const pageOfIncidents = defineRequestQuery(
  'pageOfIncidents',
  async (connection, request, { id }: { id: string }) => {
    const issue = await getKnownIssue(connection, rowIdOf(id))
    return withRowBudget(issue.incidents, async () => ({
      ...(await paginate(request, await countIncidents(connection, issue.id), (slice) =>
        listIncidents(connection, issue, slice),
      )),
      ...(await incompleteOf(connection)),
    }))
  },
)

export const exportOfKnownIssues = defineRequestQuery('exportOfKnownIssues', async (connection) =>
  withRowBudget(await maxKnownIssues(connection), async () => ({
    known_issues: (await allKnownIssues(connection)).map(toExported),
  })),
)

/** Compiles patterns away from the requests of others. @returns why one is refused, by its position; null: none is */
export const findWrongPattern = defineQuery(
  'findWrongPattern',
  async (_, { patterns }: { patterns: (string | null)[] }): Promise<{ at: number; fault: string } | null> => {
    for (const [at, pattern] of patterns.entries()) {
      const fault = pattern === null ? undefined : faultOf(pattern)
      if (fault !== undefined) return { at, fault }
    }
    return null
  },
)
