// Filters for the list of a job's tests. One job has few enough tests to scan them all.

import { sql } from 'kysely'
import { keywords, withDescription } from '../../http/request/query'
import { optional, text } from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import { type Connection, contains, members } from '../../storage/query'
import { reportedStatuses, testStatuses } from '../../storage/seed-data'
import { scopeFilters, toScope } from '../scope/model'
import { type ResolvedScope, resolveScope, runCondition } from '../scope/queries'

/** The status code of a test that has not ended. */
const NO_STATUS = 0

/** The tests that a word selects: by status, or by the client's own status word. */
interface StatusFilter {
  status?: number
  reported?: number
}

const statusWords: Record<string, StatusFilter> = {
  ...Object.fromEntries(testStatuses.map(({ id, name }) => [name, { status: id }])),
  ...Object.fromEntries(reportedStatuses.map(({ id, name }) => [name, { reported: id }])),
  none: { status: NO_STATUS },
}

export const statusFilter = optional(
  withDescription(
    `Tests with any of these statuses, separated by commas: ${Object.keys(statusWords).join(', ')}; ` +
      'none: not ended',
    keywords(statusWords, 'test status'),
  ),
)

export const testFilters = {
  search: optional(
    withDescription('Tests whose tag has this text anywhere; ASCII letters in any case', text({ max: 1024 })),
  ),
  status: statusFilter,
  ...scopeFilters,
} satisfies Shape

/** A filter in terms of the tables. */
export interface TestFilter extends Pick<Body<typeof testFilters>, 'search' | 'status'> {
  /** Where the tests ran. */
  scope?: ResolvedScope | undefined
}

export async function toTestFilter(
  connection: Connection,
  given: Body<typeof testFilters>,
): Promise<TestFilter> {
  const { search, status } = given
  const scope = await resolveScope(connection, toScope(given))
  return { ...(search !== undefined && { search }), ...(status && { status }), ...(scope && { scope }) }
}

export const tag = sql<string>`test.prefix || testcase.text`

export function hasFilters({ search, status = [], scope }: TestFilter): boolean {
  return search !== undefined || status.length > 0 || scope !== undefined
}

/** The conditions on a row of `test`, joined with its testcase. */
export function* conditionsOf({ search, status = [], scope }: TestFilter) {
  if (scope) yield runCondition(scope)
  if (search !== undefined) yield contains(sql`lower(${tag})`, sql`lower(${search})`)
  if (status.length > 0) yield hasStatus(status)
}

/** The condition on a row of `test`. */
export function hasStatus(status: NonNullable<TestFilter['status']>) {
  const statuses = status.flatMap(({ status }) => status ?? [])
  const reported = status.flatMap(({ reported }) => reported ?? [])
  return sql<boolean>`(coalesce(test.status, ${NO_STATUS}) IN ${members(statuses)}
    OR test.reported_status IN ${members(reported)})`
}
