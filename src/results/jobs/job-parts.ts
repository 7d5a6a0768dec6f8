// Splits a new job, or a report on a job, into parts, so that the writer can run other writes in between.

import { bytesOf, Chunks } from '../../storage/chunked-writes'
import type { NewActivity } from '../activities/model'
import type { NewDatum } from '../data/queries'
import type { Label } from '../labels/model'

/** What hangs below a test. */
interface Below {
  activities: NewActivity[]
  data: NewDatum[]
}

/** Rows of a job, few enough for one write. */
export interface JobPart<Test> extends Below {
  labels: Label[]
  tests: (Test & Below)[]
  /** The last test of the previous part, with those of its activities and data that did not fit there. */
  continued: (Test & Below)[]
}

/** The rows of a job, or of a report on one. What is missing is empty. */
export interface JobRows<Test> extends Partial<Below> {
  labels?: Label[] | undefined
  tests?: Test[] | undefined
}

export function emptyPart<Test>(): JobPart<Test> {
  return { activities: [], labels: [], data: [], tests: [], continued: [] }
}

/**
 * The parts, made one at a time because a large job takes long. A job without rows has none.
 *
 * @param bytesOfTest  the size of a test's own texts.
 */
export function* partsOf<Test extends Partial<Below>>(
  { activities = [], labels = [], data = [], tests = [] }: JobRows<Test>,
  bytesOfTest: (test: Test) => number,
): Generator<JobPart<Test>> {
  const chunks = new Chunks(emptyPart<Test>)
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
    yield* chunks.addRow(bytesOfTest(test))
    let current = { ...test, ...nothingBelow() }
    chunks.part.tests.push(current)
    const continueWith = function* (bytes: number) {
      if (yield* chunks.addRow(bytes)) return
      current = { ...test, ...nothingBelow() }
      chunks.part.continued.push(current)
    }
    for (const activity of test.activities ?? []) {
      yield* continueWith(bytesOfActivity(activity))
      current.activities.push(activity)
    }
    for (const datum of test.data ?? []) {
      yield* continueWith(bytesOfDatum(datum))
      current.data.push(datum)
    }
  }
  yield* chunks.end()
}

function nothingBelow(): Below {
  return { activities: [], data: [] }
}

function bytesOfActivity({ activity }: NewActivity): number {
  return bytesOf(activity)
}

function bytesOfDatum({ category, key, value }: NewDatum): number {
  return bytesOf(category, key, value)
}
