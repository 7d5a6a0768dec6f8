// Why a job has its verdict, as a sentence.

import { formatTime } from '../../lib/time'
import type { Connection } from '../../storage/query'
import { findSetVerdict } from './set'
import { type StoredVerdict, storedVerdict } from './stored'

/**
 * What is known of the verdict of a job.
 *
 * @returns `found`: by the server; undefined: it is no mass failure. `set`: by somebody; undefined: nobody said anything.
 *   `why`: who set it and why it is so, in the wire format.
 */
export async function explainVerdict(connection: Connection, job: number) {
  const found = await storedVerdict(connection, job)
  const set = await findSetVerdict(connection, job)
  const why = {
    verdict_by: set?.by ?? null,
    set_at: set ? formatTime(set.at) : null,
    comment: set?.comment ?? '',
    reason: set ? `${set.by} said so.` : reasonOf(found),
  }
  return { found, set, why }
}

const percent = (share: number) => `${Math.round(100 * share)} %`

/** @param found  undefined: it is no mass failure. */
function reasonOf(found: StoredVerdict | undefined): string {
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
