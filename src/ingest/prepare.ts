// Prepares a report for storing: masks secrets and cuts what is too long. It works cooperatively, because a long
// document takes a while.

import type { Cooperative } from '../lib/cooperative'
import { maskReport } from './masking'
import type { JobReport } from './model'
import { truncateReport } from './truncate'

/** @returns the same report if it is prepared already */
export function* prepareReport(report: JobReport): Cooperative<JobReport> {
  if (report.isPrepared) return report
  return { ...(yield* truncateReport(yield* maskReport(report))), isPrepared: true }
}
