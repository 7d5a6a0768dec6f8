// The job that a test is added to: asked with every one that comes, and the same for as long as the job is there.

import type { Identity } from '../../auth/credentials'
import { requireOwn } from '../../auth/rights'
import { onePer } from '../../lib/one-per'
import type { Database } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { Remembered } from '../../storage/read-through-cache'
import {
  findVisibleJob,
  getJobToChange,
  type JobOwner,
  makerOf,
  ownerOf,
  readReference,
} from './job-reference'

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
  toChange(reference: string | null, user: Identity | undefined): JobOwner {
    const id = readReference(reference) // Elysia gives null for what percent-encodes no UTF-8
    const made = this.jobs.find(id, (connection) => findMade(connection, id))
    if (!made) return this.database.read((connection) => ownerOf(getJobToChange(connection, id, user)))
    requireOwn(user, () => made.madeBy)
    return made
  }
}

function findMade(connection: Connection, id: string): MadeJob | undefined {
  const job = findVisibleJob(connection, id)
  return job && { ...ownerOf(job), madeBy: makerOf(connection, job.number) }
}
