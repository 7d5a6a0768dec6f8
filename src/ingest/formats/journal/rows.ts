// Reads the rows of Avocado's two journal tables. Avocado 52 to 84 wrote tags as Python's repr().

import { Database } from 'bun:sqlite'
import type { Cooperative } from '../../../lib/cooperative'
import { BadRequest } from '../../../lib/errors'
import { readPythonText } from '../../../lib/python-text'
import type { ReportedTestStatus } from '../../../results/statuses/model'
import { MAX_JOURNAL_ROWS } from '../part-limits'
import { FileReading, isJobId, MISSING } from '../reading'

const FILE = '.journal.sqlite'
const MAGIC = 'SQLite format 3\0'

export interface JournalRow {
  tag: string
  /** The runner's local time, without a zone. */
  time: string
  action: string
  status: ReportedTestStatus | null
}

export interface Journal {
  reading: FileReading
  id: string
  rows: JournalRow[]
}

/** @throws BadRequest */
export function* readRows(bytes: Uint8Array): Cooperative<Journal> {
  const reading: FileReading = new FileReading(FILE)
  if (Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) {
    reading.refuse('this is not an SQLite file.')
  }
  // In WAL mode the newest rows may be in a file that was not sent, and SQLite's error would not say so.
  if (bytes[18] === 2 || bytes[19] === 2) {
    reading.refuse(
      'it is in WAL mode, which Avocado does not use; "PRAGMA journal_mode = DELETE" changes that.',
    )
  }
  try {
    // Opened from memory, so that SQLite locks nothing and writes no files.
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
  const rows: JournalRow[] = []
  let number = 0
  for (const row of stored) {
    if (number >= MAX_JOURNAL_ROWS) reading.refuse(`it has more than ${MAX_JOURNAL_ROWS} rows.`)
    const read = readRow(row, `row ${++number}`, reading)
    if (read) rows.push(read)
    yield
  }
  return { reading, id, rows }
}

/** Requires an ordinary table: a view or a generated column would run SQL of the sender, for an unlimited time. */
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

/** @returns undefined for a row without a test or an action. */
function readRow(row: Record<string, unknown>, place: string, reading: FileReading): JournalRow | undefined {
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
