// In which order the jobs of a lab arrive: files of jobs, some of which come late.

import { Random } from './random'

/** Jobs of a file. */
export const JOBS_PER_FILE = 250
/** So many come late, by up to so many files. */
const LATE = 0.02
const MOST_FILES = 20

export function filesOf(jobs: number): number {
  return Math.ceil(jobs / JOBS_PER_FILE)
}

/** The jobs of a file, in the order in which they arrive. All files together have each job once. */
export function jobsOfFile(seed: number, file: number, jobs: number): number[] {
  const found: number[] = []
  const first = Math.max(0, file - MOST_FILES) * JOBS_PER_FILE
  const end = Math.min(jobs, (file + 1) * JOBS_PER_FILE)
  for (let job = first; job < end; job++) if (fileOf(seed, job, jobs) === file) found.push(job)
  return found
}

function fileOf(seed: number, job: number, jobs: number): number {
  const own = Math.floor(job / JOBS_PER_FILE)
  const random = new Random(seed, 13, job)
  if (!random.chance(LATE)) return own
  return Math.min(filesOf(jobs) - 1, own + 1 + random.below(MOST_FILES))
}
