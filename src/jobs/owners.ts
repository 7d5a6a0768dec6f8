// The job that a test is added to: asked with every one that comes, and the same for as long as the job is there.

import type { Identity } from '../auth/credentials'
import { requireOwn } from '../auth/rights'
import { onePer } from '../one-per'
import type { Database } from '../storage/database'
import type { Connection } from '../storage/query'
import { Remembered } from '../storage/remembered'
import { findVisibleJob, getJobToChange, type JobOwner, makerOf, ownerOf } from './reference'

/** A job with the user who made it; null: nobody did. */
interface MadeJob extends JobOwner {
  madeBy: number | null
}

export class JobOwners {
  private readonly jobs: Remembered<MadeJob>

  /** One for all parts of an app. */
  static readonly of = onePer((database: Database) => new JobOwners(database))

  constructor(private readonly database: Database) {
    this.jobs = new Remembered(database)
  }

  /**
   * The job that a URL names, for somebody who adds to it. Remembered where it is named by its whole id: what the
   * beginning of one names can be another job, once that has come.
   *
   * @throws as getJobToChange()
   */
  toChange(reference: string, user: Identity | undefined): JobOwner {
    const made = this.jobs.find(reference.toLowerCase(), (connection) => findMade(connection, reference))
    if (!made) return this.database.read((connection) => ownerOf(getJobToChange(connection, reference, user)))
    requireOwn(user, () => made.madeBy)
    return made
  }
}

function findMade(connection: Connection, id: string): MadeJob | undefined {
  const job = findVisibleJob(connection, id)
  return job && { ...ownerOf(job), madeBy: makerOf(connection, job.number) }
}
