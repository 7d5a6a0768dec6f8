// The distro of each job. A job without environment has that of the job before it on its host, else of the next one: a
// host keeps its distro for months, and a series is of one distro.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { markStaleJob } from '../../results/core/stale-jobs'
import { type Connection, query, tables } from '../../storage/query'

/** How many jobs without environment are looked at on each side. Beyond, what was found for them before counts. */
const MAX_JOBS = 2000

interface Neighbour {
  number: number
  environment: number | null
  distro: number | null
}

const placeOf = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job')
    .leftJoin('environment', 'environment.id', 'job.environment')
    .select(['job.host', 'job.time', 'job.environment', 'job.distro', 'environment.distro as own'])
    .where('number', '=', param('job'))
    .where(sql<boolean>`job.complete = 1`),
)
const onHost = tables
  .selectFrom('job')
  .leftJoin('environment', 'environment.id', 'job.environment')
  .select([
    'number',
    'environment',
    sql<number | null>`coalesce(environment.distro, job.distro)`.as('distro'),
  ])
  .where(sql<boolean>`job.complete = 1`)
type Place = { host: number; time: Microseconds; limit: number }
const before = query<Place>()((param) =>
  onHost
    .where('host', '=', param('host'))
    .where('time', '<=', param('time'))
    .orderBy('time', 'desc')
    .limit(param('limit')),
)
const after = query<Place>()((param) =>
  onHost
    .where('host', '=', param('host'))
    .where('time', '>', param('time'))
    .orderBy('time')
    .limit(param('limit')),
)
const setDistro = query<{ job: number; distro: number | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ distro: sql`${param('distro')}` })
    .where('number', '=', param('job')),
)
const firstPlace = query()(() => tables.selectFrom('stale_place').select(['host', 'time']).limit(1))
const deletePlace = query<{ host: number; time: number }>()((param) =>
  tables.deleteFrom('stale_place').where('host', '=', param('host')).where('time', '=', param('time')),
)

/** Gives a job its distro, and those beside it on its host. The caller marks the tests of this job. */
export async function placeDistro(connection: Connection, job: number): Promise<void> {
  const place = await connection.first(placeOf, { job })
  if (!place) return
  const { host, time, environment, distro, own } = place
  if (environment !== null || host === null) {
    if (distro !== own) await connection.run(setDistro, { job, distro: own })
    if (host === null) return
    await fillGap(connection, host, time)
    await fillGap(connection, host, time - 1)
    return
  }
  // It may have lost its environment, and its neighbours may have their distro of it.
  if (distro !== null) return fillGap(connection, host, time)
  const carried = await carriedDistro(connection, host, time, job)
  if (carried !== null) await connection.run(setDistro, { job, distro: carried })
}

/** Of a new job without environment: as its neighbours have theirs already, the nearest is enough. */
async function carriedDistro(
  connection: Connection,
  host: number,
  time: Microseconds,
  job: number,
): Promise<number | null> {
  for (const side of [before, after]) {
    const [nearest] = (await connection.all(side, { host, time, limit: 2 })).filter(
      ({ number }) => number !== job,
    )
    if (nearest?.distro != null) return nearest.distro
  }
  return null
}

/** Corrects the jobs without environment between those with one, before and after this time. */
async function fillGap(connection: Connection, host: number, time: Microseconds): Promise<void> {
  const place = { host, time, limit: MAX_JOBS }
  const earlier = untilEnvironment(await connection.all(before, place))
  const later = untilEnvironment(await connection.all(after, place))
  const distro = earlier.end?.distro ?? later.end?.distro ?? null
  for (const job of [...earlier.gap, ...later.gap]) {
    if (job.distro === distro) continue
    await connection.run(setDistro, { job: job.number, distro })
    await markStaleJob(connection, job.number)
  }
}

/** The jobs up to the next one with an environment. Where there are too many, the last one stands for what is behind. */
function untilEnvironment(jobs: readonly Neighbour[]): {
  gap: readonly Neighbour[]
  end: Neighbour | undefined
} {
  const at = jobs.findIndex(({ environment }) => environment !== null)
  if (at >= 0) return { gap: jobs.slice(0, at), end: jobs[at] }
  const isCut = jobs.length === MAX_JOBS
  return { gap: isCut ? jobs.slice(0, -1) : jobs, end: isCut ? jobs.at(-1) : undefined }
}

/** Corrects the distros around places that jobs have left. @returns whether there were any */
export async function fillLeftPlaces(connection: Connection, limit: number): Promise<boolean> {
  let done = 0
  for (; done < limit; done++) {
    const place = await connection.first(firstPlace, {})
    if (!place) break
    await fillGap(connection, place.host, place.time)
    await connection.run(deletePlace, place)
  }
  return done > 0
}
