// Finds the job that a URL names by its id, a prefix of its id, or its number.

import { type Selectable, sql } from 'kysely'
import { requireRightToChange } from '../../auth/rights'
import type { JobOf } from '../../http/cache/cacheable'
import { BadRequest, Conflict, NotFound } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { defineQuery } from '../../storage/database'
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
  /** See environments/of-jobs.ts. */
  'environment_source',
  'host',
  'branch',
  'passed',
  'errored',
  'failed',
  'not_applicable',
  'warned',
  'unfinished',
  'tests_total',
  'not_started',
  /** One bit per outcome: see counters.ts. */
  'outcomes',
] as const

export type JobRow = Pick<Selectable<Tables['job']>, (typeof jobColumns)[number]>

/** What the resources below a job need to know about it: plain values, which can be sent to the writer. */
export interface JobRef {
  job: number
  jobId: string
}

/** Excludes hidden jobs. `1` is a literal because SQLite does not use partial indexes for a parameter. */
export const visible = sql<boolean>`job.complete = 1`
/** The same condition for an index that has all jobs. Few jobs are hidden. */
export const notHidden = sql<boolean>`job.number NOT IN (SELECT number FROM job WHERE complete = 0)`
/** The same for a row of `test`: a list of the hidden jobs is faster than a look at the job of each test. */
export const ofShownJob = sql<boolean>`test.job NOT IN (SELECT number FROM job WHERE complete = 0)`
/** A report of a run that another job reports, too, counts as long as the other one is not there. */
export const isCounted = sql<boolean>`(job.duplicate_of IS NULL
  OR NOT EXISTS (SELECT 1 FROM job AS other WHERE other.number = job.duplicate_of AND other.complete = 1))`
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
// LIKE would not do: an id may have `_`, which matches any character there.
const jobsByPrefix = query<{ prefix: string; end: string }>()((param) =>
  tables
    .selectFrom('job')
    .select(jobColumns)
    .where(lowerId, '>=', param('prefix'))
    .where(lowerId, '<', param('end'))
    .where(visible)
    .limit(2),
)

const jobCreator = query<{ job: number }>()((param) =>
  tables.selectFrom('job').select('created_by as user').where('number', '=', param('job')),
)

const REFERENCE = /^[A-Za-z0-9._:-]{1,40}$/
/** A job's number as the server writes it. `007` is not a number but may be the prefix of an id. */
const NUMBER = /^[1-9]\d{0,14}$/
/** Sorts after every character that an id can have. */
const END = '\x7f'
const MIN_PREFIX_TO_DELETE = 7

/**
 * The reference to a job in a URL, in lower case. The pattern is tested first: some letters outside ASCII have a
 * lower-case form in ASCII.
 *
 * @throws NotFound when it cannot refer to any job.
 */
export function readReference(reference: string | null | undefined): string {
  if (!reference || !REFERENCE.test(reference)) throw new NotFound()
  return reference.toLowerCase()
}

/**
 * The job that a URL names: by its whole id, or else its number, or else a prefix of its id; case does not matter.
 *
 * @param deleting  refuses prefixes of less than 7 characters, which easily match another job than the one meant.
 * @throws NotFound; Conflict when a prefix matches several jobs; BadRequest.
 */
export async function getJob(
  connection: Connection,
  reference: string | undefined,
  { deleting = false } = {},
): Promise<JobRow> {
  const id = readReference(reference)
  const named = (await findVisibleJob(connection, id)) ?? (await findJobByNumber(connection, id))
  if (named) return named
  const [job, another] = await connection.all(jobsByPrefix, { prefix: id, end: id + END })
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
 * The job that a URL names, for a user who adds to it or changes it. The creator of a job never changes, and no number
 * is used twice. So the check here still holds when the writer changes the job by its number.
 *
 * @throws as getJob(); Forbidden when another user created it and the role only allows changes to the user's own jobs.
 */
export async function getJobToChange(
  connection: Connection,
  reference: string | undefined,
  user: Identity | undefined,
): Promise<JobRow> {
  const job = await getJob(connection, reference)
  await requireOwnJob(connection, job.number, user)
  return job
}

export const jobToChange = defineQuery(
  'jobToChange',
  (connection, { reference, user }: { reference: string; user: Identity | undefined }) =>
    getJobToChange(connection, reference, user),
)

/** @throws as getJob() */
export const getJobRef = defineQuery('getJobRef', async (connection, reference: string) =>
  jobRefOf(await getJob(connection, reference)),
)

export const jobToDelete = defineQuery('jobToDelete', (connection, reference: string) =>
  getJob(connection, reference, { deleting: true }),
)

/** The job with this whole id, if there is one, for a user who adds to it. @throws Forbidden */
export const findOwnJob = defineQuery(
  'findOwnJob',
  async (connection, { id, user }: { id: string; user: Identity | undefined }) => {
    const job = await findVisibleJob(connection, id)
    if (job) await requireOwnJob(connection, job.number, user)
    return job
  },
)

/** @throws Forbidden */
export async function requireOwnJob(
  connection: Connection,
  job: number,
  user: Identity | undefined,
): Promise<void> {
  await requireRightToChange(user, () => creatorOf(connection, job))
}

/** The user who created a job; null: an anonymous client. */
export async function creatorOf(connection: Connection, job: number): Promise<number | null> {
  return (await connection.first(jobCreator, { job }))?.user ?? null
}

/** The visible job with this whole id; case does not matter. */
export function findVisibleJob(connection: Connection, id: string): Promise<JobRow | undefined> {
  return connection.first(jobById, { id: id.toLowerCase() })
}

export async function findJobByNumber(connection: Connection, text: string): Promise<JobRow | undefined> {
  return NUMBER.test(text) ? await connection.first(jobByNumber, { number: Number(text) }) : undefined
}

/** @throws NotFound when the job is deleted or hidden. */
export async function requireJob(connection: Connection, number: number): Promise<void> {
  if (!(await connection.first(visibleJob, { number }))) throw new NotFound()
}

export function jobRefOf({ number, id }: JobRow): JobRef {
  return { job: number, jobId: id }
}

/**
 * For cached answers that show one job: its number, where the URL has its whole id or its number. A prefix may match
 * another job later.
 */
export const namedJob: JobOf = defineQuery('namedJob', async (connection, { job = '' }) => {
  const { number, id } = await getJob(connection, job)
  return id.toLowerCase() === job.toLowerCase() || String(number) === job ? number : undefined
})
