// Reports in SQL: what a report brings is added to what is stored, and takes nothing away from it.

import { sql } from 'kysely'
import type { NewActivity } from '../activities/model'
import { jobActivities } from '../activities/queries'
import type { NewEnvironment } from '../environments/model'
import { environments } from '../environments/queries'
import { NotFound } from '../http/errors'
import { countJobs, outcomesOf, TestCounters } from '../jobs/counters'
import { addHiddenJob, findJobById, type JobHead, revealJob } from '../jobs/queries'
import { jobColumns } from '../jobs/reference'
import { deriveJobStatus, SILENCE } from '../jobs/status'
import { jobChanges } from '../jobs/visible'
import { defineWrite } from '../storage/database'
import { query, tables } from '../storage/query'
import { jobData, type NewDatum } from '../test-data/queries'
import type { Microseconds } from '../time'
import { type Merged, mergeTest, storeDatum } from './merge'
import type { JobReport, TestReport } from './model'

/** Things of a report, few enough to be written in one go. */
export interface ReportPart {
  activities: NewActivity[]
  data: NewDatum[]
  tests: TestReport[]
}

/** What a report says of the job itself. */
export type ReportHead = Pick<JobReport, 'description' | 'time' | 'elapsed' | 'notStarted'> & {
  /** From results.json: better than what a journal or the time of receipt told. */
  exactTimes: boolean
}

const jobState = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job')
    .select([...jobColumns, 'status_by_client', 'environment', 'complete'])
    .where('number', '=', param('job')),
)
const updateJob = query<{
  job: number
  description: string | null
  time: Microseconds
  elapsed: number
  notStarted: number
  environment: number | null
  status: number | null
  outcomes: number
  now: Microseconds
}>()((param) =>
  tables
    .updateTable('job')
    .set({
      description: param('description'),
      time: param('time'),
      elapsed: param('elapsed'),
      not_started: param('notStarted'),
      environment: param('environment'),
      status: param('status'),
      outcomes: param('outcomes'),
      heard_at: param('now'),
    })
    .where('number', '=', param('job')),
)
/** Begins a job that nobody sees until finishJob. */
export const beginJob = defineWrite('beginJob', (connection, { head }: { head: JobHead }) =>
  addHiddenJob.run(connection, { head, part: { activities: [], tests: [], continued: [] } }),
)

/** Adds a part of a report to a job, hidden or not. Can be repeated. @throws NotFound when the job has gone. */
export const mergePart = defineWrite(
  'mergePart',
  (connection, { job, part, isNew = false }: { job: number; part: ReportPart; isNew?: boolean }): Merged => {
    if (!connection.first(jobState, { job })) throw new NotFound()
    const merged: Merged = { added: 0, changed: 0, unchanged: 0, warnings: [] }
    const known = new Set(isNew ? [] : jobActivities.all(connection, job).map(({ activity }) => activity))
    for (const activity of part.activities) {
      if (!known.has(activity.activity)) jobActivities.store(connection, job, activity)
    }
    for (const datum of part.data)
      storeDatum(() => jobData.store(connection, job, datum), datum, 'The job', merged)
    const counters = new TestCounters()
    for (const test of part.tests) mergeTest(connection, job, test, isNew, counters, merged)
    counters.save(connection, job)
    return merged
  },
)

/**
 * Adds what a report says of the job itself, derives its status, and lets everybody see a new one.
 *
 * @param id  of a new job.
 * @returns false when a new job cannot be shown, because its id has been taken.
 */
export const finishJob = defineWrite(
  'finishJob',
  (
    connection,
    {
      job,
      id,
      head,
      environment,
      now,
    }: {
      job: number
      id: string
      head: ReportHead
      environment: NewEnvironment | null
      now: Microseconds
    },
  ): boolean => {
    const state = connection.first(jobState, { job })
    if (!state) throw new NotFound()
    const notStarted = head.notStarted ?? state.not_started
    const status =
      state.status_by_client === 1
        ? state.status
        : deriveJobStatus({ ...state, not_started: notStarted }, { silent: false })
    const changed = {
      description: state.description ?? head.description,
      time: (head.exactTimes ? head.time : null) ?? state.time,
      elapsed: state.elapsed === 0 ? (head.elapsed ?? 0) : state.elapsed,
      status,
      outcomes: outcomesOf({ ...state, not_started: notStarted }),
    }
    connection.run(updateJob, {
      job,
      ...changed,
      notStarted,
      environment: state.environment ?? (environment && environments.insert(connection, environment)),
      now,
    })
    if (state.complete === 0) return revealJob.run(connection, { job, id })
    connection.touch(job)
    jobChanges(connection, state, { ...state, ...changed })
    return true
  },
)

/** A new job at once: for small ones. @returns undefined when its id has been taken */
export const addReport = defineWrite(
  'addReport',
  (
    connection,
    {
      head,
      report,
      part,
      environment,
      now,
    }: {
      head: JobHead
      report: ReportHead
      part: ReportPart
      environment: NewEnvironment | null
      now: Microseconds
    },
  ): { job: number; merged: Merged } | undefined => {
    const { id } = head
    if (findJobById(connection, id)) return undefined
    const { job } = beginJob.run(connection, { head })
    const merged = mergePart.run(connection, { job, part, isNew: true })
    finishJob.run(connection, { job, id, head: report, environment, now })
    return { job, merged }
  },
)

const runningJobs = query<{ status: number; before: Microseconds; after: Microseconds }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where('status', '=', param('status'))
    .where('status_by_client', '=', 0)
    .where(({ or, eb }) => or([eb('heard_at', '<', param('before')), eb('heard_at', '>', param('after'))]))
    .where(sql<boolean>`complete = 1`),
)
const setStatus = query<{ job: number; status: number | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ status: param('status') })
    .where('number', '=', param('job')),
)

/**
 * Jobs that were running, and of which nothing was heard for too long, are running no more. What was heard far ahead of
 * now was heard before the clock was set back.
 */
export const silenceJobs = defineWrite('silenceJobs', (connection, { now }: { now: Microseconds }) => {
  const running = deriveJobStatus(RUNNING, { silent: false })
  const silent = deriveJobStatus(RUNNING, { silent: true })
  if (running === null) return
  for (const { number: job } of connection.all(runningJobs, {
    status: running,
    before: now - SILENCE,
    after: now + SILENCE,
  })) {
    connection.run(setStatus, { job, status: silent })
    connection.touch(job)
    countJobs(connection, running, -1)
    countJobs(connection, silent, 1)
  }
})

const RUNNING = { errored: 0, failed: 0, warned: 0, unfinished: 1, tests_total: 1, not_started: 0 }
