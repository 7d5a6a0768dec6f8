// What an import did, for the one who sent it.

import type { Refusal } from './ndjson'
import type { Stored } from './store'

export interface ImportedJob extends Stored {
  files: { added: number; changed: number; unchanged: number }
}

export interface Imported {
  jobs: Outcomes
  /** The first lines of NDJSON, and files of a form, that were refused, and why. */
  refused: Refusal[]
  /** All of them. */
  refusedCount: number
}

/** Jobs that are listed in an answer, and bytes of their warnings: an import may hold millions of jobs. */
export const MAX_LISTED = 10_000
const MAX_WARNING_BYTES = 8 * 1024 ** 2

/** Jobs that were stored: the first of them, and how many there are. */
export class Outcomes {
  count = 0
  hasNew = false
  private readonly kept: { job: ImportedJob; place: number }[] = []
  private warningBytes = 0

  /** @param place  in what was sent; those that are stored at the same time end in any order. */
  add(job: ImportedJob, place = this.count): this {
    this.count++
    this.hasNew ||= job.isNew
    this.warningBytes += job.warnings.reduce((sum, sentence) => sum + Buffer.byteLength(sentence), 0)
    const hasRoom = this.kept.length < MAX_LISTED && this.warningBytes <= MAX_WARNING_BYTES
    if (hasRoom) this.kept.push({ job, place })
    return this
  }

  /** Adds those of another import, behind these. */
  addAll(other: Outcomes): void {
    const listed = other.listed()
    for (const job of listed) this.add(job)
    this.count += other.count - listed.length
    this.hasNew ||= other.hasNew
  }

  /** In the order in which they were sent. */
  listed(): ImportedJob[] {
    return this.kept.toSorted((one, another) => one.place - another.place).map(({ job }) => job)
  }
}
