// The queries behind /triage/ and /triage/CAUSE/tests/.

import { pathOf, type RequestLike, searchOf } from '../../http/request/links'
import { readQuery } from '../../http/request/query'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { DomainError } from '../../lib/errors'
import { compareTexts } from '../../lib/texts'
import { formatTime, type Microseconds } from '../../lib/time'
import { maxTestCount } from '../../results/tests/reference'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { toTestcase } from '../model'
import { templateTexts, toJobItem } from '../names'
import { describeCauses, textOf } from './cause-details'
import { describeTests, MAX_RUNS } from './cause-tests'
import { type Cause, makeCauses, type Naming } from './causes'
import { readEvidence, readStates } from './evidence'
import { MAX_FAILURES, readFailures } from './failures'
import { collectFailures, type Group, groupNames, type Item, makeItems, testcasesInDoubt } from './items'
import { addKnownIssues } from './known'
import { jobNames, testcaseNames } from './lookups'
import { type GroupPage, PAGE_SIZE, type TriageItem, triageQuery } from './model'
import { nightsOf } from './nights'
import { numbersOf, rowsOfNumbers } from './numbers'
import { MAX_REGRESSIONS, readRegressions, regressionsInScope } from './regressions'
import { type Given, readWindow, type TriageWindow } from './window'

/** What one list may look at: failures and regressions, and a few rows about each. */
const MAX_ROWS = 4 * (MAX_FAILURES + 3 * MAX_REGRESSIONS)

export const triage = defineRequestQuery('triage', async (connection, request, given: Given) => {
  const { group } = readQuery(triageQuery, request, given)
  const window = await readWindow(connection, request, given)
  const rows = Math.min(await maxTestCount(connection), MAX_ROWS) + (await rowsOfNumbers(connection, window))
  return withRowBudget(rows, async (): Promise<TriageItem> => {
    const { causes, texts, failures, isTruncated } = await readCauses(connection, window, given.now)
    const { jobs, tests, hosts, newest } = await numbersOf(connection, window)
    const shown: Partial<Record<Group, GroupPage>> = {}
    for (const name of group ? [group] : groupNames) {
      const found = causes.filter((cause) => cause.group === name)
      shown[name] = await pageOfGroup(connection, forGroup(request, name), found, texts, window)
    }
    return {
      window: {
        from: formatTime(window.from),
        to: formatTime(window.shownTo),
        jobs,
        tests,
        hosts,
        failures,
        last_job: newest ? toJobItem(newest) : null,
        truncated: isTruncated,
      },
      ...(given.looked !== undefined && {
        looked_at: given.looked === null ? null : formatTime(given.looked),
      }),
      ...(!group && { infrastructure: await nightsOf(connection, window) }),
      ...shown,
      ...(await incompleteOf(connection)),
    }
  })
})

export const testsOfCause = defineRequestQuery(
  'testsOfCause',
  async (connection, request, { cause: id, ...given }: Given & { cause: string }) => {
    const window = await readWindow(connection, request, given)
    const rows = Math.min(await maxTestCount(connection), MAX_ROWS + PAGE_SIZE * MAX_RUNS)
    return withRowBudget(rows, async () => {
      const { causes, texts } = await readCauses(connection, window, given.now)
      const cause = causes.find((one) => one.id === id)
      if (!cause) {
        throw new DomainError('not_found', {
          detail: `There is no cause ${JSON.stringify(id)} in this window: it may be in another group by now.`,
        })
      }
      const items = await inOrderOfNames(connection, cause.items)
      const page = await paginate(
        request,
        items.length,
        async ({ offset, limit }) => {
          const shown = items.slice(offset, offset + limit)
          const testcases = shown.map(({ testcase }) => testcase)
          return describeTests(connection, shown, texts, await readStates(connection, testcases))
        },
        PAGE_SIZE,
      )

      return { ...page, ...(await incompleteOf(connection)) }
    })
  },
)

async function readCauses(connection: Connection, window: TriageWindow, now: Microseconds) {
  const { failures, isTruncated } = await readFailures(connection, window)
  const found = await readRegressions(connection, window)
  const seen = collectFailures(failures, found.regressions)
  const regressions = await regressionsInScope(connection, found.regressions, window)
  const jobs = [...new Set(failures.map(({ job }) => job))]
  const evidence = await readEvidence(connection, testcasesInDoubt(seen, regressions), jobs)
  const items = await addKnownIssues(connection, makeItems(seen, regressions, evidence, window), now)
  const texts = await templateTexts(
    connection,
    new Set(items.flatMap(({ template }) => (typeof template === 'number' ? template : []))),
  )
  return {
    causes: makeCauses(items, await namingOf(connection, items, texts)),
    texts,
    failures: failures.length,
    isTruncated: isTruncated || found.isTruncated,
  }
}

async function namingOf(
  connection: Connection,
  items: readonly Item[],
  texts: ReadonlyMap<number, string>,
): Promise<Naming> {
  const atOnce = Map.groupBy(items, ({ since }) => since.time)
  const testcases = await testcaseNames(
    connection,
    items.flatMap(({ template, testcase, since }) =>
      template === null || (atOnce.get(since.time)?.length ?? 0) > 1 ? testcase : [],
    ),
  )
  const keyOf = ({ testcase, template }: Item) => {
    const { suite = '', testcase: text = '' } = testcases.get(testcase) ?? {}
    return [text, suite, textOf(template, texts) ?? ''].join('\0')
  }
  const jobs = await jobNames(
    connection,
    items.flatMap(({ hosts }) => (hosts.length === 1 && hosts[0] ? hosts[0].first.job : [])),
  )
  return {
    nameOf(id: number) {
      const testcase = testcases.get(id)
      return testcase ? JSON.stringify([testcase.suite, toTestcase(testcase).name]) : String(id)
    },
    compareTests: (one: Item, other: Item) => compareTexts(keyOf(one), keyOf(other)),
    testsOfJob: (job: number) => jobs.get(job)?.tests ?? Number.POSITIVE_INFINITY,
  }
}

async function pageOfGroup(
  connection: Connection,
  request: RequestLike,
  causes: readonly Cause[],
  texts: ReadonlyMap<number, string>,
  window: TriageWindow,
): Promise<GroupPage> {
  const items = causes.flatMap((cause) => cause.items)
  const states: Record<string, number> = {}
  for (const { state } of causes) states[state] = (states[state] ?? 0) + 1
  return {
    ...(await paginate(
      request,
      causes.length,
      ({ offset, limit }) => describeCauses(connection, causes.slice(offset, offset + limit), texts, window),
      PAGE_SIZE,
    )),
    tests: new Set(items.map(({ testcase }) => testcase)).size,
    hosts: new Set(items.flatMap(({ hosts }) => hosts.map(({ host }) => host))).size,
    states,
  }
}

/** The request for one group alone: links to other pages lead there. */
function forGroup(request: RequestLike, group: Group): RequestLike {
  const query = searchOf(request)
  if (query.has('group')) return request
  query.set('group', group)
  query.delete('page')
  return { url: `${pathOf(request)}?${query}`, headers: request.headers }
}

async function inOrderOfNames(connection: Connection, items: readonly Item[]): Promise<Item[]> {
  const names = await testcaseNames(
    connection,
    items.map(({ testcase }) => testcase),
  )
  const nameOf = ({ testcase }: Item) => {
    const { suite = '', testcase: text = '' } = names.get(testcase) ?? {}
    return `${suite} ${text}`
  }
  return items
    .map((item) => ({ item, name: nameOf(item) }))
    .sort((one, other) => compareTexts(one.name, other.name) || one.item.since.time - other.item.since.time)
    .map(({ item }) => item)
}
