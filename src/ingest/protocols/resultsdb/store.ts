// Stores results as tests. The results of a job are stored one after another, because each looks for a free tag first.

import { NotFound } from '../../../lib/errors'
import type { Identity } from '../../../lib/identity'
import { KeyedMutex } from '../../../lib/keyed-mutex'
import { findVisibleJob } from '../../../results/core/job-reference'
import { testData } from '../../../results/data/queries'
import type { WholeTestRow } from '../../../results/tests/model'
import { findTestByTag } from '../../../results/tests/reference'
import type { Connection } from '../../../storage/query'
import type { JobReport } from '../../model'
import type { IngestServices } from '../../services'
import { storeReport } from '../../store'
import {
  labelsOfResult,
  type PostedResult,
  REF_URL,
  RESULTSDB_CATEGORY,
  statusOfResult,
  tagPrefixOf,
  toTestReport,
} from './model'

/** How many tests of the same tag a post is compared with. */
const MAX_COMPARED = 16

/** A report of a job of which only these fields are known. */
export function emptyJobReport(id: string, description: string | null, refUrl: string | null): JobReport {
  return {
    id,
    description,
    descriptionSource: { first: null, others: null, from: 'tests' },
    time: null,
    elapsed: null,
    status: null,
    ended: false, // the protocol does not report the end of a job
    notStarted: null,
    environment: null,
    activities: [],
    data: refUrl === null ? [] : [{ category: RESULTSDB_CATEGORY, key: REF_URL, value: refUrl }],
    tests: [],
    warnings: [],
  }
}

/**
 * @returns a function that stores a result in a job and returns the id of the test. A result of several groups is a
 *   test in each job; `copyOf` is the id of the first test.
 */
export function resultStore(services: IngestServices) {
  const { database, clock } = services
  const jobMutex = new KeyedMutex()

  const storeResult = (
    job: string,
    posted: PostedResult,
    user: Identity | undefined,
    copyOf?: number,
  ): Promise<number> =>
    jobMutex.run(job.toLowerCase(), async () => {
      const prefix = tagPrefixOf(posted)
      const tag = await tagFor(job, posted, prefix)
      const labels = labelsOfResult(posted)
      const report = {
        ...emptyJobReport(job, null, null),
        ...(labels.length > 0 && { labels }),
        tests: [toTestReport(posted, { tag, prefix, copyOf }, clock())],
      }
      const stored = await storeReport(services, report, { user })
      const test = await database.read((connection) => findTestByTag(connection, stored.job, tag))
      if (!test) throw new NotFound()
      return test.id
    })

  /**
   * The tag for a result. With a logdir, the same post again is the same test. Without one, a testcase that is posted
   * twice is two tests.
   */
  const tagFor = (jobId: string, posted: PostedResult, prefix: string): Promise<string> => {
    const tag = prefix + posted.testcase
    const nth = (count: number) => (count === 1 ? tag : `${tag}#${count}`)
    return database.read(async (connection) => {
      const job = await findVisibleJob(connection, jobId)
      if (!job) return tag
      const at = (count: number) => findTestByTag(connection, job.number, nth(count))
      if (prefix === '') return nth(await firstFree(async (count) => !(await at(count))))
      const isPosted = async (count: number) => {
        const stored = await at(count)
        return !stored || (await isSame(connection, stored, posted))
      }
      for (let count = 1; count <= MAX_COMPARED; count++) if (await isPosted(count)) return nth(count)
      // So many tests of one tag are unusual. Only the newest is compared, because a client repeats its last post.
      const free = MAX_COMPARED + (await firstFree(async (count) => !(await at(MAX_COMPARED + count))))
      return nth((await isPosted(free - 1)) ? free - 1 : free)
    })
  }

  return storeResult
}

/** Whether the stored test is the posted one, from an earlier post or from another source. */
async function isSame(connection: Connection, stored: WholeTestRow, posted: PostedResult): Promise<boolean> {
  const { status, reported } = statusOfResult(posted)
  if (stored.status !== null && (stored.status !== status || stored.reported_status !== reported))
    return false
  const folder = (await testData.list(connection, stored.id, { limit: 1000, offset: 0 })).find(
    ({ category, key }) => category === RESULTSDB_CATEGORY && key === 'logdir',
  )?.value
  return folder === undefined || folder === posted.data.get('logdir')
}

/**
 * A free number of 1, 2, 3 ...: the lowest one, if none below it became free again. A binary search needs few lookups
 * even among thousands of tests.
 */
async function firstFree(isFree: (count: number) => Promise<boolean>): Promise<number> {
  let free = 1
  while (!(await isFree(free))) free *= 2
  let taken = Math.floor(free / 2)
  while (free - taken > 1) {
    const middle = Math.floor((free + taken) / 2)
    if (await isFree(middle)) free = middle
    else taken = middle
  }
  return free
}
