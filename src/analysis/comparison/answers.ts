// The query behind GET /jobs/compare/.

import type { RequestLike } from '../../http/request/links'
import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { compareTexts } from '../../lib/texts'
import { formatTime, type Microseconds } from '../../lib/time'
import { isOver } from '../../results/core/endings'
import { differenceOf, toDifference } from '../../results/environments/difference'
import { kernelsOf } from '../../results/environments/kernels'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { alsoOn } from './also-on'
import { type Baseline, findBaseline } from './baseline'
import { type Class, classes } from './classes'
import { type ComparedCase, compareTests, type Side } from './compare'
import { namedJob, type PlacedJob } from './earlier-jobs'
import { MAX_JOBS } from './earlier-runs'
import { type Comparison, comparisonQuery, PAGE_SIZE, toComparedJob, toComparedTest } from './model'
import { placeOf } from './place'
import { reasonsOf, type Template } from './reasons'
import { compareRecorded } from './recorded'

/** Of the tests of a job that many may have to be looked up in the jobs before. */
const SHARE_LOOKED_UP = 0.5
/** Components of an environment and data of a job, which are read whole. */
const ROWS_OF_ENVIRONMENT = 1000

type Given = ReadContext & { now: Microseconds }

export const comparison = defineRequestQuery(
  'comparison',
  async (connection, request, { now, ...context }: Given) => {
    const query = readQuery(comparisonQuery, request, context)
    const job = await namedJob(connection, query.job)
    return findBaseline(connection, job, query.base, now).map((baseline) => {
      const wanted = query.class && new Set(query.class.flat())
      if (!baseline.job) return answerOf(connection, request, { job, baseline, now, wanted })
      const tests = job.tests_total + baseline.job.tests_total
      const rows = tests + SHARE_LOOKED_UP * MAX_JOBS * job.tests_total + ROWS_OF_ENVIRONMENT
      return withRowBudget(rows, () => answerOf(connection, request, { job, baseline, now, wanted }))
    })
  },
)

interface Found {
  job: PlacedJob
  baseline: Baseline
  now: Microseconds
  /** The classes to list; undefined: all. */
  wanted: Set<Class> | undefined
}

async function answerOf(
  connection: Connection,
  request: RequestLike,
  { job, baseline: { job: base, rule, reason }, now, wanted }: Found,
): Promise<Comparison> {
  const { cases, looked } = base
    ? await compareTests(connection, base, job, now)
    : { cases: [], looked: { runs: 0, since: job.time } }
  const reasons = await reasonsOf(
    connection,
    cases.flatMap((one) => failureOf(one)?.test.id ?? []),
  )
  const templateOf = (one: ComparedCase) => reasons.get(failureOf(one)?.test.id ?? 0)
  const listed = inOrder(wanted ? cases.filter((one) => wanted.has(one.class)) : cases, templateOf)
  const { results: tests, ...page } = await paginate(
    request,
    listed.length,
    ({ offset, limit }) =>
      listed.slice(offset, offset + limit).map((one) => toComparedTest(one, templateOf(one))),
    PAGE_SIZE,
  )
  const environments = [base && environmentOf(base, cases, 'base'), environmentOf(job, cases, 'job')]
  const [before, after] = environments
  const difference =
    before == null || after == null ? undefined : await differenceOf(connection, before, after)
  const regressed = cases
    .filter((one) => one.class === 'regression')
    .map((one) => ({ testcase: one.testcase, template: templateOf(one)?.id ?? null }))
  const kernels = await kernelsOf(
    connection,
    environments.filter((id) => id != null),
  )
  const shown = async (one: PlacedJob, environment: number | null | undefined) =>
    toComparedJob({ ...one, environment: environment ?? null }, await placeOf(connection, one), {
      kernel: kernels.get(environment ?? 0) ?? null,
      over: isOver(one, now),
    })
  return {
    base: base?.id ?? null,
    base_number: base?.number ?? null,
    job: job.id,
    job_number: job.number,
    baseline: { rule, reason },
    jobs: { base: base ? await shown(base, before) : null, job: await shown(job, after) },
    counts: countsOf(cases),
    reasons: new Set(
      cases.flatMap((one) => (one.class === 'regression' ? (templateOf(one)?.text ?? '') : [])),
    ).size,
    ...page,
    tests,
    environment: difference ? toDifference(difference) : null,
    also_on: difference ? await alsoOn(connection, regressed, job.host, difference) : [],
    ...(base ? await compareRecorded(connection, base.number, job.number) : { parameters: [], files: [] }),
    window: {
      from: formatTime(looked.since),
      to: formatTime(job.time),
      runs: looked.runs + (base ? base.tests_total + job.tests_total : 0),
      truncated: false,
    },
    ...(await incompleteOf(connection)),
  }
}

/** The failure whose reason is shown: the one in the job, else the one in the base. */
function failureOf({ base, job }: ComparedCase): Side | undefined {
  return [job, base].find((side) => side?.outcome === 'failed')
}

function countsOf(cases: ComparedCase[]): Comparison['counts'] {
  const counts = Object.fromEntries(classes.map((name) => [name, 0])) as Comparison['counts']
  for (const { class: name } of cases) counts[name]++
  return counts
}

/** By class, then by reason, the one with the most tests first, then by name. */
function inOrder(
  cases: ComparedCase[],
  templateOf: (one: ComparedCase) => Template | undefined,
): ComparedCase[] {
  const ranks = new Map(classes.map((name, rank) => [name, rank]))
  const keyOf = (one: ComparedCase) => `${one.class} ${templateOf(one)?.text ?? ''}`
  const sizes = new Map<string, number>()
  for (const one of cases) sizes.set(keyOf(one), (sizes.get(keyOf(one)) ?? 0) + 1)
  const sortable = cases.map((one) => {
    const template = templateOf(one)
    const rank = ranks.get(one.class) ?? classes.length
    const size = template ? (sizes.get(keyOf(one)) ?? 0) : 0
    return { one, rank, size, reason: template?.text ?? '', name: `${one.suite} ${one.text}` }
  })
  sortable.sort(
    (a, b) =>
      a.rank - b.rank ||
      b.size - a.size ||
      compareTexts(a.reason, b.reason) ||
      compareTexts(a.name, b.name) ||
      a.one.testcase - b.one.testcase,
  )
  return sortable.map(({ one }) => one)
}

/** The environment of a job; where its tests name several, the one of the most tests. */
function environmentOf(job: PlacedJob, cases: ComparedCase[], side: 'base' | 'job'): number | null {
  if (job.environment !== null) return job.environment
  const tests = new Map<number, number>()
  for (const one of cases) {
    const environment = one[side]?.test.environment
    if (environment != null) tests.set(environment, (tests.get(environment) ?? 0) + 1)
  }
  const [most] = [...tests].sort(([a, testsA], [b, testsB]) => testsB - testsA || a - b)
  return most?.[0] ?? null
}
