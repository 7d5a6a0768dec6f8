// Adds to a job what its directory records besides the tests: command line, parameters, exit code.

import { AVOCADO_CATEGORY } from '../results/core/job-timeout'
import type { NewDatum } from '../results/data/queries'
import { reportedStatusName, testStatusName } from '../results/statuses/model'
import { type Jobdata, missingReferences } from './formats/jobdata'
import { descriptionSourceOf } from './job-description'
import type { JobReport, TestReport } from './model'

export function withMetadata(report: JobReport, jobdata: Jobdata): JobReport {
  const { references } = jobdata
  const descriptionSource =
    (references && descriptionSourceOf(references, 'references')) ?? report.descriptionSource
  return {
    ...report,
    ...(descriptionSource && { descriptionSource }),
    data: [...report.data, ...jobdata.data, ...metadataOf(report, jobdata)],
    tests:
      jobdata.parameters.size === 0
        ? report.tests
        : report.tests.map((test) => withParameters(test, jobdata)),
    warnings: [...report.warnings, ...jobdata.warnings],
  }
}

function withParameters(test: TestReport, { parameters }: Jobdata): TestReport {
  const ofVariant = test.variant === null ? undefined : parameters.get(test.variant)
  return ofVariant ? { ...test, data: [...test.data, ...ofVariant] } : test
}

/** Data that need the status of every planned test. Only results.json lists all of them. */
function metadataOf(
  { ended, notStarted, tests }: JobReport,
  { references, ignoresMissing }: Jobdata,
): NewDatum[] {
  const isWhole = ended === true && notStarted === 0 && tests.every(({ exactTimes }) => exactTimes)
  if (!isWhole || tests.length === 0) return []
  const code = exitCodeOf(tests)
  const names = tests.map(({ tag, prefix }) => tag.slice(prefix.length))
  const missing = references && ignoresMissing ? missingReferences(references, names) : []
  return [
    ...(code === null ? [] : [{ category: AVOCADO_CATEGORY, key: 'exit code', value: String(code) }]),
    ...(missing.length === 0
      ? []
      : [{ category: AVOCADO_CATEGORY, key: 'references without a test', value: missing.join('\n') }]),
  ]
}

/** Avocado's exit code for a job with these tests that ran to its end. Source: Job.run_tests() in Avocado. */
function exitCodeOf(tests: TestReport[]): number | null {
  const words = new Set(
    tests.map(
      ({ status }) => status && (reportedStatusName(status.reported) ?? testStatusName(status.status)),
    ),
  )
  if (words.has(null)) return null
  return (words.has('FAIL') || words.has('ERROR') ? 1 : 0) | (words.has('INTERRUPTED') ? 8 : 0)
}
