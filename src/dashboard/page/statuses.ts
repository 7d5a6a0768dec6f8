// The label and the tone of each status of the API. A tone has an icon besides its colour, because colour alone must
// not carry a meaning.

import type { Job, Test, WholeTest } from './api'

export type Tone = 'pass' | 'fail' | 'error' | 'warn' | 'skip' | 'running' | 'none'

export interface Meaning {
  label: string
  tone: Tone
}

const meanings: Record<string, Meaning> = {
  PASS: { label: 'Pass', tone: 'pass' },
  FAIL: { label: 'Fail', tone: 'fail' },
  ERROR: { label: 'Error', tone: 'error' },
  WARN: { label: 'Warn', tone: 'warn' },
  TEST_NA: { label: 'Skip', tone: 'skip' },
  SKIP: { label: 'Skip', tone: 'skip' },
  CANCEL: { label: 'Cancel', tone: 'skip' },
  INTERRUPTED: { label: 'Interrupted', tone: 'error' },
  ABORT: { label: 'Abort', tone: 'error' },
  ALERT: { label: 'Alert', tone: 'warn' },
  START: { label: 'Start', tone: 'running' },
  RUNNING: { label: 'Running', tone: 'running' },
  NOSTATUS: { label: 'Unknown', tone: 'none' },
  unfinished: { label: 'Not ended', tone: 'running' },
  not_started: { label: 'Not started', tone: 'none' },
}

const unknown: Meaning = { label: 'No status', tone: 'none' }

export function meaningOf(status: string | null | undefined): Meaning {
  return (status && meanings[status]) || unknown
}

/** The status of a test to show: the one that the client reported, if any. */
export function statusOf({ status, reported_status }: Pick<Test, 'status' | 'reported_status'>): string {
  return reported_status ?? status ?? 'unfinished'
}

/** The part of a tag before the name: a number and perhaps a suite. */
export function prefixOf({ tag, name, variant }: Pick<WholeTest, 'tag' | 'name' | 'variant'>): string {
  const rest = variant === null ? name : `${name};${variant}`
  return tag.endsWith(rest) ? tag.slice(0, tag.length - rest.length) : ''
}

/** The outcomes of tests, the worst first. Bars, filters and tables use this order. */
export const outcomes = ['ERROR', 'FAIL', 'unfinished', 'WARN', 'TEST_NA', 'PASS'] as const

/** The worst outcome of a job's tests; undefined: there is no outcome yet. */
export function worstOutcomeOf({ outcomes: counts, not_started }: Pick<Job, 'outcomes' | 'not_started'>) {
  const worst = outcomes.find((outcome) => (counts?.[outcome] ?? 0) > 0)
  const isBroken = worst === 'ERROR' || worst === 'FAIL'
  return !isBroken && (not_started ?? 0) > 0 ? 'not_started' : worst
}
