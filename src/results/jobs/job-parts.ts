// Splits the tests and activities of a job into parts, so that the writer can run other writes in between.

import { bytesOf, ChunkSize } from '../../storage/chunked-writes'
import type { JobPart, WholeTest } from './queries'

export function emptyPart(): JobPart {
  return { activities: [], tests: [], continued: [] }
}

/** The parts, made lazily because a large job takes long. A job without tests and activities has no parts. */
export function* partsOf(activities: JobPart['activities'], tests: WholeTest[]): Generator<JobPart> {
  let part = emptyPart()
  let size = new ChunkSize()
  for (const activity of activities) {
    yield* ensureRoom(bytesOf(activity.activity))
    part.activities.push(activity)
  }
  for (const { activities = [], data = [], ...test } of tests) {
    yield* ensureRoom(bytesOf(test.tag, test.fail_reason))
    let current: Pick<Required<Omit<WholeTest, 'whole'>>, 'activities' | 'data'> = {
      activities: [],
      data: [],
    }
    part.tests.push({ ...test, ...current })
    const continueTest = function* (bytes: number) {
      if (yield* ensureRoom(bytes)) return
      current = { activities: [], data: [] }
      part.continued.push({ tag: test.tag, ...current })
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
  if (!size.isEmpty) yield part

  /** Yields the part when it is full. @returns whether the next row still fits into the same part */
  function* ensureRoom(bytes: number): Generator<JobPart, boolean> {
    const hasRoom = size.hasRoom(bytes)
    if (!hasRoom) {
      yield part
      part = emptyPart()
      size = new ChunkSize()
    }
    size.add(bytes)
    return hasRoom
  }
}
