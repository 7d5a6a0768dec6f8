// Stores the reports of all formats and protocols. Storing the same report again adds nothing; a more complete report
// of the same job completes the stored one.

import { runCooperatively } from '../lib/cooperative'
import { BadRequest, Conflict, NotFound } from '../lib/errors'
import type { Identity } from '../lib/identity'
import type { Microseconds } from '../lib/time'
import { findOwnJob, type JobRef, jobRefOf } from '../results/core/job-reference'
import { retimeStoredTests } from '../results/core/retiming'
import type { NewEnvironment } from '../results/environments/model'
import { environmentSources } from '../results/environments/of-jobs'
import { storeEnvironment } from '../results/environments/writing'
import { isReservedId } from '../results/jobs/model'
import { headOf, type JobHead } from '../results/jobs/queries'
import { deleteHidden, refuseUnknownEnvironments } from '../results/jobs/writing'
import { writeLarge } from '../storage/chunked-writes'
import type { Write } from '../storage/database'
import type { JobReport, MergeResult, TestProgress } from './model'
import { prepareReport } from './prepare'
import {
  addReport,
  beginJob,
  completeJob,
  finishJob,
  mergePart,
  type ReportHead,
  type ReportPart,
} from './queries'
import { emptyReportPart, reportParts } from './report-parts'
import type { IngestServices } from './services'
import { limitWarnings, storeFullReasons } from './truncate'

const MAX_TRIES = 10

export interface Stored {
  job: number
  jobId: string
  /** The job did not exist before. */
  isNew: boolean
  tests: { added: number; changed: number; unchanged: number }
  warnings: string[]
}

interface Options {
  user?: Identity | undefined
  /** Called before a new job becomes visible, for example to attach its files. */
  beforeReveal?: (job: number, isNew: boolean) => Promise<void>
}

/**
 * Stores a report. A new job becomes visible only when it is complete.
 *
 * @returns after everything is on disk.
 * @throws BadRequest when the job's id is invalid; Conflict when others keep changing the job meanwhile; Forbidden when
 *   the job belongs to another user and the role allows changes to one's own jobs only.
 */
export async function storeReport(
  services: IngestServices,
  report: JobReport,
  options: Options = {},
): Promise<Stored> {
  if (!/^[A-Za-z0-9._:-]{1,40}$/.test(report.id) || isReservedId(report.id)) {
    throw new BadRequest(`"${report.id}" cannot be the id of a job: 1 to 40 letters, digits and . _ : -`)
  }
  await refuseUnknownEnvironments(services.database, environmentsOf(report))
  using hold = services.files.hold()
  const cut = await storeFullReasons(services, await runCooperatively(prepareReport(report)), hold)
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await tryToStore(services, cut, options)
    // Somebody else stored or deleted the job at the same time: try again with what is stored now.
    if (stored) return stored
  }
  throw new Conflict(`Job ${report.id} is being changed by others: send it again in a while.`)
}

/** The environments of the tests, each with the index of the first test that ran in it. */
function environmentsOf({ tests }: JobReport): Map<number, number> {
  const environments = new Map<number, number>()
  for (const [index, { environment }] of tests.entries()) {
    if (environment != null && !environments.has(environment)) environments.set(environment, index)
  }
  return environments
}

async function tryToStore(
  services: IngestServices,
  report: JobReport,
  options: Options,
): Promise<Stored | undefined> {
  const found = await services.database.read(findOwnJob, { id: report.id, user: options.user })
  const visible = found && jobRefOf(found)
  // An environment that was reported for the job already is not replaced.
  const isWanted = report.environment && found?.environment_source !== environmentSources.job
  const environment = isWanted ? await storeEnvironment(services, report.environment as NewEnvironment) : null
  const [first = emptyReportPart(), second] = reportParts(report)
  return visible || options.beforeReveal || second
    ? storeInSteps(services, report, options, visible, { isLong: second !== undefined, environment })
    : storeAtOnce(services, report, first, { ...options, environment })
}

async function storeAtOnce(
  { database, clock }: IngestServices,
  report: JobReport,
  part: ReportPart,
  { user, environment }: Options & { environment: number | null },
): Promise<Stored | undefined> {
  const stored = await database.write(addReport, {
    head: jobHeadOf(report, clock(), user),
    report: reportHeadOf(report),
    part,
    environment,
  })
  return stored && { ...summaryOf(report, stored.merged), job: stored.job, jobId: report.id, isNew: true }
}

async function storeInSteps(
  services: IngestServices,
  report: JobReport,
  { user, beforeReveal }: Options,
  visible: JobRef | undefined,
  { isLong, environment }: { isLong: boolean; environment: number | null },
): Promise<Stored | undefined> {
  const { database, clock } = services
  const write = <A, R>(change: Write<A, R>, argument: A) =>
    isLong ? writeLarge(database, change, argument) : database.write(change, argument)
  const isNew = !visible
  const job = visible?.job ?? (await database.write(beginJob, { head: jobHeadOf(report, clock(), user) })).job
  const finish = { job, isNew, id: report.id, head: reportHeadOf(report), environment, now: clock() }
  const merged: MergeResult = { added: 0, changed: 0, unchanged: 0, warnings: [] }
  let parts = 0
  let lastTest: TestProgress | undefined
  try {
    for (const part of reportParts(report)) {
      const change = isNew
        ? write(mergePart, { job, part, isNew, lastTest, now: finish.now })
        : write(completeJob, { ...finish, part, lastTest })
      const done = await change
      add(merged, done)
      lastTest = done.lastTest
      parts++
    }
    await beforeReveal?.(job, isNew)
    const isFinished = visible && parts > 0 && !beforeReveal
    if (!isFinished && !(await database.write(finishJob, { ...finish, now: clock() }))) {
      await deleteHidden(services, job)
      return undefined
    }
    await retimeStoredTests(database, job)
  } catch (error) {
    if (isNew) await deleteHidden(services, job)
    else if (error instanceof NotFound) return undefined
    throw error
  }
  return { ...summaryOf(report, merged), job, jobId: visible?.jobId ?? report.id, isNew }
}

function jobHeadOf(report: JobReport, now: Microseconds, user: Identity | undefined): JobHead {
  return headOf({
    id: report.id,
    description: report.description,
    time: report.time ?? now,
    receivedAt: now,
    elapsed: report.elapsed ?? 0,
    status: report.status,
    createdBy: user?.id ?? null,
  })
}

function reportHeadOf(report: JobReport): ReportHead {
  const {
    description,
    descriptionSource,
    host,
    time,
    elapsed,
    wallTime = null,
    notStarted,
    ended = null,
    lastReportAt = null,
  } = report
  const exactTimes = report.tests.some((test) => test.exactTimes)
  return {
    description,
    ...(descriptionSource && { descriptionSource }),
    ...(host && { host }),
    time,
    elapsed,
    wallTime,
    notStarted,
    ended,
    lastReportAt,
    exactTimes,
  }
}

function summaryOf(report: JobReport, { warnings, ...tests }: MergeResult) {
  return { tests, warnings: limitWarnings([...report.warnings, ...warnings]) }
}

function add(merged: MergeResult, { added, changed, unchanged, warnings }: MergeResult): void {
  merged.added += added
  merged.changed += changed
  merged.unchanged += unchanged
  merged.warnings.push(...warnings)
}
