// The incidents of a test case, and how they differ from what is stored. They depend on its runs and on the rules alone,
// not on the order in which the runs arrived.

import type { Microseconds } from '../../lib/time'
import { type Connection, query, tables } from '../../storage/query'
import type { RunContext } from '../runs/context'
import { readRuns } from '../runs/read'
import { MAX_RUNS } from '../runs/window'
import { type Span, spansOf } from './life'
import type { RuleSet } from './rules'

/** How the incidents of a test case differ from those that are stored. Plain values. */
export interface IncidentDifference {
  testcase: number
  added: Incident[]
  removed: Incident[]
  /** What is new or differs of each known issue. No incidents: it has none here any more. */
  cases: IssueCase[]
}

export interface Incident {
  issue: number
  time: Microseconds
  test: number
}

export interface IssueCase {
  issue: number
  incidents: number
  first: Microseconds
  last: Microseconds
  /** JSON, a {@link Span} each. */
  spans: string
}

const testcaseById = query<{ testcase: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(['id', 'text', 'suite', 'variant'])
    .where('id', '=', param('testcase')),
)
const storedIncidents = query<{ testcase: number }>()((param) =>
  tables
    .selectFrom('known_issue_incident')
    .select(['issue', 'time', 'test'])
    .where('testcase', '=', param('testcase')),
)
const storedCases = query<{ testcase: number }>()((param) =>
  tables
    .selectFrom('known_issue_case')
    .select(['issue', 'incidents', 'first_time as first', 'last_time as last', 'spans'])
    .where('testcase', '=', param('testcase')),
)

const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }

/** The newest 1,000 runs count, however old they are: a known issue may come back after months. */
export async function incidentDifferenceOf(
  connection: Connection,
  context: RunContext,
  rules: RuleSet,
  testcase: number,
): Promise<IncidentDifference> {
  const named = await connection.first(testcaseById, { testcase })
  const { runs } = await readRuns(connection, context, testcase, EVER, { limit: MAX_RUNS })
  const found = named ? await rules.incidentsOf(named, runs) : new Map()
  const lives = runs.map((run) => ({ run, time: run.time, host: run.of.host, failed: run.failed }))
  const left = new Map(
    (await connection.all(storedIncidents, { testcase })).map((row) => [`${row.issue} ${row.test}`, row]),
  )
  const cases = new Map((await connection.all(storedCases, { testcase })).map((row) => [row.issue, row]))
  const difference: IncidentDifference = { testcase, added: [], removed: [], cases: [] }
  for (const [issue, incidents] of found) {
    let [first, last] = [Number.POSITIVE_INFINITY, 0]
    for (const { test, time } of incidents) {
      first = Math.min(first, time)
      last = Math.max(last, time)
      const key = `${issue} ${test}`
      const stored = left.get(key)
      if (stored?.time === time) left.delete(key)
      else difference.added.push({ issue, time, test })
    }
    const spans: Span[] = spansOf(lives, ({ run }) => incidents.has(run))
    const one = { issue, incidents: incidents.size, first, last, spans: JSON.stringify(spans) }
    if (!Bun.deepEquals(cases.get(issue), one)) difference.cases.push(one)
    cases.delete(issue)
  }
  difference.removed.push(...left.values())
  for (const one of cases.values()) difference.cases.push({ ...one, incidents: 0 })
  return difference
}

export function isSameAsStored({ added, removed, cases }: IncidentDifference): boolean {
  return added.length + removed.length + cases.length === 0
}
