// Where a list of runs finds its candidates, in their order. If some filter leaves few runs, these are collected from
// its index and sorted. Otherwise fitting runs are frequent, and the newest runs are looked through. Few test cases are
// followed side by side.

import { sql } from 'kysely'
import { mapInTurn } from '../../lib/cooperative'
import { visible } from '../../results/core/job-reference'
import { toRanAt } from '../../results/core/ran-at'
import { type ResolvedScope, scopeConditions } from '../../results/scope/queries'
import {
  type Connection,
  dynamicQuery,
  inList,
  inTime,
  type NumberList,
  notIndexed,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { byPlace, type Place } from './cursor'
import type { Selection, Times } from './filters'
import { idsOf } from './ids'

/** The candidates of a list, in order. */
export interface RunSource {
  /** The next candidates after a place; none: there are no more. */
  after(place: Place, limit: number): Promise<Place[]>
  /** Whether all of its candidates together are few. */
  isSmall: boolean
}

/** How many runs are collected and sorted for a page. */
export const MAX_COLLECTED = 50_000
/** How many test cases are followed side by side. */
const MAX_FOLLOWED = 16
/** How many jobs are looked up for the conditions on jobs. */
const MAX_JOBS = 5000

const places = tables.selectFrom('test').select(['ran_at as ranAt', 'id'])
type Range = { from: number; to: number }
type Ids = { ids: NumberList }
type After = { ranAt: number; id: number; limit: number }

const newest = query<After & { from: number }>()((param) =>
  places
    .where(sql<boolean>`(ran_at, id) < (${param('ranAt')}, ${param('id')})`)
    .where('ran_at', '>=', param('from'))
    .orderBy('ran_at', 'desc')
    .orderBy('id', 'desc')
    .limit(param('limit')),
)
const newestOfTestcase = query<After & { testcase: number; from: number }>()((param) =>
  places
    .where('testcase', '=', param('testcase'))
    .where(sql<boolean>`(ran_at, id) < (${param('ranAt')}, ${param('id')})`)
    .where('ran_at', '>=', param('from'))
    .orderBy('ran_at', 'desc')
    .orderBy('id', 'desc')
    .limit(param('limit')),
)

const ofJobs = query<Ids & Range>()((param) =>
  places
    .where(inList('job', param('ids')))
    .where(
      sql<boolean>`${notIndexed('ran_at')} >= ${param('from')} AND ${notIndexed('ran_at')} < ${param('to')}`,
    )
    .where(inTime),
)

/** The runs with any of some test cases, or of some fail reasons, in a range: how many, and where. */
const runsWith = (column: 'testcase' | 'fail_reason') => ({
  count: query<Ids & Range & { limit: number }>()((param) =>
    tables
      .selectFrom(
        tables
          .selectFrom('test')
          .select('id')
          .where(inList(column, param('ids')))
          .where('ran_at', '>=', param('from'))
          .where('ran_at', '<', param('to'))
          .where(inTime)
          .limit(param('limit'))
          .as('some'),
      )
      .select((select) => select.fn.countAll<number>().as('count')),
  ),
  read: query<Ids & Range>()((param) =>
    places
      .where(inList(column, param('ids')))
      .where('ran_at', '>=', param('from'))
      .where('ran_at', '<', param('to'))
      .where(inTime),
  ),
})
const ofTestcases = runsWith('testcase')
const ofReasons = runsWith('fail_reason')

/** Some runs that contain all that fit, and how many these are at most. */
interface Collection {
  size: number
  /** If these are all runs of some test cases. */
  testcases?: readonly number[]
  read(): Promise<Place[]>
}

/** What decides which runs may fit. */
export interface RunFilter {
  selection: Selection
  scope: ResolvedScope | undefined
  /** The number of a job. */
  job: number | undefined
  times: Times
}

export async function chooseSource(connection: Connection, filter: RunFilter): Promise<RunSource> {
  const range = { from: toRanAt(filter.times.since), to: toRanAt(filter.times.until) }
  const [smallest] = (await collectionsOf(connection, filter, range)).sort(
    (left, right) => left.size - right.size,
  )
  const isSmall = smallest !== undefined && smallest.size <= MAX_COLLECTED
  const { from } = range
  if (smallest?.testcases && smallest.testcases.length <= MAX_FOLLOWED) {
    const { testcases } = smallest
    return {
      isSmall,
      after: async (place, limit) => {
        const runs = await mapInTurn(testcases, (testcase) =>
          connection.all(newestOfTestcase, { testcase, ...place, from, limit }),
        )
        return runs.flat().sort(byPlace).slice(0, limit)
      },
    }
  }
  if (isSmall) {
    const sorted = (await smallest.read()).sort(byPlace)
    return {
      isSmall: true,
      after: async (place, limit) => {
        const first = firstAfter(sorted, place)
        return sorted.slice(first, first + limit)
      },
    }
  }
  return { isSmall: false, after: (place, limit) => connection.all(newest, { ...place, from, limit }) }
}

/** The index of the first place after another one, by bisection. */
function firstAfter(sorted: readonly Place[], place: Place): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (byPlace(sorted[middle] as Place, place) > 0) high = middle
    else low = middle + 1
  }
  return low
}

async function collectionsOf(
  connection: Connection,
  { selection, scope, job }: RunFilter,
  range: Range,
): Promise<Collection[]> {
  // However many tests a job has, they are all that fit.
  if (job !== undefined) return [collectJobs(connection, [job], 0, range)]
  const { testcases, reasons, words } = selection
  const found: Collection[] = []
  if (testcases) {
    const ids = idsOf(testcases)
    found.push({ ...(await collect(connection, ofTestcases, ids, range)), testcases: ids })
  }
  if (reasons) found.push(await collect(connection, ofReasons, idsOf(reasons), range))
  if (words) {
    const named = await collect(connection, ofTestcases, words.wholeTestcases, range)
    const failed = await collect(connection, ofReasons, words.helpfulReasons, range)
    const read = async () => {
      const places = [...(await named.read()), ...(await failed.read())]
      return [...new Map(places.map((place) => [place.id, place])).values()]
    }
    found.push({ size: named.size + failed.size, read })
  }
  const jobs = scope && (await jobsOf(connection, scope))
  if (jobs) {
    const tests = jobs.reduce((sum, { tests_total }) => sum + tests_total, 0)
    found.push(
      collectJobs(
        connection,
        jobs.map(({ number }) => number),
        tests,
        range,
      ),
    )
  }
  return found
}

async function collect(
  connection: Connection,
  { count, read }: ReturnType<typeof runsWith>,
  ids: readonly number[],
  range: Range,
): Promise<Collection> {
  const given = { ids: toNumberList(ids), ...range }
  return {
    size: (await connection.first(count, { ...given, limit: MAX_COLLECTED + 1 }))?.count ?? 0,
    read: () => connection.all(read, given),
  }
}

function collectJobs(
  connection: Connection,
  jobs: readonly number[],
  size: number,
  range: Range,
): Collection {
  return { size, read: () => connection.all(ofJobs, { ids: toNumberList(jobs), ...range }) }
}

/**
 * The jobs of which some run may be in a scope. A negated condition may hold for some tests of a job only, so it is
 * left to the look at each run.
 *
 * @returns undefined when these are many.
 */
async function jobsOf(
  connection: Connection,
  { labels, environments, components }: ResolvedScope,
): Promise<{ number: number; tests_total: number }[] | undefined> {
  const wanted = ({ isNegated }: { isNegated: boolean }) => !isNegated
  const scope = {
    labels: labels.filter(wanted),
    environments: environments.filter(wanted),
    components: components.filter(wanted),
  }
  const conditions = [...scopeConditions(scope, { plan: 'find' })]
  if (conditions.length === 0) return undefined
  const found = dynamicQuery<{ limit: number }>('jobsToSearch')((param) => {
    let list = tables.selectFrom('job').select(['number', 'tests_total']).where(visible).where(inTime)
    for (const condition of conditions) list = list.where(condition)
    return list.limit(param('limit'))
  })
  const jobs = await connection.all(found, { limit: MAX_JOBS + 1 })
  return jobs.length <= MAX_JOBS ? jobs : undefined
}
