// .journal.sqlite, into which Avocado writes while a job runs; and a job of which there are journal and results.json.
// Avocado 52 to 84 wrote the tags as Python's repr() of them.

import { Database } from 'bun:sqlite'
import { type Cooperative, mapCooperatively } from '../../lib/cooperative'
import { BadRequest } from '../../lib/errors'
import { readPythonText } from '../../lib/python-text'
import { parseTime } from '../../lib/time'
import type { NewActivity } from '../../results/activities/model'
import type { ReportedTestStatus } from '../../results/statuses/model'
import type { JobReport, TestReport } from '../model'
import { ranOf } from '../naming'
import { MAX_ROWS } from './parts'
import { FileReading, idOfContent, isJobId, MISSING } from './reading'
import { type Hints, isDryRun, readResults, readResultsJson, toReport } from './results-json'
import { naiveTime, type Sighting, zoneBySightings, zoneByStart } from './runner-zone'
import { namesOf, type SplitTag, splitterFor } from './test-id'

const FILE = '.journal.sqlite'
const MAGIC = 'SQLite format 3\0'

interface Row {
  tag: string
  /** By the clock on the runner's wall. */
  time: string
  action: string
  status: ReportedTestStatus | null
}

interface Journal {
  reading: FileReading
  id: string
  rows: Row[]
}

/**
 * The job of a journal: what started and ended when, and how.
 *
 * @param zone  where its times are read; they name none.
 * @throws BadRequest for what is no whole SQLite file, or not Avocado's.
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
    ran: ranOf(namesOf(tests), 'tests', null),
    time: Number.isFinite(first) ? first : null,
    elapsed: null,
    wallTime: first < last ? (last - first) / 1e6 : null,
    status: null,
    // Between two tests none runs, and nothing here tells how many there are to be.
    ended: false,
    heardAt: Number.isFinite(last) ? last : null,
    notStarted: null,
    environment: null,
    activities: [],
    data: [],
    tests,
    warnings: journal.reading.warnings,
  }
}

/** Every dry run has the same id: what it wrote first makes another one, which stays while the journal grows. */
function idOf({ id, rows }: Journal): string {
  const { tag, time } = rows[0] ?? { tag: '', time: '' }
  return isDryRun(id) ? idOfContent(`${tag} ${time}`) : id
}

/**
 * The job of which there are both: as results.json has it, whose times are those of the tests themselves; the journal
 * adds what it lacks. The offset of the runner's clock is the difference between the two, and the naive times of both
 * are read with it.
 *
 * @param zone  where they are read when nothing is in both.
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
  const sightings = yield* sightingsOf(journal.rows, results.report.tests)
  const local = start === null ? undefined : naiveTime(start)
  const runnerZone =
    sightings.length > 0 || local === undefined || firstStart === null
      ? zoneBySightings(sightings, zone, reading)
      : zoneByStart({ local, epoch: firstStart }, zone, reading)
  const known = [...new Set([...suites, ...results.report.tests.map(({ suite }) => suite)])]
  const tests = yield* mergeTests(results.report.tests, yield* toTests(journal, runnerZone, known))
  const report = { ...results.report, tests, notStarted: reading.notStarted(results.total, tests.length) }
  const whole = toReport({ ...results, report }, runnerZone)
  return { ...whole, warnings: [...new Set([...whole.warnings, ...journal.reading.warnings])] }
}

/** @returns a sentence where it is broken: what results.json tells counts without it. */
function* readUnlessBroken(bytes: Uint8Array): Cooperative<Journal | string> {
  try {
    return yield* readRows(bytes)
  } catch (error) {
    if (error instanceof BadRequest) return `${error.body.detail} It was left out.`
    throw error
  }
}

function* sightingsOf(rows: Row[], tests: TestReport[]): Cooperative<Sighting[]> {
  const byTag = new Map<string, Map<string, NewActivity>>()
  for (const { tag, activities } of tests) {
    byTag.set(tag, new Map(activities.map((one) => [one.activity, one])))
    yield
  }
  const sightings: Sighting[] = []
  for (const { tag, action, time } of rows) {
    const epoch = byTag.get(tag)?.get(action)?.time
    const local = epoch === undefined ? undefined : naiveTime(time)
    if (epoch !== undefined && local !== undefined) sightings.push({ local, epoch })
    yield
  }
  return sightings
}

/** @param journaled  by tag. */
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

/** @returns the tests by their tags. */
function* toTests(
  { rows, reading }: Journal,
  zone: string,
  suites: string[],
): Cooperative<Map<string, TestReport>> {
  const tests = new Map<string, TestReport>()
  const split = splitterFor(new Set(rows.map(({ tag }) => tag)), { suites })
  // By the action: one test may have as many as a journal has rows.
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

/** @returns undefined for what happened at no time that can be read. */
function toActivity(
  { tag, time, action, status }: Row,
  zone: string,
  reading: FileReading,
): NewActivity | undefined {
  const moment = parseTime(time, zone)
  if (moment !== undefined) return { activity: action, time: moment, ...(status && { status }) }
  reading.unknown('time', `${action} of test ${tag}`, time)
  return undefined
}

/** @throws BadRequest */
function* readRows(bytes: Uint8Array): Cooperative<Journal> {
  const reading: FileReading = new FileReading(FILE)
  if (Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) {
    reading.refuse('this is not an SQLite file.')
  }
  // Its newest rows may be in another file, which is not here; SQLite refuses to open it, without saying why.
  if (bytes[18] === 2 || bytes[19] === 2) {
    reading.refuse(
      'it is in WAL mode, which Avocado does not use; "PRAGMA journal_mode = DELETE" changes that.',
    )
  }
  try {
    // A copy in memory: nothing is ever locked, and nothing written next to the file.
    using database = Database.deserialize(bytes, { readonly: true })
    return yield* readTables(database, reading)
  } catch (error) {
    if (error instanceof BadRequest) throw error
    reading.refuse(`this is not a whole SQLite file: ${(error as Error).message}.`)
  }
}

function* readTables(database: Database, reading: FileReading): Cooperative<Journal> {
  database.run('PRAGMA trusted_schema = OFF')
  requireTable(database, 'job_info', ['unique_id'], reading)
  requireTable(database, 'test_journal', ['tag', 'time', 'action', 'status'], reading)
  const job = database.query<{ id: unknown }, []>('SELECT unique_id AS id FROM job_info NOT INDEXED').get()
  if (!job) reading.refuse('job_info has no row: it names no job.')
  const { id } = job
  if (typeof id !== 'string' || !isJobId(id)) reading.refuse('job_info.unique_id is no id of a job.')
  const stored = database
    .query<Record<string, unknown>, []>(
      'SELECT tag, time, action, status FROM test_journal NOT INDEXED ORDER BY rowid',
    )
    .iterate()
  const rows: Row[] = []
  let number = 0
  for (const row of stored) {
    if (number >= MAX_ROWS) reading.refuse(`it has more than ${MAX_ROWS} rows.`)
    const read = readRow(row, `row ${++number}`, reading)
    if (read) rows.push(read)
    yield
  }
  return { reading, id, rows }
}

/** A view or a computed column would run what a stranger wrote, for as long as it likes. */
function requireTable(database: Database, name: string, columns: string[], reading: FileReading): void {
  const table = database.query(
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ?",
  )
  const found = database.query<{ name: string; hidden: number }, [string]>(
    'SELECT name, hidden FROM pragma_table_xinfo(?)',
  )
  const plain = table.get(name) ? found.all(name).filter(({ hidden }) => hidden === 0) : []
  const missing = columns.find((column) => !plain.some((one) => one.name === column))
  if (missing)
    reading.refuse(`there is no table ${name} with a column ${missing}: this is not Avocado's journal.`)
}

/** @returns undefined for one that names no test or no action. */
function readRow(row: Record<string, unknown>, place: string, reading: FileReading): Row | undefined {
  const { tag, action, time } = row
  if (typeof tag !== 'string' || tag === '') {
    reading.unknown('tag', place, tag)
    return undefined
  }
  if (typeof action !== 'string' || action === '') {
    reading.unknown('action', place, action)
    return undefined
  }
  return {
    tag: reading.tag(readPythonText(tag) || tag),
    time: typeof time === 'string' ? time : '',
    action: reading.name(action, 'name of an activity'),
    status: readStatus(row.status, place, reading),
  }
}

function readStatus(status: unknown, place: string, reading: FileReading): ReportedTestStatus | null {
  if (status === null || status === MISSING) return null
  if (typeof status === 'string') return reading.status(status, place) ?? null
  reading.unknown('status', place, status)
  return null
}
