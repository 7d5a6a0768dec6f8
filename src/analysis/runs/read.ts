// Reads the runs of a test case. Nearly all of it is in one range of an index; of failures the reason is looked up, too.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { EPOCH } from '../../results/core/ran-at'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import type { RunContext, RunJob } from './context'
import { type RunTemplate, readFailures } from './failures'
import { readOutcomes } from './interruptions'
import { compareRuns } from './order'
import type { Outcome } from './outcome'
import { defaultWindow, MAX_RUNS, type TimeRange, toRanAtRange, windowOf } from './window'

export interface Run {
  /** The id of the test. */
  test: number
  testcase: number
  /** When it started, else when its job did. */
  time: Microseconds
  /** The id of its job, for the order of runs. */
  job: string
  /** What its tag has before the test case. Only runs of one moment and one job have one here, and failures. */
  tag: string
  of: RunJob
  /** Its own, else its job's. */
  environment: number | null
  status: number | null
  outcome: Outcome
  failed: boolean
  /** Of a failure. */
  template: RunTemplate
  /** The id of the reason of a failure; null: it has none. */
  reason: number | null
}

export interface Runs {
  /** In their order. */
  runs: Run[]
  /** The range has more runs, which are older. */
  isTruncated: boolean
}

interface Row {
  id: number
  ran_at: number
  status: number | null
  environment: number | null
  job: number
}

const inRange = tables.selectFrom('test').select(['id', 'ran_at', 'status', 'environment', 'job'])
type Range = { testcase: number; from: number; to: number; limit: number }
// In the order of the index, so that nothing is sorted. The statuses are literals: see test_history.
const newestEnded = query<Range>()((param) =>
  inRange
    .where('testcase', '=', param('testcase'))
    .where('ran_at', '>=', param('from'))
    .where('ran_at', '<=', param('to'))
    .where(sql<boolean>`status IN (1, 2, 3, 5)`)
    .orderBy('ran_at', 'desc')
    .limit(param('limit')),
)
const newest = query<Range>()((param) =>
  inRange
    .where('testcase', '=', param('testcase'))
    .where('ran_at', '>=', param('from'))
    .where('ran_at', '<=', param('to'))
    .orderBy('ran_at', 'desc')
    .limit(param('limit')),
)
const prefixes = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', 'prefix'])
    .where(inList('id', param('tests'))),
)

/** Runs of one moment that may lie at the end of what is read. They are cut off in the order of runs, not of rows. */
const SPARE_ROWS = 64

/**
 * The newest runs of a test case that count: of visible jobs, each once.
 *
 * @param limit  how many; more runs of the range are left out.
 * @param all  also the tests that neither failed nor passed.
 */
export async function readRuns(
  connection: Connection,
  context: RunContext,
  testcase: number,
  range: TimeRange,
  { limit, all = false }: { limit: number; all?: boolean },
): Promise<Runs> {
  const asked = { testcase, ...toRanAtRange(range) }
  let read = limit + SPARE_ROWS
  for (;;) {
    const rows: Row[] = await connection.all(all ? newest : newestEnded, { ...asked, limit: read })
    const runs = (await toRuns(connection, context, testcase, rows)).filter(
      ({ outcome }) => all || outcome !== 'none',
    )
    if (runs.length > limit || rows.length < read) {
      return { runs: runs.slice(-limit), isTruncated: runs.length > limit }
    }
    read *= 4 // most of these are of jobs that do not count
  }
}

/**
 * The runs of a test case that what is stored of it is made of: those of the default window. Of a test that did not run
 * in that time it is the window that ended with its newest run, so that an old database, or an import of old results,
 * tells how things stood.
 */
export async function readWindow(
  connection: Connection,
  context: RunContext,
  testcase: number,
  now: Microseconds,
): Promise<Runs & { window: TimeRange }> {
  const window = defaultWindow(now)
  const found = await readRuns(connection, context, testcase, window, { limit: MAX_RUNS })
  if (found.runs.length > 0) return { ...found, window }
  const ever = { from: 0, to: window.from }
  const [newest] = (await readRuns(connection, context, testcase, ever, { limit: 1 })).runs
  if (!newest) return { ...found, window }
  const past = windowOf({ now, until: newest.time })
  return { ...(await readRuns(connection, context, testcase, past, { limit: MAX_RUNS })), window: past }
}

async function toRuns(
  connection: Connection,
  context: RunContext,
  testcase: number,
  rows: readonly Row[],
): Promise<Run[]> {
  await context.load(rows.map(({ job }) => job))
  const runs: Run[] = []
  for (const { id, ran_at, status, environment, job } of rows) {
    const of = context.find(job)
    if (!of) continue
    runs.push({
      test: id,
      testcase,
      time: ran_at + EPOCH,
      job: of.id,
      tag: '',
      of,
      environment: environment ?? of.environment,
      status,
      outcome: 'none',
      failed: false,
      template: null,
      reason: null,
    })
  }
  await addOutcomes(connection, context, runs)
  runs.sort(compareRuns)
  return inOrderOfTags(connection, runs)
}

const HAVE_REASONS = new Set([2, 3])

async function addOutcomes(
  connection: Connection,
  { newTemplates }: RunContext,
  runs: readonly Run[],
): Promise<void> {
  const failing = runs.filter(({ status }) => HAVE_REASONS.has(status ?? 0))
  const failures = await readFailures(connection, failing, newTemplates)
  const columnsOf = ({ test, status }: Run) => ({
    id: test,
    status,
    reported_status: failures.get(test)?.reported ?? null,
  })
  const outcomeOf = await readOutcomes(connection, failing.map(columnsOf))
  for (const run of runs) {
    const failure = failures.get(run.test)
    run.outcome = outcomeOf(columnsOf(run))
    run.failed = run.outcome === 'failed'
    if (!failure) continue
    run.tag = failure.tag
    if (!run.failed) continue
    run.template = failure.template
    run.reason = failure.reason
  }
}

/** Two runs of one moment in one job, which are rare, come in the order of their tags. */
async function inOrderOfTags(connection: Connection, runs: Run[]): Promise<Run[]> {
  const ties = runs.filter((run, at) => isTie(run, runs[at - 1]) || isTie(run, runs[at + 1]))
  if (ties.length === 0) return runs
  const tags = new Map<number, string>()
  const tests = toNumberList(ties.map(({ test }) => test))
  for (const { id, prefix } of await connection.all(prefixes, { tests })) tags.set(id, prefix)
  for (const run of ties) run.tag = tags.get(run.test) ?? ''
  return runs.sort(compareRuns)
}

function isTie(run: Run, other: Run | undefined): boolean {
  return run.time === other?.time && run.job === other.job
}
