// Caches jobs with their creators, until a job is deleted. Each POST of a test looks up its job.

import { requireRightToChange } from '../../auth/rights'
import type { Identity } from '../../lib/identity'
import type { Database } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { ReadThroughCache } from '../../storage/read-through-cache'
import {
  creatorOf,
  findVisibleJob,
  getJobToChange,
  type JobRef,
  jobRefOf,
  readReference,
} from './job-reference'

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
  toChange(reference: string | null, user: Identity | undefined): JobRef {
    const id = readReference(reference) // Elysia gives null for invalid percent-encoding
    const made = this.jobs.find(id, (connection) => findJobWithCreator(connection, id))
    if (!made) return this.database.read((connection) => jobRefOf(getJobToChange(connection, id, user)))
    requireRightToChange(user, () => made.createdBy)
    return made
  }
}

function findJobWithCreator(connection: Connection, id: string): JobWithCreator | undefined {
  const job = findVisibleJob(connection, id)
  return job && { ...jobRefOf(job), createdBy: creatorOf(connection, job.number) }
}
