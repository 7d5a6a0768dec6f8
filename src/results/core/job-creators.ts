// Caches jobs with their creators, until a job is deleted. Each POST of a test looks up its job.

import { requireRightToChange } from '../../auth/rights'
import type { Identity } from '../../lib/identity'
import { type Database, defineQuery } from '../../storage/database'
import { ReadThroughCache } from '../../storage/read-through-cache'
import { creatorOf, findVisibleJob, type JobRef, jobRefOf, jobToChange, readReference } from './job-reference'

/** A job with the user who created it; null: an anonymous client. */
interface JobWithCreator extends JobRef {
  createdBy: number | null
}

export class JobCreators {
  private readonly jobs: ReadThroughCache<JobWithCreator>

  constructor(private readonly database: Database) {
    this.jobs = new ReadThroughCache(database, { 'deleted-job': ({ job }) => job })
  }

  /**
   * The job that a URL names, for a user who adds to it. It is cached where the URL has its whole id. A prefix may name
   * another job later.
   *
   * @throws as getJobToChange()
   */
  async toChange(reference: string | null, user: Identity | undefined): Promise<JobRef> {
    const id = readReference(reference) // Elysia gives null for invalid percent-encoding
    const made = await this.jobs.find(id, findJobWithCreator, id)
    if (!made) return jobRefOf(await this.database.read(jobToChange, { reference: id, user }))
    await requireRightToChange(user, async () => made.createdBy)
    return made
  }
}

export const findJobWithCreator = defineQuery(
  'findJobWithCreator',
  async (connection, id: string): Promise<JobWithCreator | undefined> => {
    const job = await findVisibleJob(connection, id)
    return job && { ...jobRefOf(job), createdBy: await creatorOf(connection, job.number) }
  },
)
