// Reads .journal.sqlite, which Avocado writes while a job runs.

import type { Cooperative } from '../../lib/cooperative'
import { descriptionSourceOf } from '../job-description'
import type { JobReport } from '../model'
import { type Journal, readRows } from './journal/rows'
import { toTests } from './journal/tests'
import { idOfContent } from './reading'
import { type Hints, isDryRun } from './results-json'
import { namesOf } from './test-id'

/**
 * Reads the job of a journal: when its tests started and ended, and how.
 *
 * @param zone  the time zone in which its times are read: they are local times without a zone.
 * @throws BadRequest for an incomplete SQLite file, or one that is not Avocado's journal.
 */
export function* readJournal(
  bytes: Uint8Array,
  { zone, suites = [] }: { zone: string } & Hints,
): Cooperative<JobReport> {
  const journal = yield* readRows(bytes)
  const tests = [...(yield* toTests(journal, zone, suites)).values()]
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { activities } of tests) {
    for (const { time } of activities) {
      first = Math.min(first, time)
      last = Math.max(last, time)
    }
    yield
  }
  return {
    id: idOf(journal),
    description: null,
    descriptionSource: descriptionSourceOf(namesOf(tests), 'tests'),
    time: Number.isFinite(first) ? first : null,
    elapsed: null,
    wallTime: first < last ? (last - first) / 1e6 : null,
    status: null,
    // A journal does not record the number of tests, so the end of its last test may not be the end of the job.
    ended: false,
    lastReportAt: Number.isFinite(last) ? last : null,
    notStarted: null,
    environment: null,
    activities: [],
    data: [],
    tests,
    warnings: journal.reading.warnings,
  }
}

/** Every dry run has the same id, so an id is made from the first row, which stays the same while the journal grows. */
function idOf({ id, rows }: Journal): string {
  const { tag, time } = rows[0] ?? { tag: '', time: '' }
  return isDryRun(id) ? idOfContent(`${tag} ${time}`) : id
}
