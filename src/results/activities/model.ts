// The wire format of activities: what happened in a job or a test, and when.

import { Type as t } from '@sinclair/typebox'
import { dateTime, optional, text } from '../../http/resource/fields'
import type { Shape } from '../../http/resource/shapes'
import { formatTime, type Microseconds } from '../../lib/time'
import { type ReportedTestStatus, testStatusField, testStatusName } from '../statuses/model'

/** The most activities of one job and of one test. */
export const MAX_ACTIVITIES = { job: 100_000, test: 10_000 } as const

export const newJobActivity = { activity: text({ min: 1, max: 255 }), time: dateTime } satisfies Shape

export const newTestActivity = { ...newJobActivity, status: optional(testStatusField) } satisfies Shape

/** An activity to store. Only activities of tests have a status. */
export interface NewActivity {
  activity: string
  time: Microseconds
  status?: ReportedTestStatus | null
}

const time = t.String({ format: 'date-time' })

export const jobActivityItem = t.Object({ job: t.String(), activity: t.String(), time })

export const testActivityItem = t.Object({
  test: t.Integer(),
  activity: t.String(),
  time,
  status: t.Union([t.String(), t.Null()]),
})

export interface ActivityRow {
  /** Its position in its job or test, from 1. */
  id: number
  activity: string
  time: Microseconds
  status: number | null
}

export function toJobActivity({ activity, time }: ActivityRow, jobId: string) {
  return { job: jobId, activity, time: formatTime(time) }
}

export function toTestActivity({ activity, time, status }: ActivityRow, test: number) {
  return { test, activity, time: formatTime(time), status: testStatusName(status) }
}
