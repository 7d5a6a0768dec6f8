// Lists runs over all jobs, the newest first: as far as a page, or as far as a budget allows.

import { type RawBuilder, sql } from 'kysely'
import { formatTime } from '../../lib/time'
import { visible } from '../../results/core/job-reference'
import { EPOCH, toRanAt } from '../../results/core/ran-at'
import { environmentOfRun, scopeConditions } from '../../results/scope/queries'
import { hasStatus } from '../../results/tests/filters'
import {
  type Connection,
  dynamicQuery,
  inList,
  inTime,
  members,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { readOutcomes } from '../runs/interruptions'
import type { Outcome } from '../runs/outcome'
import { byKey, type Place, type RunKey, TOP } from './cursor'
import type { RunFilters } from './filters'
import { hasId } from './ids'
import type { FoundRun } from './model'
import { chooseSource, MAX_COLLECTED, type RunFilter, type RunSource } from './run-sources'

/** How many runs one answer looks at, if the filters leave no few. */
const MAX_SCANNED = MAX_COLLECTED
const BATCH = 2000
/** Runs of one moment that are put in order at once: the tests of a job that tells no starts. */
const MAX_AT_ONCE = 2000
/** Runs of one moment among which the one to show is chosen. */
export const MAX_SHOWN_AT_ONCE = 20
/** How much of a fail reason is shown, in characters. */
const SHOWN_REASON = 1000

export interface RunList extends RunFilter {
  status: RunFilters['status']
  outcome: Outcome | undefined
}

/** A page of runs. */
export interface RunPage {
  runs: FoundRun[]
  /** Where the next page begins; undefined: there are no more runs. */
  next: Place | undefined
  /** All fitting runs of this time and later have been listed; undefined: the page is full, or the list has ended. */
  scannedUntil: string | undefined
}

/** @param after  where the page begins. */
export async function listFoundRuns(
  connection: Connection,
  list: RunList,
  after = TOP,
  limit = 10,
): Promise<RunPage> {
  const source = await chooseSource(connection, list)
  const until = toRanAt(list.times.until)
  const first: Place = after.ranAt >= until ? { ranAt: until, id: 0 } : after
  const size = Math.min(BATCH, Math.max(100, 4 * limit))
  const found: FittingRun[] = []
  let place = first
  for (let scanned = 0; found.length <= limit && (source.isSmall || scanned < MAX_SCANNED); ) {
    const batch = await nextBatch(source, place, size)
    scanned += batch.length
    const last = batch.at(-1)
    if (!last) return { runs: await showRuns(connection, found), next: undefined, scannedUntil: undefined }
    found.push(...(await inOrder(connection, await fittingOf(connection, list, batch), place)))
    place = { ranAt: last.ranAt, id: last.id }
  }
  const page = found.slice(0, limit)
  const isFull = found.length > limit
  return {
    runs: await showRuns(connection, page),
    next: isFull ? placeBetween(page.at(-1), found[limit]) : place,
    scannedUntil: isFull ? undefined : formatTime(place.ranAt + EPOCH),
  }
}

/** The next candidates, and all others of the moment of the last one, as far as they are few. */
async function nextBatch(source: RunSource, { ranAt, id }: Place, size: number): Promise<Place[]> {
  const batch = await source.after({ ranAt, id }, size)
  const last = batch.at(-1)
  if (!last || batch.length < size) return batch
  const [next] = await source.after(last, 1)
  if (next?.ranAt !== last.ranAt) return batch
  const more = await source.after(last, MAX_AT_ONCE)
  return [...batch, ...more.filter((one) => one.ranAt === last.ranAt)]
}

/** A run that fits, in its order. */
interface FittingRun {
  id: number
  ranAt: number
  /** Where the candidates of its moment began. */
  start: Place
  /** Only of runs of one moment. */
  key: RunKey | undefined
}

/** @param from  the place where the candidates were looked for; the runs up to it are left out. */
async function inOrder(
  connection: Connection,
  runs: readonly Pick<Place, 'id' | 'ranAt'>[],
  from: Place,
): Promise<FittingRun[]> {
  const moments = Map.groupBy(runs, ({ ranAt }) => ranAt)
  const needsKey = ({ ranAt }: { ranAt: number }) =>
    (moments.get(ranAt)?.length ?? 0) > 1 || (from.after !== undefined && ranAt === from.ranAt)
  const ids = toNumberList(runs.filter(needsKey).map(({ id }) => id))
  const keys = new Map((await connection.all(keysOf, { ids })).map(({ id, ...key }) => [id, key]))
  const { after } = from
  return runs
    .map(({ id, ranAt }): FittingRun => {
      const start = ranAt === from.ranAt ? { ranAt, id: from.id } : { ranAt, id: TOP.id }
      return { id, ranAt, start, key: keys.get(id) }
    })
    .filter(({ ranAt, key }) => !after || ranAt !== from.ranAt || (key && byKey(key, after) > 0))
    .sort((one, other) => other.ranAt - one.ranAt || (one.key && other.key ? byKey(one.key, other.key) : 0))
}

/** The place behind a run, where another one follows. */
function placeBetween(last: FittingRun | undefined, next: FittingRun | undefined): Place | undefined {
  if (!last || !next) return undefined
  if (last.ranAt !== next.ranAt) return { ranAt: last.ranAt, id: 0 }
  return last.start.id === next.start.id && last.key ? { ...last.start, after: last.key } : next.start
}

const keysOf = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('job', 'job.number', 'test.job')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .select(['test.id', 'job.id as job', sql<string>`test.prefix || testcase.text`.as('tag')])
    .where(inList('test.id', param('ids'))),
)

/** Those of some runs that fit, in any order. */
async function fittingOf(connection: Connection, list: RunList, batch: readonly Place[]): Promise<Place[]> {
  const { selection, outcome } = list
  const fitting = dynamicQuery('fittingRuns')(() => {
    let runs = tables
      .selectFrom('test')
      .innerJoin('job', 'job.number', 'test.job')
      .select([
        'test.id',
        'test.ran_at as ranAt',
        'test.testcase',
        'test.fail_reason as reason',
        'test.status',
        'test.reported_status',
      ])
      .where(inTime)
      .where(sql<boolean>`test.id IN ${members(batch.map(({ id }) => id))}`)
      .where(visible)
    for (const condition of conditionsOf(list)) runs = runs.where(condition)
    return runs
  })
  const runs = (await connection.all(fitting, {})).filter(
    ({ testcase, reason }) =>
      hasId(selection.testcases, testcase) &&
      hasId(selection.reasons, reason) &&
      (selection.words?.fits(testcase, reason) ?? true),
  )
  if (outcome === undefined) return runs
  const outcomeOf = await readOutcomes(connection, runs)
  return runs.filter((run) => outcomeOf(run) === outcome)
}

function* conditionsOf({ status, scope }: RunList): Generator<RawBuilder<boolean>> {
  if (status && status.length > 0) yield hasStatus(status)
  if (scope) {
    yield* scopeConditions(scope, { plan: 'check', environment: environmentOfRun })
  }
}

/** The runs of the newest moment, as far as they are few, of runs of which the newest are first. */
export function atNewestMoment<R extends { ranAt: number }>(runs: readonly R[]): R[] {
  const other = runs.findIndex(({ ranAt }) => ranAt !== runs[0]?.ranAt)
  return runs.slice(0, Math.min(MAX_SHOWN_AT_ONCE, other < 0 ? runs.length : other))
}

/** Of runs of one moment the one that lists show first. */
export function firstShown(runs: readonly FoundRun[]): FoundRun | undefined {
  const keyOf = ({ jobId, prefix, testcase }: FoundRun) => ({ job: jobId, tag: prefix + testcase })
  return runs.toSorted((one, other) => byKey(keyOf(one), keyOf(other)))[0]
}

const shownRuns = query<{ ids: NumberList; length: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('job', 'job.number', 'test.job')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .leftJoin('fail_reason', 'fail_reason.id', 'test.fail_reason')
    .leftJoin('host', 'host.id', 'job.host')
    .leftJoin('branch', 'branch.id', 'job.branch')
    .select([
      'test.id',
      'test.ran_at as ranAt',
      'test.prefix',
      'testcase.text as testcase',
      'testcase.suite',
      'testcase.variant',
      'test.status',
      'test.reported_status',
      'test.time',
      'test.elapsed',
      'job.id as jobId',
      'job.number as jobNumber',
      'job.description as jobDescription',
      'host.name as host',
      'branch.name as branch',
      'fail_reason.template',
      sql<string | null>`substr(fail_reason.text, 1, ${param('length')})`.as('reason'),
      sql<number>`CASE WHEN length(fail_reason.text) > ${param('length')} THEN 1 ELSE 0 END`.as(
        'reasonIsCut',
      ),
    ])
    .where(inList('test.id', param('ids'))),
)

/** All columns of some runs, in their order. */
export async function showRuns(
  connection: Connection,
  places: readonly Pick<Place, 'id'>[],
): Promise<FoundRun[]> {
  if (places.length === 0) return []
  const ids = toNumberList(places.map(({ id }) => id))
  const runs = await connection.allOfAnswer(shownRuns, { ids, length: SHOWN_REASON })
  const order = new Map(places.map(({ id }, index) => [id, index]))
  return runs.sort((one, other) => (order.get(one.id) ?? 0) - (order.get(other.id) ?? 0))
}
