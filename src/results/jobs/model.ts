// The wire format of a job: what clients send and what they get.

import { Type as t } from '@sinclair/typebox'
import {
  alias,
  anyValue,
  dateTime,
  nullable,
  optional,
  seconds,
  text,
  textMatching,
} from '../../http/resource/fields'
import { type Body, list, type Shape } from '../../http/resource/shapes'
import { formatTime } from '../../lib/time'
import {
  type ActivityRow,
  jobActivityItem,
  MAX_ACTIVITIES,
  newJobActivity,
  newTestActivity,
  toJobActivity,
} from '../activities/model'
import type { JobRow } from '../core/job-reference'
import { newDatum } from '../data/model'
import { type Label, labelChangesField, labelsField, labelsItem, toLabels } from '../labels/model'
import { jobStatusField, jobStatusName } from '../statuses/model'
import { newTest, type TestRow, testItem, toTest } from '../tests/model'

const id = textMatching(/^[A-Za-z0-9._:-]+$/, 'Only letters, digits and . _ : - are allowed.', {
  min: 1,
  max: 40,
})

const head = {
  id: optional(alias('uniqueident', id)),
  description: optional(alias('name', nullable(text({ max: 255 })))),
  time: optional(dateTime),
  elapsed_time: optional(seconds),
  status: optional(jobStatusField),
  labels: optional(labelsField),
  /** `timeout` and `priority` are accepted and not stored: the server does not run jobs. */
  timeout: optional(anyValue),
  priority: optional(anyValue),
} satisfies Shape

/** A test inside a whole job, with its activities and data. */
export const wholeTest = {
  ...newTest,
  activities: optional(list(newTestActivity, { max: MAX_ACTIVITIES.test, noun: 'activities of a test' })),
  data: optional(list(newDatum)),
} satisfies Shape

export const newJob = {
  ...head,
  activities: optional(list(newJobActivity, { max: MAX_ACTIVITIES.job, noun: 'activities of a job' })),
  tests: optional(list(wholeTest)),
} satisfies Shape

/** The fields that PUT reads. `id` is among them so that a changed id gets an error. */
export const replacedJob = head
/** The fields that PATCH reads: it changes some of the labels. */
export const changedJob = { ...head, labels: optional(labelChangesField) } satisfies Shape

/** The columns of `job` that a body sets. Fields that the body does not have are missing. */
export function columnsOf({
  description,
  time,
  elapsed_time: elapsed,
  status,
}: Pick<Partial<Body<typeof head>>, 'description' | 'time' | 'elapsed_time' | 'status'>) {
  return {
    ...(description !== undefined && { description }),
    ...(time !== undefined && { time }),
    ...(elapsed !== undefined && { elapsed }),
    ...(status !== undefined && { status }),
  }
}

const RESERVED = new Set(['.', '..', 'summary', 'latest', 'compare', 'search', 'export', 'events'])

/** Whether a job with this id would hide a job's number or another path below /jobs/. */
export function isReservedId(id: string): boolean {
  return /^\d{1,15}$/.test(id) || RESERVED.has(id.toLowerCase())
}

const count = t.Integer({ minimum: 0 })

/** How many tests of a job have each outcome. */
const outcomesItem = t.Object({
  PASS: count,
  ERROR: count,
  FAIL: count,
  TEST_NA: count,
  WARN: count,
  unfinished: t.Integer({ minimum: 0, description: 'Started and not ended' }),
})

export const jobItem = t.Object({
  id: t.String(),
  number: t.Integer({ description: "The server's own count" }),
  description: t.Union([t.String(), t.Null()]),
  time: t.String({ format: 'date-time' }),
  elapsed_time: t.Number({ description: 'Seconds' }),
  wall_time: t.Optional(
    t.Number({
      description:
        'Seconds from the start of the first test to the end of the last, where it is known; elapsed_time is what the tests took together',
    }),
  ),
  status: t.Union([t.String(), t.Null()]),
  not_started: t.Optional(
    t.Integer({ description: 'Tests that the job counted and never ran, where there are any' }),
  ),
  environment: t.Optional(
    t.Union([t.Integer(), t.Null()], { description: 'The id of the test environment of its tests' }),
  ),
  labels: t.Optional(labelsItem),
  outcomes: t.Optional(outcomesItem),
  activities: t.Optional(t.Array(jobActivityItem)),
  tests: t.Optional(t.Array(testItem)),
})

/** The parts of a job that an answer shows only on request, and its labels. */
interface Parts {
  environment?: boolean
  outcomes?: boolean
  labels?: Label[]
  activities?: ActivityRow[]
  tests?: TestRow[]
}

export function toJob(job: JobRow, { environment, outcomes, labels = [], activities, tests }: Parts) {
  return {
    id: job.id,
    number: job.number,
    description: job.description,
    time: formatTime(job.time),
    elapsed_time: job.elapsed,
    ...(job.wall_time !== null && { wall_time: job.wall_time }),
    status: jobStatusName(job.status),
    ...(job.not_started > 0 && { not_started: job.not_started }),
    ...(environment && { environment: job.environment }),
    ...(labels.length > 0 && { labels: toLabels(labels) }),
    ...(outcomes && { outcomes: toOutcomes(job) }),
    ...(activities && { activities: activities.map((row) => toJobActivity(row, job.id)) }),
    ...(tests && { tests: tests.map((row) => toTest(row, job.id)) }),
  }
}

function toOutcomes(job: JobRow) {
  return {
    PASS: job.passed,
    ERROR: job.errored,
    FAIL: job.failed,
    TEST_NA: job.not_applicable,
    WARN: job.warned,
    unfinished: job.unfinished,
  }
}
