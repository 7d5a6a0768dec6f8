// Statuses of jobs and tests. The database has numbers, the wire format has names.

import { Type as t } from '@sinclair/typebox'
import { choice } from '../../http/resource/fields'
import { jobStatuses, reportedStatuses, testStatuses } from '../../storage/seed-data'

export const statusItem = t.Object({ name: t.String(), description: t.String() })

function nameOf(rows: readonly { id: number; name: string }[], code: number | null): string | null {
  return code === null ? null : (rows[code - 1]?.name ?? null)
}

export function jobStatusName(code: number | null): string | null {
  return nameOf(jobStatuses, code)
}

export function testStatusName(code: number | null): string | null {
  return nameOf(testStatuses, code)
}

export function reportedStatusName(code: number | null): string | null {
  return nameOf(reportedStatuses, code)
}

/** One of the five documented test statuses, and the client's own word if it is another. */
export interface ReportedTestStatus {
  status: number
  reported: number | null
}

const testWords = new Map<string, ReportedTestStatus>([
  ...testStatuses.map(({ id, name }) => [name, { status: id, reported: null }] as const),
  ...reportedStatuses.map(({ id, name, status }) => [name, { status, reported: id }] as const),
])

/** A test status from a client: one of the five, or SKIP, CANCEL, INTERRUPTED; case does not matter. */
export const testStatusField = choice([...testWords.keys()], findTestStatus)

/** @returns undefined when the word is not a test status. */
export function findTestStatus(word: string): ReportedTestStatus | undefined {
  return testWords.get(/^[A-Za-z_]+$/.test(word) ? word.toUpperCase() : word)
}

const jobCodes = new Map<string, number>(jobStatuses.map(({ id, name }) => [name, id]))

export const jobStatusField = choice([...jobCodes.keys()], (name) => jobCodes.get(name))
