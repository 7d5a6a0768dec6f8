// .journal.sqlite, into which Avocado writes while a job runs; and a job of which there are journal and results.json.

import { Database } from 'bun:sqlite'
import type { NewActivity } from '../../activities/model'
import { BadRequest } from '../../http/errors'
import type { ReportedTestStatus } from '../../statuses/model'
import { parseTime } from '../../time'
import { type InTurns, mapInTurns } from '../../turns'
import { asAvocadoSplits, type JobReport, type TestReport } from '../model'
import { FileReading, isJobId, MISSING } from './reading'
import { readResults, toReport } from './results-json'
import { naiveTime, type Sighting, zoneBySightings, zoneByStart } from './runner-zone'

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
export function* readJournal(bytes: Uint8Array, { zone }: { zone: string }): InTurns<JobReport> {
  const journal = yield* readRows(bytes)
  const tests = [...(yield* toTests(journal, zone)).values()]
  let first = Number.POSITIVE_INFINITY
  for (const { activities } of tests) for (const { time } of activities) first = Math.min(first, time)
  return {
    id: journal.id,
    description: null,
    time: Number.isFinite(first) ? first : null,
    elapsed: null,
    status: null,
    notStarted: null,
    environment: null,
    activities: [],
    data: [],
    tests,
    warnings: journal.reading.warnings,
  }
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
  { zone }: { zone: string },
): InTurns<JobReport> {
  const results = yield* readResults(text)
  const journal = yield* readRows(bytes)
  const { reading, start, firstStart } = results
  if (journal.id !== results.report.id) {
    journal.reading.refuse(`it is of job ${journal.id}, results.json of job ${results.report.id}.`)
  }
  const sightings = yield* sightingsOf(journal.rows, results.report.tests)
  const local = start === null ? undefined : naiveTime(start)
  const runnerZone =
    sightings.length > 0 || local === undefined || firstStart === null
      ? zoneBySightings(sightings, zone, reading)
      : zoneByStart({ local, epoch: firstStart }, zone, reading)
  const tests = yield* mergeTests(results.report.tests, yield* toTests(journal, runnerZone))
  const report = { ...results.report, tests, notStarted: reading.notStarted(results.total, tests.length) }
  const whole = toReport({ ...results, report }, runnerZone)
  return { ...whole, warnings: [...new Set([...whole.warnings, ...journal.reading.warnings])] }
}

function* sightingsOf(rows: Row[], tests: TestReport[]): InTurns<Sighting[]> {
  const byTag = new Map<string, NewActivity[]>()
  for (const { tag, activities } of tests) {
    byTag.set(tag, activities)
    yield
  }
  const sightings: Sighting[] = []
  for (const { tag, action, time } of rows) {
    const epoch = byTag.get(tag)?.find(({ activity }) => activity === action)?.time
    const local = epoch === undefined ? undefined : naiveTime(time)
    if (epoch !== undefined && local !== undefined) sightings.push({ local, epoch })
    yield
  }
  return sightings
}

/** @param journaled  by tag. */
function* mergeTests(results: TestReport[], journaled: Map<string, TestReport>): InTurns<TestReport[]> {
  const both = yield* mapInTurns(results, (test) => {
    const other = journaled.get(test.tag)
    if (!other) return test
    journaled.delete(test.tag)
    const known = new Set(test.activities.map(({ activity }) => activity))
    const rest = other.activities.filter(({ activity }) => !known.has(activity))
    return {
      ...test,
      status: test.status ?? other.status,
      started: test.started ?? other.started,
      activities: [...test.activities, ...rest].sort((a, b) => a.time - b.time),
    }
  })
  return [...both, ...journaled.values()]
}

/** @returns the tests by their tags. */
function* toTests({ rows, reading }: Journal, zone: string): InTurns<Map<string, TestReport>> {
  const tests = new Map<string, TestReport>()
  for (const row of rows) {
    yield
    const test = tests.get(row.tag) ?? emptyTest(row.tag)
    tests.set(row.tag, test)
    const activity = toActivity(row, zone, reading)
    const known = test.activities.find((one) => one.activity === row.action)
    if (known) {
      if (Bun.deepEquals(known, activity)) continue
      reading.warnOnce('again', `test ${row.tag} has ${row.action} twice: the first one counts.`)
      continue
    }
    test.activities.push(activity)
    if (row.action === 'STARTED') test.started = activity.time
    if (row.action === 'ENDED') test.status = row.status
  }
  return tests
}

function emptyTest(tag: string): TestReport {
  const nothing = { status: null, started: null, elapsed: null, folder: null, failReason: null }
  return { ...asAvocadoSplits(tag), precise: true, exactTimes: false, ...nothing, activities: [], data: [] }
}

function toActivity({ tag, time, action, status }: Row, zone: string, reading: FileReading): NewActivity {
  const moment = parseTime(time, zone)
  if (moment === undefined) reading.refuse(`the time of ${action} of test ${tag} is no time.`)
  return { activity: action, time: moment, ...(status && { status }) }
}

/** @throws BadRequest */
function* readRows(bytes: Uint8Array): InTurns<Journal> {
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

function* readTables(database: Database, reading: FileReading): InTurns<Journal> {
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
  for (const row of stored) {
    rows.push(readRow(row, `row ${rows.length + 1}`, reading))
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

function readRow(row: Record<string, unknown>, place: string, reading: FileReading): Row {
  const text = (column: string): string => {
    const value = row[column]
    if (typeof value !== 'string' || value === '') reading.refuse(`${place}: ${column} is not a text.`)
    return value
  }
  const tag = reading.tag(text('tag'))
  const action = reading.name(text('action'), 'name of an activity')
  const status = row.status === null || row.status === MISSING ? null : reading.status(text('status'), tag)
  return { tag, time: text('time'), action, status }
}
