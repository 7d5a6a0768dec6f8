// The one service that stores reports, whatever road brought them. The same report again adds nothing; a fuller one
// of the same job completes what is there.

import type { Identity } from '../auth/credentials'
import type { Context } from '../context'
import { BadRequest, NotFound } from '../http/errors'
import { isReservedId } from '../jobs/model'
import { findVisibleJob } from '../jobs/reference'
import { deleteHidden } from '../jobs/writing'
import type { JobReport } from './model'
import { beginJob, finishJob, type Merged, mergePart, type ReportPart } from './queries'

/** Rows that one transaction takes at most, about: some 20 ms of the writer's time. */
const MAX_ROWS = 1000

export interface Stored {
  job: number
  jobId: string
  /** The job was not there before. */
  isNew: boolean
  tests: { added: number; changed: number; unchanged: number }
  warnings: string[]
}

interface Options {
  user?: Identity | undefined
  /** Done before a new job is to be seen: what belongs to it comes with it. */
  beforeShowing?: (job: number) => Promise<void>
}

/**
 * Stores a report. A new job is seen whole or not at all.
 *
 * @returns when everything is on disk.
 * @throws BadRequest when the job's id can be none.
 */
export async function storeReport(
  context: Context,
  report: JobReport,
  options: Options = {},
): Promise<Stored> {
  if (!/^[A-Za-z0-9._:-]{1,40}$/.test(report.id) || isReservedId(report.id)) {
    throw new BadRequest(`"${report.id}" cannot be the id of a job: 1 to 40 letters, digits and . _ : -`)
  }
  for (;;) {
    const stored = await tryToStore(context, report, options)
    // Somebody else stored or deleted the job at the same time: what is there now decides.
    if (stored) return stored
  }
}

async function tryToStore(
  context: Context,
  report: JobReport,
  options: Options,
): Promise<Stored | undefined> {
  const { database, clock } = context
  const visible = database.read((connection) => findVisibleJob(connection, report.id))
  const job = visible?.number ?? (await begin(context, report, options.user))
  const merged: Merged = { added: 0, changed: 0, unchanged: 0, warnings: [...report.warnings] }
  try {
    for (const part of partsOf(report)) add(merged, await database.write(mergePart, { job, part }))
    await options.beforeShowing?.(job)
    const { id, description, time, elapsed, notStarted, environment } = report
    const exactTimes = report.tests.some((test) => test.exactTimes)
    const head = { description, time, elapsed, notStarted, exactTimes }
    const finished = await database.write(finishJob, { job, id, head, environment, now: clock() })
    if (!finished) {
      await deleteHidden(context, job)
      return undefined
    }
  } catch (error) {
    if (!visible) await deleteHidden(context, job)
    if (visible && error instanceof NotFound) return undefined
    throw error
  }
  const { warnings, ...tests } = merged
  return { job, jobId: visible?.id ?? report.id, isNew: !visible, tests, warnings }
}

async function begin(
  { database, clock }: Context,
  report: JobReport,
  user: Identity | undefined,
): Promise<number> {
  const now = clock()
  const head = {
    id: report.id,
    description: report.description,
    time: report.time ?? now,
    receivedAt: now,
    elapsed: report.elapsed ?? 0,
    status: report.status,
    createdBy: user?.id ?? null,
  }
  return (await database.write(beginJob, { head })).job
}

function add(merged: Merged, { added, changed, unchanged, warnings }: Merged): void {
  merged.added += added
  merged.changed += changed
  merged.unchanged += unchanged
  merged.warnings.push(...warnings)
}

function* partsOf({ activities, data, tests }: JobReport): Generator<ReportPart> {
  let part: ReportPart = { activities: [], data: [], tests: [] }
  let rows = 0
  for (const [kind, item, weight] of items()) {
    ;(part[kind] as unknown[]).push(item)
    rows += weight
    if (rows < MAX_ROWS) continue
    yield part
    part = { activities: [], data: [], tests: [] }
    rows = 0
  }
  if (rows > 0) yield part

  function* items(): Generator<[keyof ReportPart, unknown, number]> {
    for (const activity of activities) yield ['activities', activity, 1]
    for (const datum of data) yield ['data', datum, 1]
    for (const test of tests) yield ['tests', test, 1 + test.activities.length + test.data.length]
  }
}
