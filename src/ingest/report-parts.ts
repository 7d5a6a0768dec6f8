// Splits a report into parts, so that the writer can do other work between them.

import type { NewActivity } from '../results/activities/model'
import type { NewDatum } from '../results/data/queries'
import { bytesOf, ChunkSize } from '../storage/chunked-writes'
import type { JobReport } from './model'
import type { ReportPart } from './queries'

export function emptyReportPart(): ReportPart {
  return { activities: [], data: [], tests: [], continued: [], labels: [] }
}

/** The parts of a report, made one at a time. There are none if only the job itself has to be stored. */
export function* reportParts({ activities, data, tests, labels = [] }: JobReport): Generator<ReportPart> {
  let part = emptyReportPart()
  let portion = new ChunkSize()
  for (const activity of activities) {
    yield* reserve(bytesOfActivity(activity))
    part.activities.push(activity)
  }
  for (const label of labels) {
    yield* reserve(bytesOf(label.key, label.value))
    part.labels.push(label)
  }
  for (const datum of data) {
    yield* reserve(bytesOfDatum(datum))
    part.data.push(datum)
  }
  for (const test of tests) {
    yield* reserve(bytesOf(test.tag, test.suite, test.failReason))
    let current = { ...test, activities: [] as NewActivity[], data: [] as NewDatum[] }
    part.tests.push(current)
    const continueWith = function* (bytes: number) {
      if (yield* reserve(bytes)) return
      current = { ...current, activities: [], data: [] }
      part.continued.push(current)
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
  if (!portion.isEmpty) yield part

  /** Begins a new part when the current one is full. @returns whether the row still fits into the current part */
  function* reserve(bytes: number): Generator<ReportPart, boolean> {
    const hasRoom = portion.hasRoom(bytes)
    if (!hasRoom) {
      yield part
      part = emptyReportPart()
      portion = new ChunkSize()
    }
    portion.add(bytes)
    return hasRoom
  }
}

function bytesOfActivity({ activity }: NewActivity): number {
  return bytesOf(activity)
}

function bytesOfDatum({ category, key, value }: NewDatum): number {
  return bytesOf(category, key, value)
}
