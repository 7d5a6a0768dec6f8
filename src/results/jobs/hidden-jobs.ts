// Deletes hidden jobs: those that a client deleted, and those whose writing failed.

import { MAX_CHUNK_ROWS } from '../../storage/chunked-writes'
import type { ResultServices } from '../core/services'
import { deleteHiddenJobRows, hiddenJobs } from './deletion'

/** How long to wait before the next attempt to delete a hidden job. */
const RETRY_DELETION_MS = 60_000

/**
 * Deletes a hidden job step by step, so that other writes run in between. After a failure, such as a full disk or a
 * locked database, it tries again later. Clients never see a hidden job.
 */
export async function deleteHidden(
  services: Pick<ResultServices, 'database' | 'log'>,
  job: number,
): Promise<void> {
  try {
    while (!(await services.database.write(deleteHiddenJobRows, { job, rows: MAX_CHUNK_ROWS })).done);
  } catch (error) {
    if (services.database.closed) return // the next start sweeps
    services.log.warn({ err: error, job }, 'a hidden job could not be deleted; it will be tried again')
    setTimeout(() => deleteHidden(services, job), RETRY_DELETION_MS).unref()
  }
}

/** Deletes the hidden jobs that a crash left during their writing or deletion. */
export async function sweepHiddenJobs(services: Pick<ResultServices, 'database' | 'log'>): Promise<void> {
  const jobs = await services.database.read(hiddenJobs)
  for (const job of jobs) await deleteHidden(services, job)
  if (jobs.length > 0)
    services.log.info({ jobs: jobs.length }, 'removed jobs that a crash had left incomplete')
}
