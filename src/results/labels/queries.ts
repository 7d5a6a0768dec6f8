// SQL queries for the labels of jobs. A change also gives the job its host and branch: see place.ts.

import { Invalid } from '../../lib/errors'
import { compareTexts } from '../../lib/texts'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { TIMEOUT_LABEL } from '../core/job-timeout'
import { markStaleJob } from '../core/stale-jobs'
import { hosts } from './hosts'
import { type Label, type LabelChanges, MAX_LABELS, SINGLE_VALUED, tooMany } from './model'
import { placeJob } from './place'

const labelsOfJob = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job_label')
    .select(['key', 'value'])
    .where('job', '=', param('job'))
    .orderBy('key')
    .orderBy('value'),
)
const insertLabel = query<{ job: number } & Label>()((param) =>
  tables.insertInto('job_label').values({ job: param('job'), key: param('key'), value: param('value') }),
)
const deleteLabels = query<{ job: number }>()((param) =>
  tables.deleteFrom('job_label').where('job', '=', param('job')),
)

const labelsOfJobs = query<{ jobs: NumberList }>()((param) =>
  tables
    .selectFrom('job_label')
    .select(['job', 'key', 'value'])
    .where(inList('job', param('jobs')))
    .orderBy('job')
    .orderBy('key')
    .orderBy('value'),
)

/**
 * The labels of some jobs as answers show them, ordered by key and value: with the host, wherever that is from.
 *
 * @returns a function that gives the labels of one of these jobs.
 */
export async function readLabels(
  connection: Connection,
  jobs: readonly JobOnHost[],
): Promise<(job: JobOnHost) => Label[]> {
  const rows = await connection.all(labelsOfJobs, { jobs: toNumberList(jobs.map(({ number }) => number)) })
  const byJob = Map.groupBy(rows, ({ job }) => job)
  const labelsOf = ({ number }: JobOnHost) =>
    (byJob.get(number) ?? []).map(({ key, value }) => ({ key, value }))
  const hasOwnHost = (job: JobOnHost) => labelsOf(job).some(({ key }) => key === 'host')
  const others = jobs.flatMap((job) => (job.host === null || hasOwnHost(job) ? [] : job.host))
  const names = await hosts.namesOf(connection, others)
  return (job) => {
    const name = job.host === null || hasOwnHost(job) ? undefined : names.get(job.host)
    return name === undefined ? labelsOf(job) : inOrder([...labelsOf(job), { key: 'host', value: name }])
  }
}

interface JobOnHost {
  number: number
  host: number | null
}

/** The labels that a job was given. */
export function storedLabels(connection: Connection, job: number): Promise<Label[]> {
  return connection.all(labelsOfJob, { job })
}

function inOrder(labels: Label[]): Label[] {
  return labels.sort((one, other) => compareTexts(one.key, other.key) || compareTexts(one.value, other.value))
}

const tellTimeout = (labels: readonly Label[]) => labels.some(({ key }) => key === TIMEOUT_LABEL)

/** Adds labels to those that a job has. @returns a warning for each label that it did not store */
export async function addLabels(
  connection: Connection,
  job: number,
  labels: readonly Label[],
): Promise<string[]> {
  if (labels.length === 0) return []
  const stored = await storedLabels(connection, job)
  const warnings: string[] = []
  for (const label of labels) {
    if (stored.some(({ key, value }) => key === label.key && value === label.value)) continue
    if (SINGLE_VALUED.has(label.key) && stored.some(({ key }) => key === label.key)) {
      warnings.push(`The job has another value for the label ${label.key} already: the stored one was kept.`)
    } else if (stored.length >= MAX_LABELS) {
      warnings.push(`The job has ${MAX_LABELS} labels already: ${label.key}:${label.value} was left out.`)
    } else {
      await connection.run(insertLabel, { job, ...label })
      stored.push(label)
    }
  }
  await placeJob(connection, job)
  if (tellTimeout(labels)) await markStaleJob(connection, job)
  return warnings
}

/** Gives a job these labels in place of those that it has. */
export async function replaceLabels(
  connection: Connection,
  job: number,
  labels: readonly Label[],
): Promise<void> {
  const before = await storedLabels(connection, job)
  await connection.run(deleteLabels, { job })
  for (const label of labels) await connection.run(insertLabel, { job, ...label })
  await placeJob(connection, job)
  if (tellTimeout(before) !== tellTimeout(labels)) await markStaleJob(connection, job)
}

/** Sets and removes some labels of a job. @throws Invalid when it would have too many */
export async function changeLabels(
  connection: Connection,
  job: number,
  { set, removed }: LabelChanges,
): Promise<void> {
  const named = new Set([...removed, ...set.map(({ key }) => key)])
  const kept = (await storedLabels(connection, job)).filter(({ key }) => !named.has(key))
  if (kept.length + set.length > MAX_LABELS) throw new Invalid({ labels: tooMany().message })
  await replaceLabels(connection, job, [...kept, ...set])
}
