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
import { byPlace, type Place, TOP } from './cursor'
import type { RunFilters } from './filters'
import { hasId } from './ids'
import type { FoundRun } from './model'
import { chooseSource, MAX_COLLECTED, type RunFilter } from './run-sources'

/** How many runs one answer looks at, if the filters leave no few. */
const MAX_SCANNED = MAX_COLLECTED
const BATCH = 2000
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
  const found: Place[] = []
  let place = first
  for (let scanned = 0; found.length <= limit && (source.isSmall || scanned < MAX_SCANNED); ) {
    const batch = await source.after(place, Math.min(BATCH, Math.max(100, 4 * limit)))
    scanned += batch.length
    const last = batch.at(-1)
    if (!last) return { runs: await showRuns(connection, found), next: undefined, scannedUntil: undefined }
    found.push(...(await fittingOf(connection, list, batch)))
    place = last
  }
  const page = found.slice(0, limit)
  const isFull = found.length > limit
  return {
    runs: await showRuns(connection, page),
    next: isFull ? page.at(-1) : place,
    scannedUntil: isFull ? undefined : formatTime(place.ranAt + EPOCH),
  }
}

/** Those of some runs that fit, in order. */
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
  if (outcome === undefined) return runs.sort(byPlace)
  const outcomeOf = await readOutcomes(connection, runs)
  return runs.filter((run) => outcomeOf(run) === outcome).sort(byPlace)
}

function* conditionsOf({ status, scope }: RunList): Generator<RawBuilder<boolean>> {
  if (status && status.length > 0) yield hasStatus(status)
  if (scope) {
    yield* scopeConditions(scope, { plan: 'check', environment: environmentOfRun })
  }
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
      sql<number>`coalesce(length(fail_reason.text) > ${param('length')}, 0)`.as('reasonIsCut'),
    ])
    .where(inList('test.id', param('ids'))),
)

/** All columns of some runs, in order. */
export async function showRuns(
  connection: Connection,
  places: readonly Pick<Place, 'id'>[],
): Promise<FoundRun[]> {
  if (places.length === 0) return []
  const ids = toNumberList(places.map(({ id }) => id))
  return (await connection.allOfAnswer(shownRuns, { ids, length: SHOWN_REASON })).sort(byPlace)
}
