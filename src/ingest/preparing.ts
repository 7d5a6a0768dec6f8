// A report as it can be stored: without secrets, and without what is too long. Of a long document that is much work.

import type { Cooperative } from '../lib/cooperative'
import { cutToSize } from './bounded'
import { maskReport } from './masking'
import type { JobReport } from './model'

/** The same report where that was done before. */
export function* prepared(report: JobReport): Cooperative<JobReport> {
  if (report.isPrepared) return report
  return { ...(yield* cutToSize(yield* maskReport(report))), isPrepared: true }
}
