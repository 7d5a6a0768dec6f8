// Prepares a report for storing: masks secrets and cuts what is too long. Large documents take long.

import type { Cooperative } from '../lib/cooperative'
import { cutToSize } from './bounded'
import { maskReport } from './masking'
import type { JobReport } from './model'

/** @returns the same report if it is prepared already */
export function* prepared(report: JobReport): Cooperative<JobReport> {
  if (report.isPrepared) return report
  return { ...(yield* cutToSize(yield* maskReport(report))), isPrepared: true }
}
