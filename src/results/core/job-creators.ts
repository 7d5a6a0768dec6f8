// Caches jobs with their creators, until a job is deleted. Each POST of a test looks up its job.

import { requireRightToChange } from '../../auth/rights'
import type { Identity } from '../../lib/identity'
import { type Database, defineQuery } from '../../storage/database'
import { ReadThroughCache } from '../../storage/read-through-cache'
import { creatorOf, getJob, type JobRef, jobRefOf, readReference } from './job-reference'

/** A job with the user who created it; null: an anonymous client. */
interface JobWithCreator extends JobRef {
  createdBy: number | null
}

export class JobCreators {
  private readonly jobs: ReadThroughCache<JobWithCreator>

  constructor(database: Database) {
    this.jobs = new ReadThroughCache(
      database,
      { 'deleted-job': ({ job }) => job },
      // A number or a prefix may name another job later.
      { mayKeep: ({ jobId }, reference) => jobId.toLowerCase() === reference },
    )
  }

  /**
   * The job that a URL names, for a user who adds to it.
   *
   * @throws as getJob(); Forbidden when another user created it and the role only allows changes to the user's own jobs.
   */
  async toChange(reference: string | null, user: Identity | undefined): Promise<JobRef> {
    const id = readReference(reference) // Elysia gives null for invalid percent-encoding
    const job = (await this.jobs.find(id, getJobWithCreator, id)) as JobWithCreator
    await requireRightToChange(user, async () => job.createdBy)
    return job
  }
}

export const getJobWithCreator = defineQuery(
  'getJobWithCreator',
  async (connection, reference: string): Promise<JobWithCreator> => {
    const job = await getJob(connection, reference)
    return { ...jobRefOf(job), createdBy: await creatorOf(connection, job.number) }
  },
)
