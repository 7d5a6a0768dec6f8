// The queries and writes of the background that judge jobs. A mark names a host and a moment at which something changed
// there: the job of that moment, those that wait for later runs, and those of which it may be the last run are judged.

import type { Microseconds } from '../../lib/time'
import { markTestsStale, markVerdictPlace } from '../../results/core/stale-jobs'
import { defineQuery, defineWrite } from '../../storage/database'
import { lastChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { RunContext } from '../runs/context'
import { judge, LEAST_TESTS } from './judge'
import { type HostJob, JobRecords, MAX_EARLIER } from './records'
import {
  isLeftOut,
  putVerdict,
  removeVerdict,
  type StoredVerdict,
  storedVerdict,
  toStored,
  verdictsAt,
  verdictsAwaiting,
} from './stored'

/** How long one query judges, in milliseconds. */
const MAX_READ_MS = 8
const MAX_PLACES = 100
/** Mass failures of one host that wait for later runs. Beyond, the oldest wait on. */
const MAX_AWAITING = 50
/** Marks of one host that are looked at to see which jobs have one of their own. */
const MAX_MARKED = 200

const firstPlaces = query<{ limit: number }>()((param) =>
  tables
    .selectFrom('stale_verdict')
    .select(['host', 'time'])
    .orderBy('host')
    .orderBy('time')
    .limit(param('limit')),
)
const markedAfter = query<{ host: number; time: Microseconds; limit: number }>()((param) =>
  tables
    .selectFrom('stale_verdict')
    .select('time')
    .where('host', '=', param('host'))
    .where('time', '>', param('time'))
    .orderBy('time')
    .limit(param('limit')),
)
const deletePlace = query<{ host: number; time: Microseconds; change: number }>()((param) =>
  tables
    .deleteFrom('stale_verdict')
    .where('host', '=', param('host'))
    .where('time', '=', param('time'))
    .where('change', '<=', param('change')),
)

/** How what is stored of a job differs from what was found. Plain values. */
export interface VerdictDifference {
  job: number
  before: StoredVerdict | null
  /** null: it is no mass failure. */
  after: StoredVerdict | null
}

/** What a query has found, for the write that stores it. Plain values. */
export interface Judged {
  /** The number of the last commit that it saw. */
  change: number
  places: { host: number; time: Microseconds }[]
  differences: VerdictDifference[]
}

/** Judges the jobs at the first places that are marked. */
export const judgeMarked = defineQuery(
  'judgeMarked',
  async (connection, _: Record<never, never>): Promise<Judged> => {
    const end = performance.now() + MAX_READ_MS
    const context = new RunContext(connection)
    const judged: Judged = { change: await lastChange(connection), places: [], differences: [] }
    for (const place of await connection.all(firstPlaces, { limit: MAX_PLACES })) {
      judged.places.push(place)
      judged.differences = await judgePlace(connection, context, place)
      // What the next places are compared with has to be stored first.
      if (judged.differences.length > 0 || performance.now() > end) break
    }
    return judged
  },
)

async function judgePlace(
  connection: Connection,
  context: RunContext,
  { host, time }: { host: number; time: Microseconds },
): Promise<VerdictDifference[]> {
  const leftOut = new Map<number, boolean>()
  const records = new JobRecords(connection, context, leftOut)
  const jobs = await records.at(host === 0 ? null : host, time)
  const differences: VerdictDifference[] = []
  const here = new Set(jobs.map(({ number }) => number))
  for (const before of await verdictsAt(connection, { host, time })) {
    if (!here.has(before.job)) differences.push({ job: before.job, before, after: null })
  }
  for (const job of await jobsToJudge(connection, records, { host, time, jobs })) {
    const before = (await storedVerdict(connection, job.number)) ?? null
    const after = await verdictOf(job, records)
    leftOut.set(job.number, isLeftOut(after))
    if (!Bun.deepEquals(before, after)) differences.push({ job: job.number, before, after })
  }
  return differences
}

/** What is to be stored of a job; null: nothing. */
export async function verdictOf(job: HostJob, records: JobRecords): Promise<StoredVerdict | null> {
  if (job.failures < LEAST_TESTS) return null
  const judgement = await judge(job, records)
  return judgement ? toStored(job, judgement) : null
}

/** In the order of time: what is found of one decides what the later ones are compared with. */
async function jobsToJudge(
  connection: Connection,
  records: JobRecords,
  { host, time, jobs }: { host: number; time: Microseconds; jobs: HostJob[] },
): Promise<HostJob[]> {
  const found: HostJob[] = []
  for (const { job } of await verdictsAwaiting(connection, { host, time, limit: MAX_AWAITING })) {
    const earlier = await records.find(job)
    if (earlier) found.push(earlier)
  }
  found.push(...jobs)
  const from = { number: 0, id: '', host: host === 0 ? null : host, time, branch: null, distro: null }
  const place = jobs.at(-1) ?? { ...from, environment: null, failures: 0, tests: 0, isLeftOut: false }
  // A later job with a mark of its own is judged when that comes, and so are those after it. Of an import of old jobs
  // each would be judged once for every job before it.
  const marked = await connection.all(markedAfter, { host, time, limit: MAX_MARKED })
  const waiting = new Set(marked.map((mark) => mark.time))
  for await (const later of records.later(place, MAX_EARLIER)) {
    if (later.failures >= LEAST_TESTS && !waiting.has(later.time)) found.push(later)
  }
  return found.sort((one, other) => one.time - other.time)
}

/** Stores verdicts, and removes the marks of the places. */
export const storeVerdicts = defineWrite(
  'storeVerdicts',
  async (connection, { change, places, differences }: Judged): Promise<void> => {
    for (const { job, before, after } of differences) {
      if (after) await putVerdict(connection, after)
      else await removeVerdict(connection, job)
      if (
        (before?.verdict ?? 'none') !== (after?.verdict ?? 'none') ||
        isLeftOut(before) !== isLeftOut(after)
      ) {
        await verdictChanged(connection, job)
      }
    }
    for (const place of places) await connection.run(deletePlace, { ...place, change })
    connection.markChanged('analysis', 'any')
  },
)

/** Marks what the verdict on a job changes: the tests of the job, and the jobs that are compared with it. */
export async function verdictChanged(connection: Connection, job: number): Promise<void> {
  await markTestsStale(connection, job)
  await markVerdictPlace(connection, job)
  connection.markChanged('job', job)
}
