// Filters for the list of jobs: words, statuses, outcomes, a range of time, and where they ran. Matching jobs are counted from indexes
// and totals, without a scan of all jobs.

import { sql } from 'kysely'
import { keyword, keywords, withDescription } from '../../http/request/query'
import { dateTime, optional } from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import type { Microseconds } from '../../lib/time'
import {
  type Connection,
  dynamicQuery,
  inList,
  inTime,
  members,
  type NumberList,
  notIndexed,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import type { SearchPattern } from '../../storage/search-terms'
import { jobStatuses } from '../../storage/seed-data'
import { combinationsWith, jobTotals, outcomeWords } from '../core/counters'
import { visible } from '../core/job-reference'
import { countSearchMatches, searchMatches, toSearchPattern } from '../core/job-search'
import { runningAt } from '../core/running'
import { searchText } from '../core/search-words'
import { totalsBetween } from '../core/totals'
import { scopeFilters } from '../scope/model'
import { type ResolvedScope, scopeConditions, splitNegated } from '../scope/queries'

/** The code in `job_total` for a job without a status. */
const NO_STATUS = 0
const END_OF_TIME = Number.MAX_SAFE_INTEGER

const statusWords: Record<string, number> = {
  ...Object.fromEntries(jobStatuses.map(({ id, name }) => [name, id])),
  none: NO_STATUS,
}

const everyStatus = Object.values(statusWords)

export const jobFilters = {
  search: optional(
    withDescription(
      'Jobs with all these words: each the beginning of a word of the description or of the id, or the number. ' +
        'Punctuation separates words and is not looked for. At most 16 words',
      searchText,
    ),
  ),
  status: optional(
    withDescription(
      `Jobs with any of these statuses, separated by commas: ${Object.keys(statusWords).join(', ')}`,
      keywords(statusWords, 'job status'),
    ),
  ),
  outcome: optional(
    withDescription(
      `Jobs with a test of any of these outcomes, separated by commas: ${Object.keys(outcomeWords).join(', ')}`,
      keywords<number>(outcomeWords, 'outcome'),
    ),
  ),
  running: optional(
    withDescription(
      'true: jobs that run: by their status, or without one by a test that has not ended, with a report in the last 10 minutes; false: the others',
      keyword({ true: true, false: false }, 'truth value'),
    ),
  ),
  time_after: optional(withDescription('Jobs of this time or later', dateTime)),
  time_before: optional(withDescription('Jobs of before this time', dateTime)),
  ...scopeFilters,
} satisfies Shape

/** A filter in terms of the tables. A part that is undefined lets every job through. */
export interface JobFilter {
  /** Words. */
  search: SearchPattern | undefined
  statuses: number[] | undefined
  /** Bits of `job.outcomes`: a job needs one of them. */
  outcomes: number | undefined
  /** Running at this moment, or not. */
  running: { now: Microseconds; wanted: boolean } | undefined
  after: Microseconds | undefined
  before: Microseconds | undefined
  /** Labels, environments and components. */
  scope: ResolvedScope | undefined
}

export function toJobFilter(
  given: Body<typeof jobFilters>,
  now: Microseconds,
  scope?: ResolvedScope | undefined,
): JobFilter {
  const { search = '', status = [], outcome = [], running } = given
  return {
    search: toSearchPattern(search),
    statuses: status.length > 0 ? [...new Set(status)] : undefined,
    outcomes: outcome.length > 0 ? outcome.reduce((bits, bit) => bits | bit) : undefined,
    running: running === undefined ? undefined : { now, wanted: running },
    after: given.time_after,
    before: given.time_before,
    scope,
  }
}

/** Whether the filter has any part. */
export function hasFilters(filter: JobFilter): boolean {
  return Object.values(filter).some((part) => part !== undefined)
}

/** Whether the filter has only status, outcome and time, which indexes cover. */
export function isIndexOnly(filter: JobFilter): boolean {
  return hasFilters(filter) && !needsRows(filter)
}

/** Whether the filter has a part other than status, outcome and time. */
function needsRows({ statuses, outcomes, after, before, ...others }: JobFilter): boolean {
  return Object.values(others).some((part) => part !== undefined)
}

/** Whether the filter has words and nothing else. */
export function isSearchOnly({ search, ...others }: JobFilter): boolean {
  return search !== undefined && Object.values(others).every((part) => part === undefined)
}

/**
 * How a list is read. `walk`: it walks the index of its ordering and skips jobs that do not match, so it sorts nothing.
 * `sort`: it finds the matching jobs and sorts them.
 */
export type ListPlan = 'walk' | 'sort'

/**
 * The conditions on a row of `job`.
 *
 * @param byTime  the list is ordered by time, so a range of time can use the same index.
 */
export function* conditionsOf(filter: JobFilter, plan: ListPlan, { byTime = false } = {}) {
  const { search, statuses, outcomes, running, after, before, scope } = filter
  if (plan === 'sort' && isIndexOnly(filter)) {
    yield sql<boolean>`job.number IN ${matchingNumbers(filter)}`
    return
  }
  if (search !== undefined) {
    const number = plan === 'walk' ? notIndexed('job.number') : sql`job.number`
    yield sql<boolean>`${number} IN ${searchMatches(search)}`
  }
  if (statuses) yield sql<boolean>`${notIndexed(sql`coalesce(job.status, 0)`)} IN ${members(statuses)}`
  if (outcomes !== undefined) yield sql<boolean>`job.outcomes & ${outcomes} <> 0`
  if (running) {
    yield sql<boolean>`job.number ${running.wanted ? sql`IN` : sql`NOT IN`} ${runningAt(running.now)}`
  }
  // Few jobs match words or are running, so each of them is checked.
  const findsOthers = search !== undefined || running?.wanted
  if (scope) yield* scopeConditions(scope, { plan: plan === 'sort' && !findsOthers ? 'find' : 'check' })
  const time = byTime ? sql`job.time` : notIndexed('job.time')
  if (after !== undefined) yield sql<boolean>`${time} >= ${after}`
  if (before !== undefined) yield sql<boolean>`${time} < ${before}`
}

/** The numbers of the jobs that match status, outcome and time, read from a covering index. */
function matchingNumbers({ statuses, outcomes, after = 0, before = END_OF_TIME }: JobFilter) {
  const inRange = sql`complete = 1 AND time >= ${after} AND time < ${before} AND ${inTime}`
  if (!statuses && outcomes === undefined) return sql`(SELECT number FROM job WHERE ${inRange})`
  return sql`(SELECT number FROM job WHERE ${inRange}
    AND coalesce(status, 0) IN ${members(statuses ?? everyStatus)}
    AND outcomes IN ${members(combinationsWith(outcomes))})`
}

const countByOutcomes = query<{
  statuses: NumberList
  outcomes: NumberList
  after: number
  before: number
}>()((param) =>
  tables
    .selectFrom('job')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where(visible)
    .where(inList(sql`coalesce(job.status, 0)`, param('statuses')))
    .where(inList('job.outcomes', param('outcomes')))
    .where('time', '>=', param('after'))
    .where('time', '<', param('before'))
    .where(inTime),
)

/** How many visible jobs match the filter. */
export async function countMatchingJobs(connection: Connection, filter: JobFilter): Promise<number> {
  const { search, statuses, outcomes, running, after = 0, before = END_OF_TIME } = filter
  const anyTime = filter.after === undefined && filter.before === undefined
  if (running?.wanted === false) {
    // Few jobs run. To count the others directly would scan all of them.
    const others = { ...filter, running: { ...running, wanted: true } }
    return (
      (await countMatchingJobs(connection, { ...filter, running: undefined })) -
      (await countMatchingJobs(connection, others))
    )
  }
  const negated = filter.scope && splitNegated(filter.scope)
  if (negated) {
    // No index finds the jobs that a condition does not fit.
    const all = await countMatchingJobs(connection, { ...filter, scope: negated.without })
    return all - (await countMatchingJobs(connection, { ...filter, scope: negated.opposite }))
  }
  if (needsRows(filter)) {
    if (search !== undefined && isSearchOnly(filter)) return countSearchMatches(connection, search)
    return (await connection.first(countFound(filter), {}))?.count ?? 0
  }
  if (anyTime) return countFromTotals(connection, filter)
  if (!statuses && outcomes === undefined) return (await totalsBetween(connection, after, before)).jobs
  const range = {
    statuses: toNumberList(statuses ?? everyStatus),
    outcomes: toNumberList(combinationsWith(outcomes)),
    after,
    before,
  }
  return (await connection.first(countByOutcomes, range))?.count ?? 0
}

async function countFromTotals(connection: Connection, { statuses, outcomes }: JobFilter): Promise<number> {
  let count = 0
  for (const total of await jobTotals(connection)) {
    if (statuses && !statuses.includes(total.status)) continue
    if (outcomes !== undefined && (total.outcomes & outcomes) === 0) continue
    count += total.jobs
  }
  return count
}

function countFound(filter: JobFilter) {
  return dynamicQuery('countFound')(() => {
    let count = tables
      .selectFrom('job')
      .select((column) => column.fn.countAll<number>().as('count'))
      .where(visible)
      .where(inTime)
    for (const condition of conditionsOf(filter, 'sort')) count = count.where(condition)
    return count
  })
}
