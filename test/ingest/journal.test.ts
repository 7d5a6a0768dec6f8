import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import { splitAvocadoTag } from '../../src/ingest/model'
import { parseTime } from '../../src/lib/time'
import { findTestStatus } from '../../src/results/statuses/model'
import { parseJournal, parseResultsJson, parseResultsWithJournal } from './at-once'
import { mutated, refusal, sampleBytes, sampleFolder, samplesWith, sampleText } from './samples'

const FILE = '.journal.sqlite'
const UTC = { zone: 'UTC' }
const ID = 'a'.repeat(40)
const status = (word: string) => findTestStatus(word) ?? null
const at = (text: string) => parseTime(text, 'UTC') as number

const JOB_INFO = 'CREATE TABLE job_info (unique_id TEXT UNIQUE)'
const TEST_JOURNAL =
  'CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT, flushed BOOLEAN DEFAULT 0)'

type Row = [tag: unknown, time: unknown, action: unknown, status?: unknown]

function journal(rows: Row[], { jobs = [ID] as unknown[] } = {}): Uint8Array {
  using database = new Database(':memory:')
  for (const sql of [JOB_INFO, TEST_JOURNAL]) database.run(sql)
  for (const id of jobs) database.run('INSERT INTO job_info VALUES (?)', [id as string])
  const insert = database.query('INSERT INTO test_journal (tag, time, action, status) VALUES (?, ?, ?, ?)')
  for (const [tag, time, action, status = null] of rows)
    insert.run(tag as string, time as string, action as string, status as string)
  return new Uint8Array(database.serialize())
}

describe.each(samplesWith(FILE))('%s', (sample) => {
  test('is read row by row', () => {
    using database = new Database(join(sampleFolder(sample), FILE), { readonly: true })
    const rows = database
      .query<{ tag: string; time: string; action: string; status: string | null }, []>(
        'SELECT * FROM test_journal',
      )
      .all()
    const tags = [...new Set(rows.map(({ tag }) => tag))]
    const find = (tag: string, action: string) => rows.find((row) => row.tag === tag && row.action === action)
    const times = rows.map(({ time }) => at(time))
    expect(parseJournal(sampleBytes(sample, FILE), UTC)).toEqual({
      id: sampleText(sample, 'id').trim(),
      description: null,
      descriptionSource: expect.anything(),
      time: Math.min(...times),
      elapsed: null,
      wallTime: (Math.max(...times) - Math.min(...times)) / 1e6,
      status: null,
      ended: false,
      lastReportAt: Math.max(...times),
      notStarted: null,
      environment: null,
      activities: [],
      data: [],
      tests: tags.map((tag) => {
        const [started, ended] = [find(tag, 'STARTED'), find(tag, 'ENDED')]
        return {
          ...splitAvocadoTag(tag),
          status: ended ? status(ended.status as string) : null,
          precise: true,
          exactTimes: false,
          started: at(started?.time as string),
          elapsed: ended ? (at(ended.time) - at(started?.time as string)) / 1e6 : null,
          folder: null,
          failReason: null,
          activities: [
            { activity: 'STARTED', time: at(started?.time as string) },
            ...(ended
              ? [{ activity: 'ENDED', time: at(ended.time), status: status(ended.status as string) }]
              : []),
          ],
          data: [],
        }
      }),
      warnings: [],
    })
  })
})

test('killed-sigkill: the test that never ended has no status', () => {
  const { tests } = parseJournal(sampleBytes('killed-sigkill', FILE), UTC)
  expect(tests.map(({ tag, status }) => [tag, status])).toEqual([
    ['1-passtest.py:PassTest.test', status('PASS')],
    ['2-sleeptest.py:SleepTest.test', null],
  ])
})

test('its times are local ones', () => {
  const { time } = parseJournal(journal([['1-a', '2026-07-01T14:00:00', 'STARTED']]), {
    zone: 'Europe/Berlin',
  })
  expect(time).toBe(at('2026-07-01T12:00:00'))
})

test('a view of a larger buffer is read as it is', () => {
  const bytes = journal([['1-a', '2026-07-01T14:00:00', 'STARTED']])
  expect(parseJournal(Buffer.concat([Buffer.alloc(7), bytes]).subarray(7), UTC)).toEqual(
    parseJournal(bytes, UTC),
  )
})

test('the same activity twice is one', () => {
  const started: Row = ['1-a', '2026-07-01T14:00:00', 'STARTED']
  const { tests, warnings } = parseJournal(
    journal([started, started, ['1-a', '2026-07-01T14:00:01', 'STARTED']]),
    UTC,
  )
  expect([tests[0]?.activities, warnings]).toEqual([
    [{ activity: 'STARTED', time: at('2026-07-01T14:00') }],
    ['.journal.sqlite: test 1-a has STARTED twice: the first one counts.'],
  ])
})

test('a job of which no test has started is a job', () => {
  const { id, time, tests } = parseJournal(journal([]), UTC)
  expect({ id, time, tests }).toEqual({ id: ID, time: null, tests: [] })
})

describe('together with results.json', () => {
  test.each(samplesWith('results.json'))('%s is as results.json has it', (sample) => {
    const results = sampleText(sample, 'results.json')
    const bytes = sampleBytes(sample, FILE)
    expect(parseResultsWithJournal(results, bytes, UTC)).toEqual(parseResultsJson(results, UTC))
    const abroad = parseResultsWithJournal(results, bytes, { zone: 'Asia/Kathmandu' })
    expect(abroad).toEqual({
      ...parseResultsJson(results, UTC),
      warnings: [
        "results.json: the runner's clock was at UTC+00:00, not in the server's zone Asia/Kathmandu: times without a zone were read so.",
      ],
    })
  })

  const epoch = (text: string) => at(text) / 1e6
  const results = (tests: object[], fields: object = {}) =>
    JSON.stringify({ job_id: ID, total: 3, start: '2026-07-01 14:00:00', tests, ...fields })

  test('the journal adds what results.json lacks, read at the offset that both show', () => {
    const report = parseResultsWithJournal(
      results([
        { id: '1-a', status: 'PASS', actual_time_start: epoch('2026-07-01T08:30:01') },
        { id: '2-b', status: 'FAIL' },
      ]),
      journal([
        ['1-a', '2026-07-01T14:00:01.002', 'STARTED'],
        ['1-a', '2026-07-01T14:00:02', 'ENDED', 'PASS'],
        ['2-b', '2026-07-01T14:00:03', 'STARTED'],
        ['3-c', '2026-07-01T14:00:04', 'STARTED'],
      ]),
      { zone: 'Europe/Berlin' },
    )
    const missing = { precise: true, elapsed: null, folder: null, failReason: null, data: [] }
    expect(report).toEqual({
      id: ID,
      description: null,
      descriptionSource: expect.anything(),
      time: at('2026-07-01T08:30:00'),
      elapsed: null,
      wallTime: null,
      status: null,
      ended: true,
      notStarted: 0,
      environment: null,
      activities: [],
      data: [],
      tests: [
        {
          ...missing,
          ...splitAvocadoTag('1-a'),
          status: status('PASS'),
          exactTimes: true,
          started: at('2026-07-01T08:30:01'),
          elapsed: 0.998,
          activities: [
            { activity: 'STARTED', time: at('2026-07-01T08:30:01') },
            { activity: 'ENDED', time: at('2026-07-01T08:30:02'), status: status('PASS') },
          ],
        },
        {
          ...missing,
          ...splitAvocadoTag('2-b'),
          status: status('FAIL'),
          exactTimes: true,
          started: at('2026-07-01T08:30:03'),
          activities: [{ activity: 'STARTED', time: at('2026-07-01T08:30:03') }],
        },
        {
          ...missing,
          ...splitAvocadoTag('3-c'),
          status: null,
          exactTimes: false,
          started: at('2026-07-01T08:30:04'),
          activities: [{ activity: 'STARTED', time: at('2026-07-01T08:30:04') }],
        },
      ],
      warnings: [
        "results.json: the runner's clock was at UTC+05:30, not in the server's zone Europe/Berlin: times without a zone were read so.",
      ],
    })
  })

  test('what most tests show is the offset', () => {
    const tests = ['1-a', '2-b', '3-c'].map((id, index) => ({
      id,
      actual_time_start: epoch(index === 0 ? '2026-07-01T10:00:00' : '2026-07-01T12:00:00'),
    }))
    const rows = tests.map(({ id }): Row => [id, '2026-07-01T14:00:00.01', 'STARTED'])
    expect(parseResultsWithJournal(results(tests), journal(rows), UTC).time).toBe(at('2026-07-01T12:00'))
  })

  test('of another job is refused', () => {
    expect(refusal(() => parseResultsWithJournal(results([], { job_id: 'b1' }), journal([]), UTC))).toBe(
      `.journal.sqlite: it is of job ${ID}, results.json of job b1.`,
    )
  })
})

const epochOf = (text: string) => at(text) / 1e6
const good: Row = ['1-a', '2026-07-01T14:00:00', 'STARTED']
const wal = journal([good]).map((byte, index) => (index === 18 || index === 19 ? 2 : byte))
const endless =
  'CREATE VIEW test_journal AS WITH RECURSIVE x(tag) AS (SELECT 1 UNION ALL SELECT 1 FROM x) SELECT tag, tag AS time, tag AS action, tag AS status FROM x'
const computed =
  'CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT AS (hex(zeroblob(1000000000))))'

test.each<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(0), 'this is not an SQLite file.'],
  ['text', new TextEncoder().encode('SQLite 2 database'), 'this is not an SQLite file.'],
  [
    'a truncated file',
    journal([good]).slice(0, 5000),
    'this is not a whole SQLite file: database disk image is malformed.',
  ],
  [
    'a file in WAL mode',
    wal,
    'it is in WAL mode, which Avocado does not use; "PRAGMA journal_mode = DELETE" changes that.',
  ],
  ['a journal without a job', journal([], { jobs: [] }), 'job_info has no row: it names no job.'],
  ['a job without an id', journal([], { jobs: [null] }), 'job_info.unique_id is no id of a job.'],
])('%s is refused', (_, bytes, sentence) => {
  expect(refusal(() => parseJournal(bytes, UTC))).toBe(`.journal.sqlite: ${sentence}`)
})

test('one bad value costs that value: its row where it is the tag, and a sentence counts them', () => {
  const { tests, warnings } = parseJournal(
    journal([
      [null, good[1], 'STARTED'],
      ['', good[1], 'STARTED'],
      ['1-a', new Uint8Array(3), 'STARTED'],
      ['1-a', 'now', 'ENDED', 'PASS'],
      good,
      ['2-b', good[1], 'ENDED', 'MAYBE'],
      ['2-b', good[1], 7],
    ]),
    UTC,
  )
  const facts = tests.map(({ tag, status, started }) => ({ tag, status, started }))
  expect({ facts, warnings }).toEqual({
    facts: [
      { tag: '1-a', status: status('PASS'), started: at('2026-07-01T14:00:00') },
      { tag: '2-b', status: null, started: null },
    ],
    warnings: [
      '.journal.sqlite: 2 values of tag are not understood and counted as unknown (row 1: null).',
      '.journal.sqlite: a value of status is not understood and counted as unknown (row 6: "MAYBE").',
      '.journal.sqlite: 2 values of time are not understood and counted as unknown (STARTED of test 1-a: "").',
    ],
  })
})

describe('tags that Avocado 52 to 84 wrote', () => {
  test.each([
    ["'1-ok.py:Ok.test'", '1-ok.py:Ok.test'],
    [`"1-it's"`, "1-it's"],
    [String.raw`'2-both \' and "'`, `2-both ' and "`],
    [String.raw`'3-back\\slash\ttab\n'`, '3-back\\slash\ttab\n'],
    [String.raw`'4-\x80\u200b\U0001f600'`, '4-\u0080\u200b😀'],
    [String.raw`'5-\xc3\xa9'`, '5-é'],
    ["'6-é'", '6-é'],
    ["1-'quoted'", "1-'quoted'"],
    ["'1-half", "'1-half"],
    ["'1-a' or '1-b'", "'1-a' or '1-b'"],
  ])('%s', (stored, tag) => {
    const { tests } = parseJournal(journal([[stored, good[1], 'STARTED']]), UTC)
    expect(tests.map((one) => one.tag)).toEqual([tag])
  })

  test('are those of results.json', () => {
    const rows: Row[] = [
      ["'1-a;v'", '2026-07-01T14:00:01', 'STARTED'],
      ["'1-a;v'", '2026-07-01T14:00:02', 'ENDED', 'PASS'],
    ]
    const text = JSON.stringify({
      job_id: ID,
      total: 1,
      tests: [{ id: '1-a;v', status: 'PASS', start: epochOf('2026-07-01T14:00:01'), time: 0.5 }],
    })
    const { tests } = parseResultsWithJournal(text, journal(rows), UTC)
    expect(tests.map(({ tag, prefix, variant, elapsed }) => [tag, prefix, variant, elapsed])).toEqual([
      ['1-a;v', '1-', 'v', 0.5],
    ])
  })
})

test('suites of a journal stand apart from the names', () => {
  const { tests } = parseJournal(
    journal([
      ['sanity-1-a.py:A.test;run-1', good[1], 'STARTED'],
      ['2-b.py:B.test', good[1], 'STARTED'],
    ]),
    UTC,
  )
  expect(tests.map(({ prefix, suite, variant }) => [prefix, suite, variant])).toEqual([
    ['sanity-1-', 'sanity', 'run-1'],
    ['2-', '', null],
  ])
})

test('dry runs, which all have the same id, are jobs of their own, each the same while it grows', () => {
  const zeros = { jobs: ['0'.repeat(40)] }
  const other: Row = ['1-a', '2026-07-02T14:00:00', 'STARTED']
  const ids = [[good], [good, ['2-b', good[1], 'STARTED'] as Row], [other]].map(
    (rows) => parseJournal(journal(rows, zeros), UTC).id,
  )
  expect(ids[0]).toBe(ids[1] as string)
  expect(new Set(ids).size).toBe(2)
})

test('a broken journal beside results.json is left out with a warning', () => {
  const text = JSON.stringify({ job_id: ID, total: 1, tests: [{ id: '1-a', status: 'PASS' }] })
  const { tests, warnings } = parseResultsWithJournal(text, journal([good]).slice(0, 5000), UTC)
  expect([tests.length, warnings]).toEqual([
    1,
    ['.journal.sqlite: this is not a whole SQLite file: database disk image is malformed. It was left out.'],
  ])
})

test.each([endless, computed, 'CREATE TABLE test_journal (tag TEXT)'])('%.60s is not read', (sql) => {
  using database = new Database(':memory:')
  database.run(JOB_INFO)
  database.run(sql)
  expect(refusal(() => parseJournal(new Uint8Array(database.serialize()), UTC))).toMatch(
    /^\.journal\.sqlite: there is no table test_journal with a column (tag|time|status): this is not Avocado's journal\.$/,
  )
})

test('no bytes make it throw anything but BadRequest', () => {
  const header = new TextEncoder().encode('SQLite format 3\0')
  const files = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.uint8Array({ maxLength: 9000 }).map((bytes) => new Uint8Array(Buffer.concat([header, bytes]))),
    mutated(sampleBytes('failfast', FILE), { inPlace: true }),
    mutated(sampleBytes('all-statuses', FILE), { inPlace: true }),
    mutated(sampleBytes('killed-sigkill', FILE)),
  )
  const results = sampleText('failfast', 'results.json')
  fc.assert(
    fc.property(files, (bytes) => {
      refusal(() => parseJournal(bytes, UTC))
      refusal(() => parseResultsWithJournal(results, bytes, UTC))
    }),
    { numRuns: 500 },
  )
})
