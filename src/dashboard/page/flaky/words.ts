// What a flaky test that fails now may be, in a sentence.

import type { FlakyTest } from '../api'
import { formatCounted, formatShare } from '../format'

/** Nothing where it passes. `Fails now: 35 % that it is broken; 1 more failure or 2 passes would tell.` */
export function oddsText({ rerun: { probability, more_runs: more } }: FlakyTest): string {
  if (probability === null) return ''
  const chance = `Fails now: ${formatShare(probability)} that it is broken`
  const { if_fails: failures, if_passes: passes } = more ?? {}
  if (!failures || !passes) return `${chance}.`
  return `${chance}; ${formatCounted(failures, 'more failure')} or ${formatCounted(passes, 'pass').replace(/pass$|passs$/, passes === 1 ? 'pass' : 'passes')} would tell.`
}
