// The rows of which a regression is found: one for each job.

import type { JobRow } from './onset'

/** The runs of one job share its causes, so that more than two of them tell no more than two. */
const MOST_RUNS = 2

/** A run that passed, or that failed for the reason that is asked about. */
export interface JobRun {
  /** The place of its job among those of all hosts, in the order of time. */
  position: number
  failed: boolean
}

/** One row for each job of these runs on one host and distro, in the order of time. Failures are rounded up. */
export function jobRows(runs: Iterable<JobRun>): JobRow[] {
  const jobs = new Map<number, JobRow>()
  for (const { position, failed } of runs) {
    const job = jobs.get(position) ?? { position, failures: 0, runs: 0 }
    job.runs++
    if (failed) job.failures++
    jobs.set(position, job)
  }
  return [...jobs.values()].sort((a, b) => a.position - b.position).map(atMostTwo)
}

function atMostTwo(job: JobRow): JobRow {
  const runs = Math.min(job.runs, MOST_RUNS)
  return { position: job.position, failures: Math.ceil((job.failures * runs) / job.runs), runs }
}
