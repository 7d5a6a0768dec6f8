// The parameters of /regressions/, and the regressions that they let through.

import { type RawBuilder, sql } from 'kysely'
import { keywords, withDescription } from '../../http/request/query'
import { dateTime, optional, rowId, text } from '../../http/resource/fields'
import type { Slice } from '../../http/resource/pagination'
import type { Body, Shape } from '../../http/resource/shapes'
import { scopeFilters, toScope } from '../../results/scope/model'
import { type ResolvedScope, resolveScope, scopeConditions } from '../../results/scope/queries'
import {
  type Connection,
  dynamicQuery,
  inTime,
  members,
  notIndexed,
  query,
  tables,
} from '../../storage/query'
import { findTestcase, TAG_LENGTH } from '../search/filters'
import { idsOf } from '../search/ids'
import { type RegressionState, regressionStates } from './model'

const states = Object.fromEntries(regressionStates.map((state) => [state, state])) as Record<
  RegressionState,
  RegressionState
>

export const regressionQuery = {
  state: optional(
    withDescription(
      `Those in any of these states, separated by commas: ${regressionStates.join(', ')}; all but withdrawn unless told`,
      keywords(states, 'state of a regression'),
    ),
  ),
  testcase: optional(
    withDescription('Of one test: its name, for all variants, or `name;variant`', text({ max: TAG_LENGTH })),
  ),
  template: optional(withDescription('The id of the template of the fail reason', rowId)),
  ...scopeFilters,
  since: optional(withDescription('Those that failed at this time or later', dateTime)),
} satisfies Shape

type RegressionQuery = Body<typeof regressionQuery>

export interface RegressionFilter extends Pick<RegressionQuery, 'state' | 'template' | 'since'> {
  /** The ids of the test cases; undefined: all. */
  testcases: number[] | undefined
  scope: ResolvedScope | undefined
}

export async function resolveFilter(
  connection: Connection,
  { testcase, ...given }: RegressionQuery,
): Promise<RegressionFilter> {
  const testcases = testcase === undefined ? undefined : idsOf(await findTestcase(connection, testcase))
  return { ...given, testcases, scope: await resolveScope(connection, toScope(given)) }
}

/** Which column the list is found by. */
type Key = 'testcase' | 'template' | 'state' | 'time'

/** The conditions on a row of `regression`, which is found by the index of the key and by no other. */
function* conditionsOf(
  { state, testcases, template, scope, since }: RegressionFilter,
  key: Key,
): Generator<RawBuilder<boolean>> {
  yield inTime
  const column = (name: Key) => (name === key ? sql.ref(name) : notIndexed(name))
  if (testcases) yield sql<boolean>`${column('testcase')} IN ${members(testcases)}`
  if (template !== undefined) {
    yield sql<boolean>`${column('template')} = ${template}`
  }
  if (state?.length === 1) yield sql<boolean>`${column('state')} = ${state[0]}`
  else if (state?.length) yield sql<boolean>`${notIndexed('state')} IN ${members(state)}`
  else yield sql<boolean>`${notIndexed('state')} <> 'withdrawn'`
  if (since !== undefined) {
    const byTime = key === 'state' || key === 'time'
    const time = byTime ? sql.ref('last_bad_time') : notIndexed('last_bad_time')
    yield sql<boolean>`${time} >= ${since}`
  }
  if (scope) yield isToldInScope(scope)
}

/** Whether a job fits by which a regression is told: with which it began, failed last or was fixed, on any host. */
function isToldInScope(scope: ResolvedScope): RawBuilder<boolean> {
  const fits = sql.join([sql`job.complete = 1`, ...scopeConditions(scope, { plan: 'check' })], sql` AND `)
  return sql<boolean>`(EXISTS (SELECT 1 FROM job
      WHERE job.number IN (regression.first_bad, regression.last_bad, regression.fixed_in) AND ${fits})
    OR EXISTS (SELECT 1 FROM regression_host AS seen CROSS JOIN job
      WHERE seen.regression = regression.id AND job.number IN (seen.first_bad, seen.fixed_in) AND ${fits}))`
}

function keyOf({ testcases, template, state }: RegressionFilter): Key {
  if (testcases) return 'testcase'
  if (template !== undefined) return 'template'
  return state?.length === 1 ? 'state' : 'time'
}

const highestId = query()(() =>
  tables.selectFrom('regression').select((column) => column.fn.max('id').as('id')),
)

/** An upper bound for the number of regressions. */
export async function maxRegressions(connection: Connection): Promise<number> {
  return (await connection.first(highestId, {}))?.id ?? 0
}

export async function countRegressions(connection: Connection, filter: RegressionFilter): Promise<number> {
  const counted = dynamicQuery('countRegressions')(() => {
    let list = tables.selectFrom('regression').select((column) => column.fn.countAll<number>().as('count'))
    for (const condition of conditionsOf(filter, keyOf(filter))) list = list.where(condition)
    return list
  })
  return (await connection.first(counted, {}))?.count ?? 0
}

/** Of tests that failed last at one moment, the order does not depend on which arrived first. */
const nameOfTest = sql<string>`(SELECT text || ' ' || suite FROM testcase WHERE testcase.id = regression.testcase)`

/** The ids of a page, those that failed last first. */
export async function listRegressions(
  connection: Connection,
  filter: RegressionFilter,
  slice: Slice,
): Promise<number[]> {
  const listed = dynamicQuery('listRegressions')(() => {
    let list = tables.selectFrom('regression').select('id')
    for (const condition of conditionsOf(filter, keyOf(filter))) list = list.where(condition)
    return list
      .orderBy('last_bad_time', 'desc')
      .orderBy(nameOfTest)
      .orderBy('first_bad_time', 'desc')
      .orderBy('id', 'desc')
      .limit(slice.limit)
      .offset(slice.offset)
  })
  return (await connection.all(listed, {})).map(({ id }) => id)
}
