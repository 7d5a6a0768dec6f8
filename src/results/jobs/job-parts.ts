// Splits the tests and activities of a job into parts, so that the writer can run other writes in between.

import { bytesOf, Chunks } from '../../storage/chunked-writes'
import type { JobPart, WholeTest } from './queries'

export function emptyPart(): JobPart {
  return { activities: [], tests: [], continued: [] }
}

/** The parts, made lazily because a large job takes long. A job without tests and activities has no parts. */
export function* partsOf(activities: JobPart['activities'], tests: WholeTest[]): Generator<JobPart> {
  const chunks = new Chunks(emptyPart)
  for (const activity of activities) {
    yield* chunks.addRow(bytesOf(activity.activity))
    chunks.part.activities.push(activity)
  }
  for (const { activities = [], data = [], ...test } of tests) {
    yield* chunks.addRow(bytesOf(test.tag, test.fail_reason))
    let current: Pick<Required<Omit<WholeTest, 'whole'>>, 'activities' | 'data'> = {
      activities: [],
      data: [],
    }
    chunks.part.tests.push({ ...test, ...current })
    const continueTest = function* (bytes: number) {
      if (yield* chunks.addRow(bytes)) return
      current = { activities: [], data: [] }
      chunks.part.continued.push({ tag: test.tag, ...current })
    }
    for (const activity of activities) {
      yield* continueTest(bytesOf(activity.activity))
      current.activities.push(activity)
    }
    for (const datum of data) {
      yield* continueTest(bytesOf(datum.category, datum.key, datum.value))
      current.data.push(datum)
    }
  }
  yield* chunks.end()
}
