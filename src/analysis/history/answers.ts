// The query behind /tests/history/.

import { originOf, pathOf, type RequestLike, searchOf } from '../../http/request/links'
import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { pageSizeOf } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { EPOCH, toRanAt } from '../../results/core/ran-at'
import { toScope } from '../../results/scope/model'
import { type ResolvedScope, resolveScope } from '../../results/scope/queries'
import { type Connection, query, tables } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { showFlakiness } from '../flakiness/show'
import { incompleteOf } from '../incomplete'
import { RunContext } from '../runs/context'
import type { Run } from '../runs/read'
import { MAX_RUNS, type TimeRange, toWindow, windowAround, windowOf } from '../runs/window'
import { type Place, toCursor } from '../search/cursor'
import type { FlakinessItem, HistoryItem } from './model'
import { type HistoryQuery, historyQuery } from './query'
import { hasOlderRuns, inScope, newestTime, readHistory } from './read'
import { bySeries, HistoryView } from './show'
import { findTestcases, type NamedTestcase } from './testcases'

const PAGE_SIZE = 100

const runById = query<{ test: number }>()((param) =>
  tables.selectFrom('test').select(['testcase', 'time']).where('id', '=', param('test')),
)

interface Question extends HistoryQuery {
  now: Microseconds
  size: number
}

export const history = defineRequestQuery(
  'history',
  async (connection, request, { now, ...context }: ReadContext & { now: Microseconds }) => {
    const question = {
      ...readQuery(historyQuery, request, context),
      now,
      size: pageSizeOf(request, PAGE_SIZE),
    }
    const testcases = await findTestcases(connection, question)
    return withRowBudget(MAX_RUNS * (2 * testcases.length + 1), () =>
      answerOf(connection, request, question, testcases),
    )
  },
)

async function answerOf(
  connection: Connection,
  request: RequestLike,
  question: Question,
  testcases: NamedTestcase[],
): Promise<HistoryItem> {
  const context = new RunContext(connection)
  const scope = await resolveScope(connection, toScope(question))
  const range = await windowOfQuestion(connection, context, question, testcases)
  const { runs, isTruncated } = await readHistory(connection, context, testcases, range, MAX_RUNS)
  const scoped = await inScope(connection, scope, runs)
  const inWindow = scoped.filter((run) => hasOutcome(run, question))
  const page = question.cursor
    ? await olderPage(connection, context, testcases, scope, question, question.cursor)
    : pageOfWindow(inWindow, question)
  if (!question.cursor && !page.next) {
    const [oldest] = runs
    if (isTruncated && oldest) page.next = placeOf(oldest)
    else if (await hasOlderRuns(connection, context, testcases, range.from)) page.next = before(range.from)
  }
  const view = await HistoryView.of(connection, testcases, [...scoped, ...page.among])
  const counted = question.include ? scoped : scoped.filter(({ of }) => !of.isRecovered)
  const ended = counted.filter(({ outcome }) => outcome !== 'none')
  return {
    testcase: question.testcase ?? question.name ?? '',
    testcases: testcases.map((one) => flakinessItemOf(one, ended)),
    window: toWindow(range, { now: question.now, runs: ended.length, truncated: isTruncated }),
    count: inWindow.length,
    next: page.next ? linkTo(request, page.next) : null,
    runs: await view.showRuns(page.shown, page.among.length > 0 ? page.among : scoped, question.run),
    series: view.showSeries(counted, isTruncated),
    ...(await incompleteOf(connection)),
  }
}

/**
 * Of a test that did not run lately, the usual window ends with its newest run, as that of what is stored does. A run
 * that is asked for may be older than the usual window: then it lies in the middle of the window.
 */
async function windowOfQuestion(
  connection: Connection,
  context: RunContext,
  question: Question,
  testcases: readonly NamedTestcase[],
): Promise<TimeRange> {
  if (question.run === undefined) {
    const range = windowOf(question)
    const isUsual = question.until === undefined && question.days === undefined
    const newest = isUsual ? await newestTime(connection, context, testcases) : undefined
    return newest === undefined || newest >= range.from ? range : windowOf({ ...question, until: newest })
  }
  const run = await connection.first(runById, { test: question.run })
  if (!run || !testcases.some(({ id }) => id === run.testcase)) throw new NotFound()
  return windowAround(run.time, question)
}

interface HistoryPage {
  /** The newest first. */
  shown: Run[]
  /** The runs that were read, in their order; empty: those of the window. */
  among: readonly Run[]
  /** Where older runs begin; undefined: there are none. */
  next: Place | undefined
}

/** @param runs  of the window, in their order. */
function pageOfWindow(runs: readonly Run[], { size, run }: Question): HistoryPage {
  const newestFirst = runs.toReversed()
  const at = run === undefined ? 0 : newestFirst.findIndex(({ test }) => test === run)
  const start = Math.max(0, Math.min(at - Math.floor(size / 2), newestFirst.length - size))
  const shown = newestFirst.slice(start, start + size)
  return { shown, among: [], next: nextAfter(shown, start + size < newestFirst.length) }
}

function nextAfter(shown: readonly Run[], isMore: boolean): Place | undefined {
  const last = shown.at(-1)
  return isMore && last ? placeOf(last) : undefined
}

/** The runs before a place. What a filter leaves out counts: a page may have few runs, or none, and go on. */
async function olderPage(
  connection: Connection,
  context: RunContext,
  testcases: readonly NamedTestcase[],
  scope: ResolvedScope | undefined,
  question: Question,
  cursor: Place,
): Promise<HistoryPage> {
  const range = { from: 0, to: cursor.ranAt + EPOCH }
  const { runs, isTruncated } = await readHistory(connection, context, testcases, range, MAX_RUNS)
  const end = runs.findIndex(({ test }) => test === cursor.id)
  const older = end < 0 ? runs.filter(({ time }) => time < range.to) : runs.slice(0, end)
  const scoped = await inScope(connection, scope, older)
  const newestFirst = scoped.filter((run) => hasOutcome(run, question)).toReversed()
  const shown = newestFirst.slice(0, question.size)
  const [oldest] = runs
  const next =
    nextAfter(shown, newestFirst.length > question.size) ??
    (isTruncated && oldest ? placeOf(oldest) : undefined)
  return { shown, among: await inScope(connection, scope, runs), next }
}

function hasOutcome(run: Run, { outcome }: HistoryQuery): boolean {
  return outcome === undefined || run.outcome === outcome
}

function placeOf({ time, test }: Run): Place {
  return { ranAt: toRanAt(time), id: test }
}

/** Before all runs of this time or later. */
function before(time: Microseconds): Place {
  return { ranAt: toRanAt(time), id: 0 }
}

function linkTo(request: RequestLike, place: Place): string {
  const query = searchOf(request)
  query.delete('run')
  query.set('cursor', toCursor(place))
  const path = pathOf(request)
  return `${originOf(request)}${path}${path.endsWith('/') ? '' : '/'}?${query}`
}

/** @param runs  with an outcome, of all test cases. */
function flakinessItemOf(testcase: NamedTestcase, runs: readonly Run[]): FlakinessItem {
  const { id, suite, name, variant } = testcase
  const series = bySeries(runs.filter((run) => run.testcase === id))
  return { testcase: testcase.testcase, suite, name, variant, ...showFlakiness(series) }
}
