// Makes tests of the rows of a journal.

import type { Cooperative } from '../../../lib/cooperative'
import { parseTime } from '../../../lib/time'
import type { NewActivity } from '../../../results/activities/model'
import type { TestReport } from '../../model'
import type { FileReading } from '../reading'
import { type SplitTag, splitterFor } from '../test-id'
import type { Journal, JournalRow } from './rows'

/** @returns the tests by tag. */
export function* toTests(
  { rows, reading }: Journal,
  zone: string,
  suites: string[],
): Cooperative<Map<string, TestReport>> {
  const tests = new Map<string, TestReport>()
  const split = splitterFor(new Set(rows.map(({ tag }) => tag)), { suites })
  // By tag, then by action: a lookup in a list would be slow, because one test may have all rows of the journal.
  const seen = new Map<string, Map<string, NewActivity>>()
  for (const row of rows) {
    yield
    const test = tests.get(row.tag) ?? emptyTest(split(row.tag))
    tests.set(row.tag, test)
    if (row.action === 'ENDED') test.status ??= row.status
    const activity = toActivity(row, zone, reading)
    if (!activity) continue
    const ofTest = seen.get(row.tag) ?? new Map<string, NewActivity>()
    seen.set(row.tag, ofTest)
    const known = ofTest.get(row.action)
    if (known) {
      if (Bun.deepEquals(known, activity)) continue
      reading.warnOnce('again', `test ${row.tag} has ${row.action} twice: the first one counts.`)
      continue
    }
    ofTest.set(row.action, activity)
    test.activities.push(activity)
    if (row.action === 'STARTED') test.started = activity.time
    if (row.action === 'ENDED' && test.started !== null && activity.time >= test.started) {
      test.elapsed = (activity.time - test.started) / 1e6
    }
  }
  return tests
}

function emptyTest(split: SplitTag): TestReport {
  const nothing = { status: null, started: null, elapsed: null, folder: null, failReason: null }
  return { ...split, precise: true, exactTimes: false, ...nothing, activities: [], data: [] }
}

/** @returns undefined for a row whose time cannot be read. */
function toActivity(
  { tag, time, action, status }: JournalRow,
  zone: string,
  reading: FileReading,
): NewActivity | undefined {
  const moment = parseTime(time, zone)
  if (moment !== undefined) return { activity: action, time: moment, ...(status && { status }) }
  reading.unknown('time', `${action} of test ${tag}`, time)
  return undefined
}
