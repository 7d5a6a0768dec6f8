// The shape of a run, and its outcome in words.

import type { HistoryRun } from '../api'
import { meaningOf, statusOf } from '../statuses'

type Run = Pick<HistoryRun, 'status' | 'reported_status' | 'outcome' | 'flake' | 'infrastructure'>

/** The CSS class of the shape of a run. */
export function shapeOf({ outcome, flake, infrastructure }: Run): string {
  if (outcome === 'passed') return 'run-pass'
  if (outcome === 'none') return 'run-none'
  if (infrastructure) return 'run-bad-night'
  return flake ? 'run-flake' : 'run-fail'
}

/** The outcome of a run in words. */
export function outcomeText(run: Run): string {
  const { label } = meaningOf(statusOf(run))
  if (run.infrastructure) return `${label}, infrastructure`
  return run.flake ? `${label}, a flake` : label
}
