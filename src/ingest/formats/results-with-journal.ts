// Reads a job that has both a results.json and a journal.

import { type Cooperative, mapCooperatively } from '../../lib/cooperative'
import { BadRequest } from '../../lib/errors'
import type { NewActivity } from '../../results/activities/model'
import type { JobReport, TestReport } from '../model'
import { type Journal, type JournalRow, readRows } from './journal/rows'
import { toTests } from './journal/tests'
import { type Hints, readResults, readResultsJson, toReport } from './results-json'
import { type ClockPair, naiveTime, zoneByClockPairs, zoneByStart } from './runner-zone'

/**
 * Combines both files. results.json takes precedence, because its times were measured in the tests; the journal adds
 * what is missing. Events in both files show the UTC offset of the runner's clock, with which the local times of both
 * are read.
 *
 * @param zone  the time zone of local times if no event is in both files.
 * @throws BadRequest
 */
export function* readResultsWithJournal(
  text: string,
  bytes: Uint8Array,
  { zone, suites = [] }: { zone: string } & Hints,
): Cooperative<JobReport> {
  const journal = yield* readUnlessBroken(bytes)
  if (typeof journal === 'string') {
    const report = yield* readResultsJson(text, { zone, suites })
    return { ...report, warnings: [...report.warnings, journal] }
  }
  const results = yield* readResults(text, { suites })
  const { reading, jobId, start, firstStart } = results
  if (journal.id !== jobId && results.report.id === jobId) {
    journal.reading.refuse(`it is of job ${journal.id}, results.json of job ${results.report.id}.`)
  }
  const pairs = yield* clockPairsOf(journal.rows, results.report.tests)
  const local = start === null ? undefined : naiveTime(start)
  const runnerZone =
    pairs.length > 0 || local === undefined || firstStart === null
      ? zoneByClockPairs(pairs, zone, reading)
      : zoneByStart({ local, epoch: firstStart }, zone, reading)
  const known = [...new Set([...suites, ...results.report.tests.map(({ suite }) => suite)])]
  const tests = yield* mergeTests(results.report.tests, yield* toTests(journal, runnerZone, known))
  const report = { ...results.report, tests, notStarted: reading.notStarted(results.total, tests.length) }
  const whole = toReport({ ...results, report }, runnerZone)
  return { ...whole, warnings: [...new Set([...whole.warnings, ...journal.reading.warnings])] }
}

/** @returns a warning if the journal is broken; results.json is then used alone. */
function* readUnlessBroken(bytes: Uint8Array): Cooperative<Journal | string> {
  try {
    return yield* readRows(bytes)
  } catch (error) {
    if (error instanceof BadRequest) return `${error.body.detail} It was left out.`
    throw error
  }
}

function* clockPairsOf(rows: JournalRow[], tests: TestReport[]): Cooperative<ClockPair[]> {
  const byTag = new Map<string, Map<string, NewActivity>>()
  for (const { tag, activities } of tests) {
    byTag.set(tag, new Map(activities.map((one) => [one.activity, one])))
    yield
  }
  const pairs: ClockPair[] = []
  for (const { tag, action, time } of rows) {
    const epoch = byTag.get(tag)?.get(action)?.time
    const local = epoch === undefined ? undefined : naiveTime(time)
    if (epoch !== undefined && local !== undefined) pairs.push({ local, epoch })
    yield
  }
  return pairs
}

/** @param journaled  the tests of the journal by tag. */
function* mergeTests(results: TestReport[], journaled: Map<string, TestReport>): Cooperative<TestReport[]> {
  const both = yield* mapCooperatively(results, (test) => {
    const other = journaled.get(test.tag)
    if (!other) return test
    journaled.delete(test.tag)
    const known = new Set(test.activities.map(({ activity }) => activity))
    const rest = other.activities.filter(({ activity }) => !known.has(activity))
    return {
      ...test,
      status: test.status ?? other.status,
      started: test.started ?? other.started,
      elapsed: test.elapsed ?? other.elapsed,
      activities: [...test.activities, ...rest].sort((a, b) => a.time - b.time),
    }
  })
  return [...both, ...journaled.values()]
}
