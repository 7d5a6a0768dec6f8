// Finds the test cases of a list, over all jobs: by words, by fail reasons, and by where they ran.

import { sql } from 'kysely'
import type { Slice } from '../../http/resource/pagination'
import { filterInTurn } from '../../lib/cooperative'
import { ofShownJob, visible } from '../../results/core/job-reference'
import { environmentOfRun, type ResolvedScope, scopeConditions } from '../../results/scope/queries'
import {
  type Connection,
  dynamicQuery,
  inTime,
  listOf,
  listOfDistinct,
  members,
  pairOf,
  query,
  rowsOf,
  tables,
} from '../../storage/query'
import type { Selection, Times } from './filters'
import { hasId, type IdBits, idsOf, readIds, setOf } from './ids'
import { type Counted, runsInWindow } from './testcase-page'

export const testcaseOrderings = ['name', 'suite', 'last_run'] as const
export type TestcaseOrdering = { field: (typeof testcaseOrderings)[number]; direction: 'asc' | 'desc' }

/** How many runs are looked at for the test cases of fail reasons, or of jobs. */
export const MAX_LOOKED_AT = 200_000
/** The runs of a fail reason that are looked at: its test cases are among the newest. */
const MAX_RUNS_OF_REASON = 1000
const REASONS_AT_ONCE = 500
const JOBS_AT_ONCE = 50
/** Up to so many test cases are checked one by one against the conditions on jobs. */
const MAX_CHECKED = 200

export interface TestcaseList extends Counted {
  selection: Selection
  ordering: TestcaseOrdering
}

const orderedIds = (order: ReturnType<typeof sql>) =>
  query()(() =>
    tables
      .selectFrom(tables.selectFrom('testcase').select('id').orderBy(order).where(inTime).as('ordered'))
      .select(listOf('id').as('ids')),
  )
const byName = orderedIds(sql`text, suite`)
const bySuite = orderedIds(sql`suite, text`)

const testcasesOfReasons = query<{ ids: string; limit: number }>()((param) =>
  tables
    .selectFrom(rowsOf(param('ids'), 'numbers').as('reason'))
    .select([
      'reason.value as reason',
      sql<string>`(SELECT ${listOf('testcase')} FROM (
        SELECT testcase FROM test WHERE fail_reason = reason.value ORDER BY ran_at DESC LIMIT ${param('limit')}) AS newest)`.as(
        'ids',
      ),
    ])
    .where(inTime),
)

/** The newest run of each test case, by its id; none in jobs that are not hidden: it is left out. */
const newestRuns = query<{ ids: string }>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom(rowsOf(param('ids'), 'numbers').as('wanted'))
        .select([
          'wanted.value as testcase',
          sql<number | null>`(SELECT ran_at FROM test WHERE test.testcase = wanted.value AND ${ofShownJob}
            ORDER BY ran_at DESC LIMIT 1)`.as('ranAt'),
        ])
        .where(inTime)
        .as('run'),
    )
    .select(listOf(pairOf('testcase', 'ranAt')).as('ids'))
    .where('ranAt', 'is not', null),
)

/** The test cases of a list, in order. */
export interface FoundTestcases {
  ids: number[]
  /** Only the newest runs were looked at. */
  isTruncated: boolean
}

/** Finds all test cases of a list that have run. */
export async function findListed(connection: Connection, list: TestcaseList): Promise<FoundTestcases> {
  const { selection, ordering } = list
  const limit = new LookLimit()
  const byReason = await testcasesWithReasons(connection, selection, limit)
  const candidates = await readIds(connection, ordering.field === 'suite' ? bySuite : byName, {})
  const named = candidates.filter((id) => hasId(selection.testcases, id) && hasId(byReason, id))
  const inJobs = await inScope(connection, named, list, limit)
  return { ids: await inOrder(connection, inJobs, ordering), isTruncated: limit.isReached }
}

/** Counts runs that are looked at. */
class LookLimit {
  private runs = 0

  add(runs: number): void {
    this.runs += runs
  }

  get isReached(): boolean {
    return this.runs >= MAX_LOOKED_AT
  }
}

/** The test cases that fit the reasons and words of a selection; undefined: all do. */
async function testcasesWithReasons(
  connection: Connection,
  { reasons, words }: Selection,
  limit: LookLimit,
): Promise<IdBits | undefined> {
  if (!reasons && !words) return undefined
  const found = new Set(reasons ? [] : words?.wholeTestcases)
  const wanted = words && !reasons ? words.helpfulReasons : idsOf(reasons ?? new Uint16Array()).reverse()
  for (let index = 0; index < wanted.length && !limit.isReached; index += REASONS_AT_ONCE) {
    const ids = JSON.stringify(wanted.slice(index, index + REASONS_AT_ONCE))
    for (const row of await connection.all(testcasesOfReasons, { ids, limit: MAX_RUNS_OF_REASON })) {
      const testcases = JSON.parse(row.ids) as number[]
      limit.add(testcases.length)
      for (const id of testcases) if (words?.fits(id, row.reason) ?? true) found.add(id)
    }
  }
  return setOf([...found])
}

/** Those of some test cases that have run. @param ids  in the order of the names or suites */
async function inOrder(
  connection: Connection,
  ids: readonly number[],
  { field, direction }: TestcaseOrdering,
): Promise<number[]> {
  // In the order of the index, which halves the time.
  const sorted = Float64Array.from(ids).sort()
  const row = await connection.first(newestRuns, { ids: JSON.stringify([...sorted]) })
  const ranAtOf = new Map(JSON.parse(row?.ids ?? '[]') as [testcase: number, ranAt: number][])
  const ordered = ids.filter((id) => ranAtOf.has(id))
  if (field !== 'last_run') return direction === 'desc' ? ordered.reverse() : ordered
  const sign = direction === 'desc' ? -1 : 1
  return ordered.sort((left, right) => sign * ((ranAtOf.get(left) ?? 0) - (ranAtOf.get(right) ?? 0)))
}

/** Those of some test cases that ran in a scope in the window. */
async function inScope(
  connection: Connection,
  ids: number[],
  { scope, window }: TestcaseList,
  limit: LookLimit,
): Promise<number[]> {
  if (!scope) return ids
  if (ids.length <= MAX_CHECKED) {
    return filterInTurn(ids, async (id) => (await runsInWindow(connection, id, { scope, window })).length > 0)
  }
  const found = new Set<number>()
  const jobs = await jobsInScope(connection, scope, window)
  for (let index = 0; index < jobs.length && !limit.isReached; index += JOBS_AT_ONCE) {
    const runs = await runsOfJobs(connection, scope, jobs.slice(index, index + JOBS_AT_ONCE))
    limit.add(runs.tests)
    for (const id of runs.testcases) found.add(id)
  }
  return ids.filter((id) => found.has(id))
}

/** The jobs of a window in a scope, the newest first. */
async function jobsInScope(
  connection: Connection,
  scope: ResolvedScope,
  { since, until }: Times,
): Promise<number[]> {
  const found = dynamicQuery<{ since: number; until: number; limit: number }>('jobsOfTestcases')((param) => {
    let list = tables
      .selectFrom('job')
      .select('number')
      .where(visible)
      .where(inTime)
      .where('time', '>=', param('since'))
      .where('time', '<', param('until'))
    for (const condition of scopeConditions(scope, { plan: 'check' })) list = list.where(condition)
    return list.orderBy('time', 'desc').limit(param('limit'))
  })
  return (await connection.all(found, { since, until, limit: MAX_LOOKED_AT })).map(({ number }) => number)
}

/** The test cases of some jobs, and how many runs were looked at. */
async function runsOfJobs(
  connection: Connection,
  scope: ResolvedScope,
  jobs: readonly number[],
): Promise<{ testcases: number[]; tests: number }> {
  const found = dynamicQuery('testcasesOfJobs')(() => {
    let list = tables
      .selectFrom('test')
      .innerJoin('job', 'job.number', 'test.job')
      .select([listOfDistinct('testcase').as('ids'), sql<number>`count(*)`.as('tests')])
      .where(sql<boolean>`test.job IN ${members(jobs)}`)
      .where(inTime)
    for (const condition of scopeConditions(scope, { plan: 'check', environment: environmentOfRun }))
      list = list.where(condition)
    return list
  })
  const row = await connection.first(found, {})
  return { testcases: JSON.parse(row?.ids ?? '[]') as number[], tests: row?.tests ?? 0 }
}

export function sliceOf(ids: readonly number[], { limit, offset }: Slice): number[] {
  return ids.slice(offset, offset + limit)
}
