// Wire formats of the searches: test cases, runs and fail reasons of all jobs.

import { type Static, Type as t } from '@sinclair/typebox'
import { formatTime, type Microseconds } from '../../lib/time'
import { reportedStatusName, testStatusName } from '../../results/statuses/model'
import { brief } from '../../results/tests/model'
import { incompleteItem, jobItem, testcaseFields, timesItem, toTestcase } from '../model'

/** A run as the queries give it. */
export interface FoundRun {
  id: number
  ranAt: number
  prefix: string
  testcase: string
  suite: string
  variant: string | null
  status: number | null
  reported_status: number | null
  time: Microseconds
  elapsed: number | null
  jobId: string
  jobNumber: number
  jobDescription: string | null
  host: string | null
  branch: string | null
  template: number | null
  reason: string | null
  /** Whether `reason` is the beginning of a longer text. */
  reasonIsCut: number
}

const count = t.Integer({ minimum: 0 })
const uriOrNull = t.Union([t.String({ format: 'uri' }), t.Null()])
const textOrNull = (description: string) => t.Union([t.String(), t.Null()], { description })
const reasonFields = {
  fail_reason: textOrNull('Its first 1,000 characters'),
  fail_reason_is_cut: t.Optional(t.Literal(true, { description: 'The test has more of the reason' })),
}

/** A run in an answer that names its test case elsewhere. */
const runRef = t.Object({
  ...jobItem.properties,
  time: t.String({ format: 'date-time', description: 'When it started; where nobody told that, its job' }),
  test: t.Integer({ description: 'The id of the test' }),
  status: brief.status,
  reported_status: brief.reported_status,
  host: textOrNull('null: unknown'),
  branch: textOrNull('null: none'),
})

const foundRunItem = t.Object({
  ...runRef.properties,
  job_description: t.Union([t.String(), t.Null()]),
  tag: brief.tag,
  ...testcaseFields,
  elapsed_time: t.Union([t.Number(), t.Null()], { description: 'Seconds' }),
  ...reasonFields,
  template_id: t.Union([t.Integer(), t.Null()], {
    description: 'The template of the fail reason; null: there is no reason, or it has no template yet',
  }),
})
export type FoundRunItem = Static<typeof foundRunItem>

export const foundRunPage = t.Object({
  next: t.Union([t.String({ format: 'uri' }), t.Null()], { description: 'Older runs' }),
  results: t.Array(foundRunItem, { description: 'The newest first' }),
  scanned_until: t.Optional(
    t.String({
      format: 'date-time',
      description:
        'The search stopped here to keep others from waiting: no older runs were looked at. `next` goes on',
    }),
  ),
  incomplete: incompleteItem,
})
export type FoundRunPage = Static<typeof foundRunPage>

const foundTestcaseItem = t.Object({
  ...testcaseFields,
  runs: t.Integer({ minimum: 0, description: 'In the window, 1,000 at most' }),
  failures: t.Integer({
    minimum: 0,
    description: 'Those of them that ended with FAIL or ERROR, or with INTERRUPTED by a time-out',
  }),
  last_run: t.Union([runRef, t.Null()], { description: 'The newest run' }),
  last_failure: t.Union([t.Object({ ...runRef.properties, ...reasonFields }), t.Null()], {
    description: 'The newest of these failures',
  }),
})
export type FoundTestcaseItem = Static<typeof foundTestcaseItem>

export const foundTestcasePage = t.Object({
  count,
  next: uriOrNull,
  previous: uriOrNull,
  results: t.Array(foundTestcaseItem),
  window: timesItem('The time of the runs that are counted'),
  truncated: t.Optional(
    t.Literal(true, {
      description:
        'There are so many runs, or so many fail reasons with these words, that only the newest were looked at',
    }),
  ),
  incomplete: incompleteItem,
})

const foundReasonItem = t.Object({
  template_id: t.Union([t.Integer(), t.Null()], { description: 'null: it has no template yet' }),
  template: textOrNull('The reason without what differs from run to run'),
  fail_reason: t.String({ description: 'The newest of these reasons: its first 1,000 characters' }),
  fail_reason_is_cut: reasonFields.fail_reason_is_cut,
  reasons: t.Integer({ minimum: 1, description: 'Different texts that were found' }),
  runs: t.Integer({ minimum: 1, description: 'Runs with these reasons, 10,000 at most' }),
  tests: t.Integer({ minimum: 1, description: 'Test cases of these runs' }),
  truncated: t.Optional(t.Literal(true, { description: 'There are more runs than were counted' })),
  last_run: t.Object({ ...runRef.properties, ...testcaseFields }),
})
export type FoundReasonItem = Static<typeof foundReasonItem>

export const foundReasonPage = t.Object({
  count,
  next: uriOrNull,
  previous: uriOrNull,
  results: t.Array(foundReasonItem, { description: 'Those with the newest run first' }),
  truncated: t.Optional(
    t.Literal(true, { description: 'There are so many reasons that only the newest were looked at' }),
  ),
  incomplete: incompleteItem,
})

export function toRunRef(run: FoundRun): Static<typeof runRef> {
  return {
    job: run.jobId,
    job_number: run.jobNumber,
    time: formatTime(run.time),
    test: run.id,
    status: testStatusName(run.status),
    ...(run.reported_status !== null && { reported_status: reportedStatusName(run.reported_status) ?? '' }),
    host: run.host,
    branch: run.branch,
  }
}

export function toReason({ reason, reasonIsCut }: Pick<FoundRun, 'reason' | 'reasonIsCut'>) {
  return { fail_reason: reason, ...(reasonIsCut === 1 && { fail_reason_is_cut: true as const }) }
}

export function toFoundRun(run: FoundRun): FoundRunItem {
  return {
    ...toRunRef(run),
    job_description: run.jobDescription,
    tag: run.prefix + run.testcase,
    ...toTestcase(run),
    elapsed_time: run.elapsed,
    ...toReason(run),
    template_id: run.template,
  }
}
