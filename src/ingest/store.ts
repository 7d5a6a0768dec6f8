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
import { partsOf } from '../results/jobs/job-parts'
import { isReservedId } from '../results/jobs/model'
import { writeNewJob } from '../results/jobs/new-job'
import { headOf, type JobHead } from '../results/jobs/queries'
import { refuseUnknownEnvironments } from '../results/jobs/writing'
import { bytesOf, takeTwo, writerOf } from '../storage/chunked-writes'
import type { JobReport, MergeResult } from './model'
import { prepareReport } from './prepare'
import { addReport, completeJob, finishJob, mergePart, type ReportHead, type ReportPart } from './queries'
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
  return visible
    ? await addToJob(services, report, options, { ...visible, environment })
    : await storeNew(services, report, options, environment)
}

/** Stores a report on a job that does not exist yet. @returns undefined when somebody else stored that job meanwhile */
async function storeNew(
  services: IngestServices,
  report: JobReport,
  { user, beforeReveal }: Options,
  environment: number | null,
): Promise<Stored | undefined> {
  const { database, clock } = services
  const now = clock()
  const head = jobHeadOf(report, now, user)
  const reported = reportHeadOf(report)
  const merged = nothingMerged()
  let wasHidden = true
  const job = await writeNewJob(services, head, reportParts(report), {
    async addWhole(part) {
      wasHidden = false
      const added = await database.write(addReport, { head, report: reported, part, environment })
      if (added) add(merged, added.merged)
      return added?.job
    },
    async addPart(job, part, write) {
      const { lastTest } = merged
      add(merged, await write(mergePart, { job, part, isNew: true, lastTest, now }))
    },
    beforeReveal: beforeReveal && ((job) => beforeReveal(job, true)),
    reveal: (job) =>
      database.write(finishJob, {
        ...{ job, isNew: true, id: report.id, head: reported },
        environment,
        now: clock(),
      }),
  })
  if (job === undefined) return undefined
  if (wasHidden) await retimeStoredTests(database, job)
  return { ...summaryOf(report, merged), job, jobId: report.id, isNew: true }
}

/** Adds a report to a visible job. @returns undefined when somebody else deleted it meanwhile */
async function addToJob(
  { database, clock }: IngestServices,
  report: JobReport,
  { beforeReveal }: Options,
  { job, jobId, environment }: JobRef & { environment: number | null },
): Promise<Stored | undefined> {
  const finish = { job, isNew: false, id: report.id, head: reportHeadOf(report), environment, now: clock() }
  const merged = nothingMerged()
  const parts = reportParts(report)
  const ahead = takeTwo(parts)
  const write = writerOf(database, { isLarge: ahead.length > 1 })
  const complete = async (part: ReportPart) =>
    add(merged, await write(completeJob, { ...finish, part, lastTest: merged.lastTest }))
  try {
    for (const part of ahead) await complete(part)
    for (const part of parts) await complete(part)
    await beforeReveal?.(job, false)
    if (ahead.length === 0 || beforeReveal) await database.write(finishJob, { ...finish, now: clock() })
    await retimeStoredTests(database, job)
  } catch (error) {
    if (error instanceof NotFound) return undefined
    throw error
  }
  return { ...summaryOf(report, merged), job, jobId, isNew: false }
}

function reportParts(report: JobReport): Generator<ReportPart> {
  return partsOf(report, ({ tag, suite, failReason }) => bytesOf(tag, suite, failReason))
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

function summaryOf(report: JobReport, { added, changed, unchanged, warnings }: MergeResult) {
  return {
    tests: { added, changed, unchanged },
    warnings: limitWarnings([...report.warnings, ...warnings]),
  }
}

function nothingMerged(): MergeResult {
  return { added: 0, changed: 0, unchanged: 0, warnings: [] }
}

/** Adds what a part has changed to what the parts before it have. */
function add(merged: MergeResult, part: MergeResult): void {
  const { added, changed, unchanged, warnings, lastTest } = part
  merged.added += added
  merged.changed += changed
  merged.unchanged += unchanged
  merged.warnings.push(...warnings)
  if (lastTest) merged.lastTest = lastTest
  else delete merged.lastTest
}
