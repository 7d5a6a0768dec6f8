// Stores results as tests. The results of a job are stored one after another, because each looks for a free tag first.

import { NotFound } from '../../../lib/errors'
import type { Identity } from '../../../lib/identity'
import { KeyedMutex } from '../../../lib/keyed-mutex'
import { findTestByTagQuery } from '../../../results/tests/reference'
import type { JobReport } from '../../model'
import type { IngestServices } from '../../services'
import { storeReport } from '../../store'
import {
  labelsOfResult,
  type PostedResult,
  REF_URL,
  RESULTSDB_CATEGORY,
  tagPrefixOf,
  toTestReport,
} from './model'
import { tagForResult } from './tags'

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

  return (job: string, posted: PostedResult, user: Identity | undefined, copyOf?: number): Promise<number> =>
    jobMutex.run(job.toLowerCase(), async () => {
      const prefix = tagPrefixOf(posted)
      const tag = await database.read(tagForResult, { jobId: job, posted, prefix })
      const labels = labelsOfResult(posted)
      const report = {
        ...emptyJobReport(job, null, null),
        ...(labels.length > 0 && { labels }),
        tests: [toTestReport(posted, { tag, prefix, copyOf }, clock())],
      }
      const stored = await storeReport(services, report, { user })
      const test = await database.read(findTestByTagQuery, { job: stored.job, tag })
      if (!test) throw new NotFound()
      return test.id
    })
}
