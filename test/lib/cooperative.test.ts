import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { readBodyCooperatively } from '../../src/http/resource/shapes'
import { readDirectories } from '../../src/ingest/directory'
import { readDocuments } from '../../src/ingest/documents'
import { readResultsJson } from '../../src/ingest/formats/results-json'
import { readTap } from '../../src/ingest/formats/tap'
import { readXunit } from '../../src/ingest/formats/xunit'
import { type Cooperative, concat, runAtOnce, runCooperatively } from '../../src/lib/cooperative'
import { newJob } from '../../src/results/jobs/model'
import { newTest } from '../../src/results/tests/model'

const UTC = { zone: 'UTC' }
const TESTS = Array.from({ length: 100_000 }, (_, index) => `${index + 1}-suite_${index % 20}.py:Test.test`)

const resultsOf = (tests: string[]) =>
  JSON.stringify({
    job_id: 'a'.repeat(40),
    start: '2026-11-24 12:00:00',
    tests: tests.map((id) => ({ id, status: 'PASS', actual_time_start: 1.76e9 })),
  })
const RESULTS = resultsOf(TESTS)
const documents = new Map([['results.json', new TextEncoder().encode(RESULTS)]])
const logs = TESTS.map((id) => ({ path: `test-results/${id}/debug.log`, content: id }))

const readings: Record<string, () => Cooperative<unknown>> = {
  'results.json': () => readResultsJson(RESULTS, UTC),
  'an archive': () => readDirectories(documents, logs, UTC),
  xUnit: () =>
    readXunit(
      Buffer.from(`<testsuite>${TESTS.map((name) => `<testcase name="${name}"/>`).join('')}</testsuite>`),
      UTC,
    ),
  TAP: () => readTap(TESTS.map((name) => `ok ${name}`).join('\n')),
}

test.each(Object.keys(readings))(
  'while %s of 100,000 tests is read, others have their turns',
  async (kind) => {
    const read = readings[kind] as () => Cooperative<unknown>
    const whole = runAtOnce(read())
    let turns = 0
    let isDone = false
    const count = () => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    const inPieces = await runCooperatively(read())
    isDone = true
    expect(turns).toBeGreaterThan(2)
    expect(inPieces).toEqual(whole)
  },
)

const turnsOf = (reading: Cooperative<unknown>) => [...reading].length

// Here turns are counted: fewer tests will do.
const few = TESTS.slice(0, 10_000)
const fewResults = resultsOf(few)
const fewDocuments = new Map([['results.json', new TextEncoder().encode(fewResults)]])

test('of a journal each row', () => {
  using database = new Database(':memory:')
  database.run('CREATE TABLE job_info (unique_id TEXT)')
  database.run('CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT)')
  database.run('INSERT INTO job_info VALUES (?)', ['a'.repeat(40)])
  const insert = database.query('INSERT INTO test_journal VALUES (?, ?, ?, NULL)')
  database.transaction(() => {
    for (const tag of few) insert.run(tag, '2025-10-09T08:53:20', 'STARTED')
  })()
  const journal = new Uint8Array(database.serialize())
  const rows = few.length
  const whole = readDirectories(new Map([['.journal.sqlite', journal]]), [], UTC)
  expect(turnsOf(whole)).toBeGreaterThanOrEqual(3 * rows) // read, made into tests, given their folders
  const withJournal = readDirectories(new Map([...fewDocuments, ['.journal.sqlite', journal]]), [], UTC)
  const more = turnsOf(withJournal) - turnsOf(readDirectories(fewDocuments, [], UTC))
  expect(more).toBeGreaterThanOrEqual(5 * rows) // the same, and compared with the results, and merged
})

test('of an archive also the folders of the tests, and their files, are gone through in turns', () => {
  const fewLogs = logs.slice(0, few.length)
  const more =
    turnsOf(readDirectories(fewDocuments, fewLogs, UTC)) - turnsOf(readResultsJson(fewResults, UTC))
  expect(more).toBeGreaterThanOrEqual(few.length + fewLogs.length)
})

test('of a text that is posted each 64 KiB, and of bytes that are put together', () => {
  const reason = 'http://admin:PASSWORD@lab and '.repeat(100_000)
  const pieces = reason.length / 65_536
  const one = readBodyCooperatively(newTest, { tag: '1-a', fail_reason: reason }, UTC)
  expect(turnsOf(one)).toBeGreaterThanOrEqual(pieces)
  const job = readBodyCooperatively(newJob, { tests: [{ tag: '1-a', fail_reason: reason }] }, UTC)
  expect(turnsOf(job)).toBeGreaterThanOrEqual(pieces)
  const line = new TextEncoder().encode(JSON.stringify({ tests: [{ tag: '1-a', fail_reason: reason }] }))
  expect(turnsOf(readDocuments({ format: 'ndjson', bytes: line, zone: 'UTC' }))).toBeGreaterThanOrEqual(
    2 * pieces, // read, and made ready
  )
  expect(turnsOf(concat([line, line]))).toBeGreaterThanOrEqual((2 * line.length) / (256 * 1024))
})

test('what is thrown in a later turn comes through', async () => {
  function* failing(): Cooperative<void> {
    Bun.sleepSync(15) // longer than a turn
    yield
    throw new Error('in the second')
  }
  await expect(runCooperatively(failing())).rejects.toThrow('in the second')
})

test('of several that take long one goes on at a time', async () => {
  const log: string[] = []
  function* long(): Cooperative<void> {
    for (let step = 0; step < 3; step++) {
      log.push('a step')
      Bun.sleepSync(15) // longer than a turn
      yield
    }
  }
  let isDone = false
  const others = () => {
    log.push('others')
    if (!isDone) setImmediate(others)
  }
  setImmediate(others)
  await Promise.all([long(), long(), long()].map(runCooperatively))
  isDone = true
  // All three began in one go.
  expect(log.slice(0, 3)).toEqual(['a step', 'a step', 'a step'])
  const after = log.slice(3)
  expect(after.filter((entry) => entry === 'a step').length).toBe(6)
  expect(after.filter((entry, index) => entry === 'a step' && after[index + 1] === 'a step')).toEqual([])
})
