// The tag of the test that a result is stored as.

import { findVisibleJob } from '../../../results/core/job-reference'
import { testData } from '../../../results/data/queries'
import type { WholeTestRow } from '../../../results/tests/model'
import { findTestByTag } from '../../../results/tests/reference'
import { defineQuery } from '../../../storage/database'
import type { Connection } from '../../../storage/query'
import { type PostedResult, RESULTSDB_CATEGORY, statusOfResult } from './model'

/** How many tests of the same tag a post is compared with. */
const MAX_COMPARED = 16

/**
 * The tag for a result. With a logdir, the same post again is the same test. Without one, a testcase that is posted
 * twice is two tests.
 */
export const tagForResult = defineQuery(
  'tagForResult',
  async (
    connection,
    { jobId, posted, prefix }: { jobId: string; posted: PostedResult; prefix: string },
  ): Promise<string> => {
    const tag = prefix + posted.testcase
    const nth = (count: number) => (count === 1 ? tag : `${tag}#${count}`)
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
  },
)

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
