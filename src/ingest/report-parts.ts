// Splits a report into parts, so that the writer can do other work between them.

import type { NewActivity } from '../results/activities/model'
import type { NewDatum } from '../results/data/queries'
import { bytesOf, Chunks } from '../storage/chunked-writes'
import type { JobReport } from './model'
import type { ReportPart } from './queries'

export function emptyReportPart(): ReportPart {
  return { activities: [], data: [], tests: [], continued: [], labels: [] }
}

/** The parts of a report, made one at a time. There are none if only the job itself has to be stored. */
export function* reportParts({ activities, data, tests, labels = [] }: JobReport): Generator<ReportPart> {
  const chunks = new Chunks(emptyReportPart)
  for (const activity of activities) {
    yield* chunks.addRow(bytesOfActivity(activity))
    chunks.part.activities.push(activity)
  }
  for (const label of labels) {
    yield* chunks.addRow(bytesOf(label.key, label.value))
    chunks.part.labels.push(label)
  }
  for (const datum of data) {
    yield* chunks.addRow(bytesOfDatum(datum))
    chunks.part.data.push(datum)
  }
  for (const test of tests) {
    yield* chunks.addRow(bytesOf(test.tag, test.suite, test.failReason))
    let current = { ...test, activities: [] as NewActivity[], data: [] as NewDatum[] }
    chunks.part.tests.push(current)
    const continueWith = function* (bytes: number) {
      if (yield* chunks.addRow(bytes)) return
      current = { ...current, activities: [], data: [] }
      chunks.part.continued.push(current)
    }
    for (const activity of test.activities) {
      yield* continueWith(bytesOfActivity(activity))
      current.activities.push(activity)
    }
    for (const datum of test.data) {
      yield* continueWith(bytesOfDatum(datum))
      current.data.push(datum)
    }
  }
  yield* chunks.end()
}

function bytesOfActivity({ activity }: NewActivity): number {
  return bytesOf(activity)
}

function bytesOfDatum({ category, key, value }: NewDatum): number {
  return bytesOf(category, key, value)
}
