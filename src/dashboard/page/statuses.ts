// What the words of the API mean to a reader: a label, a sign, and how good or bad it is. Colour is never the only
// sign.

import type { Test } from './api'

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

export function meaningOf(word: string | null | undefined): Meaning {
  return (word && meanings[word]) || unknown
}

/** The word for a test: the client's own where it has one. */
export function wordOf({ status, reported_status }: Pick<Test, 'status' | 'reported_status'>): string {
  return reported_status ?? status ?? 'unfinished'
}

/** The outcomes of tests, the worst first: the order of bars, filters and tables. */
export const outcomes = ['ERROR', 'FAIL', 'unfinished', 'WARN', 'TEST_NA', 'PASS'] as const
