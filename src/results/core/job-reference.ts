// Naming a job in a URL: by its id, any prefix of it, or its number.

import { type Selectable, sql } from 'kysely'
import { requireOwn } from '../../auth/rights'
import type { JobOf } from '../../http/cache/cacheable'
import { BadRequest, Conflict, NotFound } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { type Connection, query, tables } from '../../storage/query'
import type { Tables } from '../../storage/schema'

export const jobColumns = [
  'number',
  'id',
  'description',
  'time',
  'elapsed',
  'wall_time',
  'status',
  'environment',
  'passed',
  'errored',
  'failed',
  'not_applicable',
  'warned',
  'unfinished',
  'tests_total',
  'not_started',
  /** One bit an outcome: see counters.ts. */
  'outcomes',
] as const

export type JobRow = Pick<Selectable<Tables['job']>, (typeof jobColumns)[number]>

/** What of a job the resources below it need: plain, so that it can travel to the writer. */
export interface JobRef {
  job: number
  jobId: string
}

/** Hidden jobs are being written. A literal, not a parameter: else SQLite does not use the partial indexes. */
export const visible = sql<boolean>`job.complete = 1`
/** The same for a walk along an index that has all jobs. The hidden ones are few. */
export const notHidden = sql<boolean>`job.number NOT IN (SELECT number FROM job WHERE complete = 0)`
const lowerId = sql<string>`lower(job.id)`

const jobById = query<{ id: string }>()((param) =>
  tables.selectFrom('job').select(jobColumns).where(lowerId, '=', param('id')).where(visible),
)
const jobByNumber = query<{ number: number }>()((param) =>
  tables.selectFrom('job').select(jobColumns).where('number', '=', param('number')).where(visible),
)
const visibleJob = query<{ number: number }>()((param) =>
  tables.selectFrom('job').select('number').where('number', '=', param('number')).where(visible),
)
// Not LIKE: an id may hold `_`, which LIKE takes for any character.
const jobsByPrefix = query<{ prefix: string; end: string }>()((param) =>
  tables
    .selectFrom('job')
    .select(jobColumns)
    .where(lowerId, '>=', param('prefix'))
    .where(lowerId, '<', param('end'))
    .where(visible)
    .limit(2),
)

const makerOfJob = query<{ job: number }>()((param) =>
  tables.selectFrom('job').select('created_by as user').where('number', '=', param('job')),
)

const REFERENCE = /^[A-Za-z0-9._:-]{1,40}$/
/** As the server writes them: `007` is no number, it may be the beginning of an id. */
const NUMBER = /^[1-9]\d{0,14}$/
/** Sorts behind every character that an id can have. */
const END = '\x7f'
const MIN_PREFIX_TO_DELETE = 7

/**
 * What a URL names a job by, in small letters. Looked at before: there are other letters whose small one is of ASCII.
 *
 * @throws NotFound when no job can be named so.
 */
export function readReference(reference: string | null | undefined): string {
  if (!reference || !REFERENCE.test(reference)) throw new NotFound()
  return reference.toLowerCase()
}

/**
 * The job that a URL names: the whole id wins, then the number, then the prefix; case does not matter.
 *
 * @param deleting  a shorter prefix than 7 characters is refused then: too easily meant for another job.
 * @throws NotFound; Conflict when a prefix fits several jobs; BadRequest.
 */
export function getJob(
  connection: Connection,
  reference: string | undefined,
  { deleting = false } = {},
): JobRow {
  const id = readReference(reference)
  const named = findVisibleJob(connection, id) ?? findJobByNumber(connection, id)
  if (named) return named
  const [job, another] = connection.all(jobsByPrefix, { prefix: id, end: id + END })
  if (!job) throw new NotFound()
  if (another) throw new Conflict()
  if (deleting && id.length < MIN_PREFIX_TO_DELETE) {
    throw new BadRequest(
      `To delete, name the job by its whole id, its number, or at least ${MIN_PREFIX_TO_DELETE} characters of its id.`,
    )
  }
  return job
}

/**
 * The job that a URL names, for somebody who adds to it or changes it. Whose job has a number never changes, and no
 * number is given twice: what holds when a job is found holds when it is written to by its number.
 *
 * @throws as getJob(); Forbidden when it is another's, and the role says that one's own are to be changed only.
 */
export function getJobToChange(
  connection: Connection,
  reference: string | undefined,
  user: Identity | undefined,
): JobRow {
  const job = getJob(connection, reference)
  requireOwnJob(connection, job.number, user)
  return job
}

/** @throws Forbidden */
export function requireOwnJob(connection: Connection, job: number, user: Identity | undefined): void {
  requireOwn(user, () => creatorOf(connection, job))
}

/** The user who made a job; null: nobody did. */
export function creatorOf(connection: Connection, job: number): number | null {
  return connection.first(makerOfJob, { job })?.user ?? null
}

/** The visible job of exactly this id; case does not matter. */
export function findVisibleJob(connection: Connection, id: string): JobRow | undefined {
  return connection.first(jobById, { id: id.toLowerCase() })
}

export function findJobByNumber(connection: Connection, text: string): JobRow | undefined {
  return NUMBER.test(text) ? connection.first(jobByNumber, { number: Number(text) }) : undefined
}

/** @throws NotFound when the job has gone, or is not to be seen. */
export function requireJob(connection: Connection, number: number): void {
  if (!connection.first(visibleJob, { number })) throw new NotFound()
}

export function jobRefOf({ number, id }: JobRow): JobRef {
  return { job: number, jobId: id }
}

/**
 * For answers that show one job: its number, where the URL names it by its whole id or its number. A prefix may fit
 * another job, too, one day.
 */
export const namedJob: JobOf = (connection, { job = '' }) => {
  const { number, id } = getJob(connection, job)
  return id.toLowerCase() === job.toLowerCase() || String(number) === job ? number : undefined
}
