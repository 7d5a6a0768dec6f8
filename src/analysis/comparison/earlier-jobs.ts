// The jobs that ran before a job in the same place: on its host, or on its distribution.

import { type SelectQueryBuilder, sql } from 'kysely'
import { Conflict, DomainError, NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { getJob, visible } from '../../results/core/job-reference'
import type { Label } from '../../results/labels/model'
import { type Connection, query, tables } from '../../storage/query'
import type { Tables } from '../../storage/schema'
import { isInfrastructure, isRecovered } from '../infrastructure/effective'

/** How many earlier jobs one look reads at most, whatever it leaves out. */
export const MAX_READ = 1000
const PART = 50

/** A job with where it ran. */
export interface PlacedJob {
  number: number
  id: string
  description: string | null
  time: Microseconds
  wall_time: number | null
  status: number | null
  status_by_client: number
  environment: number | null
  tests_total: number
  last_report_at: Microseconds
  ended_at: Microseconds | null
  duplicate_of: number | null
  host: number | null
  branch: number | null
  distro: number | null
  /** Stands for all distros of one name, version and architecture: the release parts no series. */
  series_distro: number | null
  plan: string | null
  /** 1: its failures are the fault of the host or the lab. */
  infrastructure: number
  /** 1: it is infrastructure, or its many failures were gone soon: it is not how tests stood. */
  recovered: number
}

const placedJobs = tables
  .selectFrom('job')
  .leftJoin('job_label', (join) => join.onRef('job_label.job', '=', 'job.number').on('key', '=', 'plan'))
  .select([
    'number',
    'id',
    'description',
    'time',
    'wall_time',
    'status',
    'status_by_client',
    'environment',
    'tests_total',
    'last_report_at',
    'ended_at',
    'duplicate_of',
    'host',
    'branch',
    'distro',
    'job_label.value as plan',
    isInfrastructure.as('infrastructure'),
    isRecovered.as('recovered'),
    sql<number | null>`(
      SELECT min(alike.id) FROM distro AS own CROSS JOIN distro AS alike
      WHERE own.id = job.distro AND alike.name = own.name AND alike.version = own.version AND alike.arch = own.arch
    )`.as('series_distro'),
  ])
  .where(visible)

const oneJob = query<{ number: number }>()((param) => placedJobs.where('number', '=', param('number')))

interface Part {
  place: number | null
  time: Microseconds
  limit: number
  offset: number
}

type JobRows = SelectQueryBuilder<Pick<Tables, 'job'>, 'job', PlacedJob>

const inPlace = (column: 'host' | 'distro') =>
  query<Part>()((param) =>
    (placedJobs as unknown as JobRows)
      .where(sql<boolean>`${sql.ref(`job.${column}`)} IS NOT DISTINCT FROM ${param('place')}`)
      .where('job.time', '<', param('time'))
      .orderBy('job.time', 'desc')
      .limit(param('limit'))
      .offset(param('offset')),
  )
const onHost = inPlace('host')
const onDistro = inPlace('distro')
const distrosAlike = query<{ id: number }>()((param) =>
  tables
    .selectFrom('distro as own')
    .innerJoin('distro as alike', (join) =>
      join
        .onRef('alike.name', '=', 'own.name')
        .onRef('alike.version', '=', 'own.version')
        .onRef('alike.arch', '=', 'own.arch'),
    )
    .select('alike.id')
    .where('own.id', '=', param('id')),
)
const withLabel = query<Label & { time: Microseconds }>()((param) =>
  placedJobs
    .where('job.time', '<', param('time'))
    .where(
      'number',
      'in',
      tables
        .selectFrom('job_label as named')
        .select('named.job')
        .where('named.key', '=', param('key'))
        .where('named.value', '=', param('value'))
        .orderBy('named.job', 'desc')
        .limit(sql.lit(MAX_READ)),
    ),
)

/**
 * The job that a parameter names by its id, the beginning of its id, or its number.
 *
 * @throws DomainError when there is none, or when the beginning fits several
 */
export async function namedJob(connection: Connection, reference: string): Promise<PlacedJob> {
  const named = JSON.stringify(reference)
  try {
    const job = await connection.first(oneJob, { number: (await getJob(connection, reference)).number })
    if (job) return job
  } catch (error) {
    if (error instanceof Conflict) {
      throw new Conflict(`The ids of several jobs begin with ${named}: name one by more of its id.`)
    }
    if (!(error instanceof NotFound)) throw error
  }
  throw new DomainError('not_found', { detail: `There is no job ${named} on this server.` })
}

interface Wanted {
  limit: number
  /** Which of them to list. */
  fits(earlier: PlacedJob): boolean
}

/** Jobs that ran before `job` on its host, the newest first. Looks at MAX_READ of them at most. */
export function listEarlierOnHost(
  connection: Connection,
  job: PlacedJob,
  wanted: Wanted,
): Promise<PlacedJob[]> {
  return listEarlier(connection, onHost, job.host, job, wanted)
}

/** The same for its distribution, on any host. */
export async function listEarlierOnDistro(
  connection: Connection,
  job: PlacedJob,
  wanted: Wanted,
): Promise<PlacedJob[]> {
  if (job.distro === null) return []
  const found: PlacedJob[] = []
  for (const { id } of await connection.all(distrosAlike, { id: job.distro })) {
    found.push(...(await listEarlier(connection, onDistro, id, job, wanted)))
  }
  return found.sort(newestFirst).slice(0, wanted.limit)
}

async function listEarlier(
  connection: Connection,
  jobs: typeof onHost,
  place: number | null,
  { time }: PlacedJob,
  { limit, fits }: Wanted,
): Promise<PlacedJob[]> {
  const found: PlacedJob[] = []
  for (let offset = 0; offset < MAX_READ && found.length < limit; offset += PART) {
    const part = await connection.all(jobs, { place, time, limit: PART, offset })
    found.push(...part.filter(fits))
    if (part.length < PART) break
  }
  return found.sort(newestFirst).slice(0, limit)
}

/** Jobs with a label that ran before `job`, the newest first, of the MAX_READ that arrived last. */
export async function listEarlierJobsWithLabel(
  connection: Connection,
  job: PlacedJob,
  label: Label,
  fits: (earlier: PlacedJob) => boolean,
): Promise<PlacedJob[]> {
  return (await connection.all(withLabel, { ...label, time: job.time })).filter(fits).sort(newestFirst)
}

/** Jobs by their time, and by their id where that is the same: the order does not depend on when they arrived. */
export function newestFirst(one: PlacedJob, other: PlacedJob): number {
  return other.time - one.time || (one.id < other.id ? 1 : -1)
}

/** Whether a job was over when `later` began. Where the end of a job is unknown, its start stands in. */
export function wasOverBefore(job: PlacedJob, later: PlacedJob): boolean {
  return job.time + (job.wall_time ?? 0) * 1_000_000 <= later.time && job.number !== later.number
}
