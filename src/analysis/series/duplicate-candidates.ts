// Finds the jobs that may be another report of a job, by its longest tests.

import { sql } from 'kysely'
import { DAY, type Microseconds } from '../../lib/time'
import { toRanAt } from '../../results/core/ran-at'
import {
  type Connection,
  inList,
  type NumberList,
  notIndexed,
  query,
  tables,
  toNumberList,
} from '../../storage/query'

/** Tests that took less time than this are alike in all runs, in seconds. */
export const LEAST_SECONDS = 0.01
/** Fewer tests tell nothing. */
export const LEAST_TESTS = 3
/** Two reports of one run have the same elapsed time to a millisecond. */
const TOLERANCE = 0.001
/** Tests of a job by which other reports are looked for, and how far from it in time those are. */
const SAMPLES = 5
const MAX_DISTANCE: Microseconds = 7 * DAY
const MAX_CANDIDATES = 10
const MAX_ALIKE = 100
/** Jobs of one host in that time are looked at one by one. Where there are more, or no host is known, runs are. */
const MAX_BESIDE = 500

const longestTests = query<{ job: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .select(['testcase.text', 'elapsed', 'time'])
    .where('job', '=', param('job'))
    .where('elapsed', '>=', sql.lit(LEAST_SECONDS))
    .orderBy('elapsed', 'desc')
    .orderBy('testcase.text')
    .limit(param('limit')),
)
const besideOnHost = query<{ host: number; from: Microseconds; to: Microseconds; limit: number }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where('host', '=', param('host'))
    .where('time', '>=', param('from'))
    .where('time', '<=', param('to'))
    .where(sql<boolean>`complete = 1`)
    .limit(param('limit')),
)
// A report may know a suite that another does not: the text of the test case is compared.
const alikeAmong = query<{ jobs: NumberList; text: string; elapsed: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .crossJoin('test')
    .select('test.job as number')
    .where('testcase.text', '=', param('text'))
    .where(inList('test.job', param('jobs')))
    .where(sql<boolean>`test.testcase = testcase.id`)
    .where(sql<boolean>`abs(test.elapsed - ${param('elapsed')}) < ${sql.lit(TOLERANCE)}`),
)
const alike = query<
  { job: number; host: number | null; text: string; elapsed: number } & {
    from: number
    to: number
    limit: number
  }
>()((param) =>
  tables
    .selectFrom('testcase')
    .crossJoin('test')
    .innerJoin('job', 'job.number', 'test.job')
    .select('job.number')
    .where('testcase.text', '=', param('text'))
    .where(sql<boolean>`test.testcase = testcase.id`)
    .where('test.ran_at', '>=', param('from'))
    .where('test.ran_at', '<=', param('to'))
    .where(
      sql<boolean>`${notIndexed('test.job')} <> ${param('job')} AND job.host IS NOT DISTINCT FROM ${param('host')} AND job.complete = 1`,
    )
    // Behind the CASE, so that the tests of other hosts are not read: the index has all else.
    .where(
      sql<boolean>`CASE WHEN job.host IS NOT DISTINCT FROM ${param('host')} THEN abs(test.elapsed - ${param('elapsed')}) < ${sql.lit(TOLERANCE)} END`,
    )
    .limit(param('limit')),
)

/**
 * The jobs that may be another report of a job: on its host, at about its time, with a test of the same name that took as
 * long. Of many, those with the most such tests.
 *
 * @returns none for a job with too few tests to tell.
 */
export async function findCandidates(connection: Connection, job: PlacedJob): Promise<number[]> {
  const samples = await connection.all(longestTests, { job: job.number, limit: SAMPLES })
  if (samples.length < LEAST_TESTS) return []
  const found =
    (await candidatesOnHost(connection, job, samples)) ?? (await candidatesByRuns(connection, job, samples))
  const likeliest = [...found].sort(([, one], [, other]) => other - one)
  return likeliest.slice(0, MAX_CANDIDATES).map(([number]) => number)
}

interface PlacedJob {
  number: number
  host: number | null
  time: Microseconds
}

interface Sample {
  text: string
  elapsed: number | null
  time: Microseconds
}

/** How many of the samples each of them has, by its number. */
type Candidates = Map<number, number>

/** Jobs of its host in which a sample took the same time. @returns undefined: there are too many jobs to look at */
async function candidatesOnHost(
  connection: Connection,
  { number, host, time }: PlacedJob,
  samples: readonly Sample[],
): Promise<Candidates | undefined> {
  if (host === null) return undefined
  const range = { from: time - MAX_DISTANCE, to: time + MAX_DISTANCE }
  const beside = await connection.all(besideOnHost, { host, ...range, limit: MAX_BESIDE })
  if (beside.length === MAX_BESIDE) return undefined
  const jobs = toNumberList(beside.map((job) => job.number).filter((other) => other !== number))
  const candidates: Candidates = new Map()
  for (const { text, elapsed } of samples) {
    const rows = await connection.all(alikeAmong, { jobs, text, elapsed: elapsed ?? 0 })
    for (const row of rows) candidates.set(row.number, (candidates.get(row.number) ?? 0) + 1)
  }
  return candidates
}

async function candidatesByRuns(
  connection: Connection,
  { number: job, host }: PlacedJob,
  samples: readonly Sample[],
): Promise<Candidates> {
  const candidates: Candidates = new Map()
  for (const { text, elapsed, time } of samples) {
    const range = { from: toRanAt(time - MAX_DISTANCE), to: toRanAt(time + MAX_DISTANCE), limit: MAX_ALIKE }
    const rows = await connection.all(alike, { job, host, text, elapsed: elapsed ?? 0, ...range })
    for (const row of rows) candidates.set(row.number, (candidates.get(row.number) ?? 0) + 1)
  }
  return candidates
}
