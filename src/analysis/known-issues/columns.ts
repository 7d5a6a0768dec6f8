// What clients write of a known issue, as columns.

import { Invalid } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import type { KnownIssueBody } from './model'

export interface KnownIssueColumns {
  template: string | null
  pattern: string | null
  testcase: string | null
  variant: string | null
  host: string | null
  component: string | null
  reportUrl: string
  reportSubject: string
  culprit: number
  comment: string
  intermittent: number
  expires: Microseconds | null
}

/** Nothing is known of it yet. */
export const NEW: KnownIssueColumns = {
  ...{ template: null, pattern: null, testcase: null, variant: null, host: null, component: null },
  ...{ reportUrl: '', reportSubject: '', culprit: 0, comment: '', intermittent: 0, expires: null },
}
const CULPRITS = { code: 1, tool: 2, harness: 4 }

export function toCulprit(culprit: number) {
  const has = (name: keyof typeof CULPRITS) => (culprit & CULPRITS[name]) > 0
  return { code: has('code'), tool: has('tool'), harness: has('harness') }
}

/**
 * What is stored when a body changes what is there.
 *
 * @throws Invalid when the result has neither a link nor a subject.
 */
export function changedColumns(before: KnownIssueColumns, body: KnownIssueBody): KnownIssueColumns {
  const { report_url, report_subject, culprit, intermittent, ...same } = body
  let bits = before.culprit
  for (const [name, bit] of Object.entries(CULPRITS)) {
    const given = culprit?.[name as keyof typeof CULPRITS]
    if (given !== undefined) bits = given ? bits | bit : bits & ~bit
  }
  const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined))
  const after: KnownIssueColumns = {
    ...before,
    ...given,
    reportUrl: report_url ?? before.reportUrl,
    reportSubject: report_subject ?? before.reportSubject,
    culprit: bits,
    intermittent: intermittent === undefined ? before.intermittent : Number(intermittent),
  }
  if (after.reportUrl === '' && after.reportSubject === '') {
    throw new Invalid({ report_url: 'Give the link of a report, or a report_subject: what is known?' })
  }
  return after
}

/** What is stored of a new rule. @throws Invalid, also when it does not say which failures it is about */
export function newColumns(body: KnownIssueBody): KnownIssueColumns {
  const columns = changedColumns(NEW, body)
  requireRule(columns)
  return columns
}

/** A rule says which failures it is about by either a template or a pattern. @throws Invalid */
export function requireRule({ template, pattern }: KnownIssueColumns): void {
  if (template !== null && pattern !== null) {
    throw new Invalid({ pattern: 'Give either a template or a pattern, not both.' })
  }
  if (template === null && pattern === null) {
    throw new Invalid({ template: 'Give a template or a pattern: which failures is it about?' })
  }
}
