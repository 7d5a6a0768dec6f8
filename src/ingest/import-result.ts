// The result of an import, for the answer to the sender.

import type { Refusal } from './ndjson'
import type { Stored } from './store'

export interface ImportedJob extends Stored {
  files: { added: number; changed: number; unchanged: number }
}

export interface ImportResult {
  jobs: ImportedJobs
  /** The first refused lines of NDJSON or files of a form, with reasons. */
  refused: Refusal[]
  /** How many were refused in all. */
  refusedCount: number
}

/** Limits of the listed jobs and of the bytes of their warnings: an import may hold millions of jobs. */
export const MAX_LISTED = 10_000
const MAX_WARNING_BYTES = 8 * 1024 ** 2

/** Collects stored jobs: keeps the first ones and counts all. */
export class ImportedJobs {
  count = 0
  hasNew = false
  private readonly kept: { job: ImportedJob; place: number }[] = []
  private warningBytes = 0

  /** @param place  of the job in the body: jobs that are stored at the same time finish in any order. */
  add(job: ImportedJob, place = this.count): this {
    this.count++
    this.hasNew ||= job.isNew
    this.warningBytes += job.warnings.reduce((sum, sentence) => sum + Buffer.byteLength(sentence), 0)
    const hasRoom = this.kept.length < MAX_LISTED && this.warningBytes <= MAX_WARNING_BYTES
    if (hasRoom) this.kept.push({ job, place })
    return this
  }

  /** Appends the jobs of another import. */
  addAll(other: ImportedJobs): void {
    const listed = other.listed()
    for (const job of listed) this.add(job)
    this.count += other.count - listed.length
    this.hasNew ||= other.hasNew
  }

  /** The kept jobs, in the order in which they were sent. */
  listed(): ImportedJob[] {
    return this.kept.toSorted((one, another) => one.place - another.place).map(({ job }) => job)
  }
}
