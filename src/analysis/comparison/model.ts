// The parameters and wire formats of /jobs/compare/.

import { type Static, Type as t } from '@sinclair/typebox'
import { keywords, withDescription } from '../../http/request/query'
import { type Field, optional, text } from '../../http/resource/fields'
import { pageOf } from '../../http/resource/pagination'
import type { Shape } from '../../http/resource/shapes'
import { formatTime } from '../../lib/time'
import { differenceItem } from '../../results/environments/difference'
import { jobStatusName, reportedStatusName, testStatusName } from '../../results/statuses/model'
import { runsToDecide } from '../flakiness/rerun'
import { knownIssueLink } from '../known-issues/model'
import { incompleteItem, testcaseFields, toTestcase, windowItem } from '../model'
import { alsoOnItem } from './also-on'
import { type AskedBase, readAskedBase, rules } from './baseline'
import { type Class, changedClasses, classes } from './classes'
import type { ComparedCase, Side } from './compare'
import type { PlacedJob } from './earlier-jobs'
import type { Place } from './place'
import type { Template } from './reasons'
import { recordedItem } from './recorded'

/** Test cases of a page: an answer about a usual job has all of them. */
export const PAGE_SIZE = 1000

const reference = text({ min: 1, max: 300 })
const askedBase: Field<NonNullable<AskedBase>> = {
  schema: reference.schema,
  read: (given) => readAskedBase(reference.read(given)),
}
const classWords: Record<string, readonly Class[]> = {
  ...Object.fromEntries(classes.map((name) => [name, [name]])),
  changed: changedClasses,
}

export const comparisonQuery = {
  job: withDescription('The job to look at: its id, the beginning of its id, or its number', reference),
  base: optional(
    withDescription(
      'The job to compare it with: as `job`; `last_good`; or `label:KEY:VALUE`, the newest such job before it. ' +
        'Unless told the newest earlier job of the same host, branch and plan that has 80 % of its test cases',
      askedBase,
    ),
  ),
  class: optional(
    withDescription(
      `Which test cases to list, separated by commas: ${classes.join(', ')}, or changed: all but unchanged and still_failing`,
      keywords(classWords, 'class'),
    ),
  ),
} satisfies Shape

export const contentsQuery = {
  job: comparisonQuery.job,
  base: withDescription('The job to compare it with, named as `job` is', reference),
  path: withDescription(
    'The path of a file of the jobs, such as `sysinfo/pre/cmdline`',
    text({ min: 1, max: 4096 }),
  ),
} satisfies Shape

/** Bytes of each file that are compared. */
export const MAX_BYTES = 1024 ** 2
export const MAX_LINES = 2000

const line = t.Integer({ minimum: 1, description: 'The number of its first line' })
const size = t.Union([t.Integer({ minimum: 0 }), t.Null()], {
  description: 'Bytes; null: there is no such file',
})

export const contentsItem = t.Object({
  path: t.String(),
  base_size: size,
  job_size: size,
  binary: t.Boolean({ description: 'Its lines are not compared' }),
  truncated: t.Boolean({
    description: `Only the first ${MAX_BYTES} bytes were compared, or only the first ${MAX_LINES} lines of the differences are shown`,
  }),
  hunks: t.Array(
    t.Object({
      base: line,
      job: line,
      lines: t.Array(t.String(), {
        description: 'As of `diff -u`: the first character is -, + or a space',
      }),
    }),
  ),
})

const integer = t.Integer({ minimum: 0 })
const orNull = (description: string) => t.Union([t.String(), t.Null()], { description })

const comparedJob = t.Object({
  id: t.String(),
  number: t.Integer(),
  description: t.Union([t.String(), t.Null()]),
  time: t.String({ format: 'date-time' }),
  status: t.Union([t.String(), t.Null()]),
  host: orNull('null: unknown'),
  branch: orNull('null: none'),
  plan: orNull('null: none'),
  distro: orNull('Name, version and architecture; null: unknown'),
  kernel: orNull('null: unknown'),
  environment: t.Union([t.Integer(), t.Null()]),
  tests: integer,
  over: t.Boolean({ description: 'false: more of its tests may come' }),
})

const side = t.Union(
  [
    t.Object({
      test: t.Integer({ description: 'The id of the test' }),
      status: t.Union([t.String(), t.Null()]),
      reported_status: t.Optional(t.String()),
      elapsed_time: t.Union([t.Number(), t.Null()], { description: 'Seconds' }),
      runs: t.Integer({ minimum: 1, description: 'How often it ran in the job; the last run counts' }),
    }),
    t.Null(),
  ],
  { description: 'null: the job has no such test' },
)

const comparedTest = t.Object({
  ...testcaseFields,
  class: t.String({ description: classes.join(', ') }),
  base: side,
  job: side,
  probability: t.Union([t.Number({ minimum: 0, maximum: 1 }), t.Null()], {
    description: 'Of a failure in the job: that it is a regression; null: it did not fail',
  }),
  flake_rate: t.Optional(t.Number({ description: 'How often it fails while it works' })),
  streak: t.Optional(t.Integer({ minimum: 1, description: 'Failures in a row, this one included' })),
  more_runs: t.Optional(
    t.Object(
      {
        if_fails: t.Union([t.Integer(), t.Null()]),
        if_passes: t.Union([t.Integer(), t.Null()]),
      },
      { description: 'How many more runs decide whether it is one; null: such runs never do' },
    ),
  ),
  ratio: t.Optional(t.Number({ description: 'How many times as long it took' })),
  known_issue: t.Optional(knownIssueLink),
  template: orNull('The fail reason without what differs from run to run: of the job, else of the base'),
  template_id: t.Union([t.Integer(), t.Null()]),
})

const page = pageOf(comparedTest).properties

export const comparisonItem = t.Object({
  base: orNull('The id of the job it is compared with; null: no job fits'),
  base_number: t.Union([t.Integer(), t.Null()]),
  job: t.String({ description: 'The id of the job' }),
  job_number: t.Integer(),
  baseline: t.Object({
    rule: t.String({ description: rules.join(', ') }),
    reason: t.String({ description: 'Why this job, in a sentence' }),
  }),
  jobs: t.Object({ base: t.Union([comparedJob, t.Null()]), job: comparedJob }),
  counts: t.Object(
    Object.fromEntries(classes.map((name) => [name, integer])) as Record<Class, typeof integer>,
    { description: 'Test cases of each class, whatever is listed' },
  ),
  reasons: t.Integer({ minimum: 0, description: 'How many fail reasons the regressions have' }),
  count: page.count,
  next: page.next,
  previous: page.previous,
  tests: t.Array(comparedTest, { description: 'In the order of the classes above, then by reason and name' }),
  environment: t.Union([differenceItem, t.Null()], {
    description: 'null: the environment of one of the jobs is unknown',
  }),
  also_on: t.Array(alsoOnItem, {
    description: 'Other hosts on which the regressions are, with the changes that both hosts got',
  }),
  ...recordedItem,
  window: windowItem,
  incomplete: incompleteItem,
})
export type Comparison = Static<typeof comparisonItem>
export type ComparedTestItem = Static<typeof comparedTest>

export function toComparedJob(
  { id, number, description, time, status, environment, tests_total: tests }: PlacedJob,
  place: Place,
  { kernel, over }: { kernel: string | null; over: boolean },
): Static<typeof comparedJob> {
  return {
    id,
    number,
    description,
    time: formatTime(time),
    status: jobStatusName(status),
    ...place,
    kernel,
    environment,
    tests,
    over,
  }
}

function toSide(side: Side | undefined): ComparedTestItem['base'] {
  if (!side) return null
  const { id, status, reported_status, elapsed } = side.test
  return {
    test: id,
    status: testStatusName(status),
    ...(reported_status !== null && { reported_status: reportedStatusName(reported_status) ?? '' }),
    elapsed_time: elapsed,
    runs: side.runs,
  }
}

export function toComparedTest(
  { text, suite, variant, class: name, base, job, failure, ratio, knownIssue }: ComparedCase,
  template: Template | undefined,
): ComparedTestItem {
  const isOpen = failure && (name === 'flaky' || name === 'unconfirmed')
  return {
    ...toTestcase({ testcase: text, suite, variant }),
    class: name,
    base: toSide(base),
    job: toSide(job),
    probability: failure?.probability ?? null,
    ...(failure && { flake_rate: failure.flakeRate, streak: failure.streak }),
    ...(isOpen && { more_runs: runsToDecide(failure.flakeRate, failure.streak) }),
    ...(ratio !== 1 && { ratio }),
    ...(knownIssue && { known_issue: knownIssue }),
    template: template?.text ?? null,
    template_id: template?.id ?? null,
  }
}
