// Whether a cluster is a bad night of the lab, and not of the product.

import { sql } from 'kysely'
import {
  type Connection,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { isInfrastructure } from '../infrastructure/effective'

/** Of the test cases of its jobs, how many a bad night breaks at least. */
const LEAST_SHARE = 0.3
/** In UTC. */
const MOST_DAYS = 3
/** A cause that hits more jobs in so few days is looked at no further. */
const MOST_JOBS = 200

const ofJobs = query<{ jobs: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .select(sql<number>`count(DISTINCT test.testcase)`.as('testcases'))
    .where(inList('test.job', param('jobs')))
    .where(inTime),
)
const otherJobs = query<{ jobs: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where(inList('number', param('jobs')))
    .where(sql<boolean>`NOT ${isInfrastructure}`)
    .limit(1),
)

/** @param cluster  its jobs, how many test cases failed so, and on how many days. */
export async function isBadNight(
  connection: Connection,
  { jobs, tests, days }: { jobs: readonly number[]; tests: number; days: number },
): Promise<boolean> {
  if (days === 0 || days > MOST_DAYS || jobs.length > MOST_JOBS) return false
  const given = { jobs: toNumberList(jobs) }
  if (await connection.first(otherJobs, given)) return false
  const { testcases = 0 } = (await connection.first(ofJobs, given)) ?? {}
  return tests >= LEAST_SHARE * testcases
}
