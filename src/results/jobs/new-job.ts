// Writes a new job, posted or reported: at once when it is small, or in several transactions, hidden until the last.

import { takeTwo, type WriteInTurn, writerOf } from '../../storage/chunked-writes'
import type { ResultServices } from '../core/services'
import { deleteHidden } from './hidden-jobs'
import { emptyPart, type JobPart } from './job-parts'
import { addHiddenJob, type JobHead } from './queries'

/** The writes that make a job. They differ between a job that is posted and one that is reported. */
export interface NewJobWrites<Test> {
  /** Writes a job that has one part, or none. @returns its number; undefined when its id is taken */
  addWhole(part: JobPart<Test>): Promise<number | undefined>
  /** Adds a part to the hidden job. */
  addPart(job: number, part: JobPart<Test>, write: WriteInTurn): Promise<void>
  /** Called when all parts are written, for what has to be there when the job is shown, such as its files. */
  beforeReveal?: ((job: number) => Promise<void>) | undefined
  /** Shows the job. @returns false when its id was taken meanwhile */
  reveal(job: number): Promise<boolean>
}

/**
 * Writes everything or nothing. If something fails, what is written already is deleted; after a crash, the next start
 * does that.
 *
 * @param parts  made one at a time.
 * @returns the job's number, when everything is on disk and visible; undefined when its id is taken.
 */
export async function writeNewJob<Test>(
  services: Pick<ResultServices, 'database' | 'log'>,
  head: JobHead,
  parts: Generator<JobPart<Test>>,
  { addWhole, addPart, beforeReveal, reveal }: NewJobWrites<Test>,
): Promise<number | undefined> {
  const { database } = services
  const ahead = takeTwo(parts)
  const isLarge = ahead.length > 1
  if (!isLarge && !beforeReveal) return addWhole(ahead[0] ?? emptyPart())
  const write = writerOf(database, { isLarge })
  const { job } = await database.write(addHiddenJob, { head })
  let isShown = false
  try {
    for (const part of ahead) await addPart(job, part, write)
    for (const part of parts) await addPart(job, part, write)
    await beforeReveal?.(job)
    isShown = await reveal(job)
    return isShown ? job : undefined
  } finally {
    if (!isShown) await deleteHidden(services, job)
  }
}
