// Reads what the query of an import says about the run: `?description=`, `?time=`, `?job=`, `?label=`, and who sends it.

import { createHash } from 'node:crypto'
import { type RequestLike, searchOf } from '../http/request/links'
import { parametersOf, readQuery, withDescription } from '../http/request/query'
import { FieldError, optional, type ReadContext, text } from '../http/resource/fields'
import type { Shape } from '../http/resource/shapes'
import { Invalid } from '../lib/errors'
import type { Microseconds } from '../lib/time'
import { findJobByNumber } from '../results/core/job-reference'
import { isReservedId, newJob } from '../results/jobs/model'
import { hostSources } from '../results/labels/hosts'
import { checkedLabels, type Label, readLabel } from '../results/labels/model'
import { maskText } from '../secrets/mask'
import { defineQuery } from '../storage/database'
import type { JobReport } from './model'

/** Fields that the query does not have are undefined; `labels` is empty. */
export interface RunOptions {
  job: string | undefined
  description: string | null | undefined
  time: Microseconds | undefined
  labels: Label[]
  /** The name of the machine that sends. The job ran there if nothing else tells where it ran. */
  uploaderHost: string | undefined
}

const shape = {
  job: optional(
    withDescription(
      'The id of the job, in place of the one that the file has, or that is made of it',
      newJob.id,
    ),
  ),
  description: optional(withDescription('The description of the job', newJob.description)),
  time: optional(withDescription('When the job started; a + is written %2B', newJob.time)),
  uploader_host: optional(
    withDescription(
      'The name of the machine that sends, where the job ran if neither a label nor its sysinfo tells',
      text({ min: 1, max: 255 }),
    ),
  ),
} satisfies Shape

/** For the API's documentation. */
export const runParameters = [
  ...parametersOf(shape),
  {
    name: 'label',
    in: 'query',
    description: '`KEY:VALUE`, a label of the job; may be repeated',
    schema: { type: 'array', items: { type: 'string' } },
    style: 'form',
    explode: true,
  },
]

/** @throws Invalid */
export function readRunOptions(request: RequestLike, context: ReadContext): RunOptions {
  const { job, description, time, uploader_host: uploaderHost } = readQuery(shape, request, context)
  if (job !== undefined && isReservedId(job)) throw new Invalid({ job: 'This id is reserved.' })
  const given = searchOf(request)
    .getAll('label')
    .filter((text) => text !== '')
  try {
    return { job, description, time, labels: checkedLabels(given.map(readLabel)), uploaderHost }
  } catch (error) {
    throw error instanceof FieldError ? new Invalid({ label: error.message }) : error
  }
}

/**
 * Adds what the sender says about the run to a report; it takes precedence over the file. The same file with different
 * values is a different job, unless the file has an id.
 *
 * @param hasGeneratedId  the file has no job id, so the id of the report was made from its content.
 */
export function applyRunOptions(
  report: JobReport,
  run: RunOptions,
  { hasGeneratedId }: { hasGeneratedId: boolean },
): JobReport {
  const labels = [...run.labels, ...(report.labels ?? []).filter(({ key }) => !hasLabel(run, key))]
  return {
    ...report,
    id: run.job ?? (hasGeneratedId ? idOfRun(report.id, run) : report.id),
    description: run.description ?? report.description,
    time: run.time ?? report.time,
    ...(!report.host &&
      run.uploaderHost !== undefined && { host: { name: run.uploaderHost, source: hostSources.uploader } }),
    ...(labels.length > 0 && { labels }),
  }
}

/** Warnings about values of the query that differ from those of a job that was stored before. */
export const conflictWarnings = defineQuery(
  'conflictWarnings',
  async (
    connection,
    { job, run: { description, time } }: { job: number; run: RunOptions },
  ): Promise<string[]> => {
    const stored = await findJobByNumber(connection, String(job))
    const warningFor = (what: string) => `The job has another ${what} already: the stored one was kept.`
    if (!stored) return []
    return [
      ...(description != null && maskText(description) !== stored.description
        ? [warningFor('description')]
        : []),
      ...(time !== undefined && time !== stored.time ? [warningFor('time')] : []),
    ]
  },
)

/** Whether the sender says something about the run, besides who sends it. */
export function hasRunOptions({ job, description, time, labels }: RunOptions): boolean {
  return job !== undefined || description !== undefined || time !== undefined || labels.length > 0
}

function hasLabel({ labels }: RunOptions, key: string): boolean {
  return labels.some((label) => label.key === key)
}

function idOfRun(idOfContent: string, run: RunOptions): string {
  const { description, time, uploaderHost } = run
  const isFromHost = uploaderHost !== undefined && !hasLabel(run, 'host')
  if (!isFromHost && !hasRunOptions({ ...run, job: undefined })) return idOfContent
  // The same results of two machines are two jobs.
  const labels = isFromHost ? [...run.labels, { key: 'host', value: uploaderHost }] : run.labels
  const sorted = labels.map(({ key, value }) => `${key}:${value}`).sort()
  const identity = JSON.stringify([idOfContent, description ?? null, time ?? null, sorted])
  return createHash('sha1').update(identity).digest('hex')
}
