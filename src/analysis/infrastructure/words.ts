// Why a job has its verdict, as a sentence.

import type { StoredVerdict } from './stored'

const percent = (share: number) => `${Math.round(100 * share)} %`

/** @param found  null: it is no mass failure. */
export function reasonOf(found: StoredVerdict | null | undefined): string {
  if (!found) return 'Not many tests failed here that had passed at their last run.'
  const { expected, broken, errors, runs, passed_again, ran_again, excused, selective, verdict } = found
  const failed = `${broken} of ${expected} tests that had passed at their last run fail here, ${errors} with ERROR`
  if (passed_again === null) {
    if (verdict === 'suspected') return `${failed}. No job of this host has run them again yet.`
    return selective
      ? `${failed}; whole tests fail and others do not, as if the product were at fault.`
      : `${failed}: too few errors to suspect the host or the lab.`
  }
  const jobs = runs === 1 ? 'the next job' : `the next ${runs} jobs`
  const again = `${failed}; in ${jobs} of this host ${percent(passed_again)} of them passed again`
  if (verdict === 'infrastructure') return `${again}, and no component explains it.`
  if (found.recovered === 0) return `${again}: that is no bad night.`
  if (selective)
    return `${again}, but whole tests failed and others did not, as if the product were at fault.`
  if (found.relapses > 0) return `${again}, but later they failed again while others passed.`
  if (ran_again === 0) return `${again}, but none of its branch.`
  return `${again}, but for ${ran_again - excused} of ${ran_again} a component changed before and after, which may be the reason.`
}
