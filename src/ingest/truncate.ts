// Cuts what is too long to be stored or shown in a report, with one warning for each kind.

import type { FileStore, Hold } from '../blobs/store'
import type { Cooperative } from '../lib/cooperative'
import type { Microseconds } from '../lib/time'
import { beginningOf } from '../lib/utf8'
import type { NewDatum } from '../results/data/queries'
import { isLongReason, MAX_REASON_BYTES, putReasonContent, REASON_FILE } from '../results/tests/reasons'
import type { JobReport, TestReport } from './model'

const MAX_VALUE_BYTES = 1024 * 1024
const MAX_COMPONENTS = 20_000
const MAX_JOB_ACTIVITIES = 100_000
const MAX_TEST_ACTIVITIES = 10_000
/** Data of the job, and data of one test. */
const MAX_DATA = 100_000
/** Warnings of a report: nobody reads one for each of 100,000 tests. */
const MAX_WARNINGS = 1000

/**
 * Stores the full text of each fail reason that was cut as a file.
 *
 * @param hold  keeps the contents from being deleted until a test refers to them.
 */
export async function storeFullReasons(
  { files, clock }: { files: FileStore; clock(): Microseconds },
  cut: JobReport,
  hold: Hold,
): Promise<JobReport> {
  const tests = [...cut.tests]
  const warnings = [...cut.warnings]
  const now = clock()
  let long = 0
  for (const [index, { wholeReason, ...test }] of tests.entries()) {
    if (!wholeReason) continue
    tests[index] = { ...test, whole: { content: await putReasonContent(files, wholeReason, hold), now } }
    long++
  }
  if (long > 0) {
    warnings.push(
      `The fail reasons of ${long} tests were cut at ${MAX_REASON_BYTES} bytes: the file ${REASON_FILE} of each has the whole.`,
    )
  }
  return { ...cut, tests, warnings }
}

/** Cuts what is too long. The full text of a fail reason stays in `wholeReason`. */
export function* truncateReport(report: JobReport): Cooperative<JobReport> {
  const warnings = [...report.warnings]
  const counts = { values: 0, activities: 0, data: 0 }
  const cutData = (data: NewDatum[]) => {
    if (data.length > MAX_DATA) counts.data++
    return data.slice(0, MAX_DATA).map((datum) => cutValue(datum, counts))
  }
  const tests: TestReport[] = []
  for (const test of report.tests) {
    const { activities } = test
    if (activities.length > MAX_TEST_ACTIVITIES) counts.activities++
    tests.push({
      ...cutReason(test),
      activities: activities.slice(0, MAX_TEST_ACTIVITIES),
      data: cutData(test.data),
    })
    yield
  }
  const data = cutData(report.data)
  const { environment } = report
  const components = environment?.installed_software_components ?? []
  if (report.activities.length > MAX_JOB_ACTIVITIES)
    warnings.push(
      `The job has ${report.activities.length} activities: the first ${MAX_JOB_ACTIVITIES} were stored.`,
    )
  if (counts.activities > 0)
    warnings.push(
      `${counts.activities} tests have more than ${MAX_TEST_ACTIVITIES} activities: the first were stored.`,
    )
  if (counts.data > 0)
    warnings.push(
      `The job or a test has more than ${MAX_DATA} data (${counts.data} of them): the first were stored.`,
    )
  if (counts.values > 0)
    warnings.push(`${counts.values} values of data were cut at ${MAX_VALUE_BYTES} bytes.`)
  if (components.length > MAX_COMPONENTS)
    warnings.push(
      `The environment has ${components.length} components: the first ${MAX_COMPONENTS} were stored.`,
    )
  return {
    ...report,
    activities: report.activities.slice(0, MAX_JOB_ACTIVITIES),
    environment: environment && {
      ...environment,
      installed_software_components: components.slice(0, MAX_COMPONENTS),
    },
    data,
    tests,
    warnings,
  }
}

function cutReason(test: TestReport): TestReport {
  if (!isLongReason(test.failReason)) return test
  const wholeReason = Buffer.from(test.failReason)
  return { ...test, failReason: beginningOf(wholeReason, MAX_REASON_BYTES), wholeReason }
}

function cutValue(datum: NewDatum, counts: { values: number }): NewDatum {
  const { value } = datum
  if (typeof value !== 'string' || value.length * 3 <= MAX_VALUE_BYTES) return datum
  const bytes = Buffer.from(value)
  if (bytes.length <= MAX_VALUE_BYTES) return datum
  counts.values++
  return { ...datum, value: beginningOf(bytes, MAX_VALUE_BYTES) }
}

/** The first warnings, and a sentence on how many more there are. */
export function limitWarnings(warnings: string[]): string[] {
  if (warnings.length <= MAX_WARNINGS) return warnings
  return [...warnings.slice(0, MAX_WARNINGS), `${warnings.length - MAX_WARNINGS} more warnings.`]
}
