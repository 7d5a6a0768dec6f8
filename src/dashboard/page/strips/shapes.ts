// The shape of a run, and its outcome in words.

import type { HistoryRun } from '../api'
import { meaningOf, statusOf } from '../statuses'

type Run = Pick<HistoryRun, 'status' | 'reported_status' | 'outcome' | 'flake'>

/** The CSS class of the shape of a run. */
export function shapeOf({ outcome, flake }: Run): string {
  if (outcome === 'passed') return 'run-pass'
  if (outcome === 'none') return 'run-none'
  return flake ? 'run-flake' : 'run-fail'
}

/** The outcome of a run in words. */
export function outcomeText(run: Run): string {
  const { label } = meaningOf(statusOf(run))
  return run.flake ? `${label}, a flake` : label
}
