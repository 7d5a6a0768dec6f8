import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { asAvocadoSplits } from '../../src/imports/model'
import { findTestStatus, reportedStatusName, testStatusName } from '../../src/statuses/model'
import { parseTime } from '../../src/time'
import { parseResultsJson } from './at-once'
import { mutatedText, refusal, sampleJob, samplesWith, sampleText } from './samples'

const UTC = { zone: 'UTC' }
const status = (word: string) => findTestStatus(word) ?? null

/** A results.json with defaults that do not matter. */
const job = (fields: object = {}) =>
  JSON.stringify({ job_id: 'a'.repeat(40), tests: [], total: 0, time: 1, ...fields })
const one = (fields: object, others: object[] = []) =>
  job({ tests: [{ id: '1-a', status: 'PASS', ...fields }, ...others], total: 1 + others.length })
const parsedTest = (fields: object) => parseResultsJson(one(fields), UTC).tests[0]

describe.each(samplesWith('results.json'))('%s', (sample) => {
  const json = sampleJob(sample)
  const report = parseResultsJson(sampleText(sample, 'results.json'), UTC)

  test('is read field by field', () => {
    expect(report).toEqual({
      id: json.job_id,
      description: json.debuglog.split('/').at(-2) as string,
      time: parseTime(json.start, 'UTC') as number,
      elapsed: json.time,
      status: null,
      notStarted: json.total - json.tests.length,
      environment: null,
      activities: [],
      data: [],
      tests: json.tests.map((test) => ({
        ...asAvocadoSplits(test.id),
        status: status(test.status),
        precise: true,
        exactTimes: true,
        started: Math.round(test.actual_time_start * 1e6),
        elapsed: test.time_elapsed,
        folder: test.logdir.split('/').at(-1) as string,
        failReason: test.fail_reason === '<unknown>' ? null : test.fail_reason,
        activities: [
          { activity: 'STARTED', time: Math.round(test.actual_time_start * 1e6) },
          { activity: 'ENDED', time: Math.round(test.actual_time_end * 1e6), status: status(test.status) },
        ],
        data: [
          ...(['', '<unknown>'].includes(test.whiteboard)
            ? []
            : [{ category: 'whiteboard', key: 'whiteboard', value: test.whiteboard }]),
          ...Object.entries(test.tags).map(([key, values]) => ({
            category: 'tags',
            key,
            value: values?.join(',') ?? null,
          })),
        ],
      })),
      warnings: [],
    })
  })

  test('has as many tests of each status as it says', () => {
    const count = (word: string) =>
      report.tests.filter(
        ({ status }) =>
          status && (reportedStatusName(status.reported) ?? testStatusName(status.status)) === word,
      ).length
    expect({
      pass: count('PASS'),
      warn: count('WARN'),
      failures: count('FAIL'),
      errors: count('ERROR'),
      interrupt: count('INTERRUPTED'),
      skip: count('SKIP') + (report.notStarted ?? 0),
      cancel: count('CANCEL'),
    }).toEqual({
      pass: json.pass as number,
      warn: json.warn as number,
      failures: json.failures as number,
      errors: json.errors as number,
      interrupt: json.interrupt as number,
      skip: json.skip as number,
      cancel: json.cancel as number,
    })
  })
})

test('<unknown>, null and nothing are the same: not known', () => {
  const unknown = Object.fromEntries(
    ['status', 'fail_reason', 'whiteboard', 'tags', 'time_elapsed', 'actual_time_start', 'logdir'].map(
      (name) => [name, '<unknown>'],
    ),
  )
  const expected = {
    ...asAvocadoSplits('1-a'),
    status: null,
    precise: true,
    exactTimes: true,
    started: null,
    elapsed: null,
    folder: null,
    failReason: null,
    activities: [],
    data: [],
  }
  expect(parsedTest(unknown)).toEqual(expected)
  expect(parsedTest({ status: null })).toEqual(expected)
})

test('the monotonic times are no dates', () => {
  expect(parsedTest({ time_start: 1399.75, time_end: 1400 })?.started).toBeNull()
})

test('tags become data, their values joined', () => {
  expect(parsedTest({ tags: { arch: ['x86_64', 'arm'], fast: null, os: 'linux', '': null } })?.data).toEqual([
    { category: 'tags', key: 'arch', value: 'x86_64,arm' },
    { category: 'tags', key: 'fast', value: null },
    { category: 'tags', key: 'os', value: 'linux' },
  ])
})

test('more tests than are counted is worth a warning', () => {
  const { notStarted, warnings } = parseResultsJson(job({ total: 0, tests: [{ id: '1-a' }] }), UTC)
  expect({ notStarted, warnings }).toEqual({
    notStarted: 0,
    warnings: ['results.json: 0 tests are counted, 1 are listed.'],
  })
})

test('an id that comes twice is one test, or two when they differ', () => {
  const { tests, warnings } = parseResultsJson(
    one({}, [{ id: '1-a', status: 'PASS' }, { id: '1-a', status: 'FAIL' }, { id: '1-a#2' }]),
    UTC,
  )
  expect({ tags: tests.map(({ tag }) => tag), warnings }).toEqual({
    tags: ['1-a', '1-a#3', '1-a#2'],
    warnings: ['results.json: several tests have the tag 1-a; the second is stored as 1-a#3.'],
  })
})

test('a tag of more than 1024 characters is cut', () => {
  const { tests, warnings } = parseResultsJson(one({ id: '😀'.repeat(1025) }), UTC)
  expect({ tag: tests[0]?.tag, warnings }).toEqual({
    tag: '😀'.repeat(1024),
    warnings: [`results.json: the tag of a test was cut at 1024 characters: ${'😀'.repeat(60)}...`],
  })
})

test('what no text can hold is replaced, with one warning for the file', () => {
  const text = one({ fail_reason: 'a\0b', whiteboard: 'HALF' }).replace('HALF', '\\ud800')
  const { tests, warnings } = parseResultsJson(text, UTC)
  expect([tests[0]?.failReason, tests[0]?.data, warnings]).toEqual([
    'a\uFFFDb',
    [{ category: 'whiteboard', key: 'whiteboard', value: '\uFFFD' }],
    ['results.json: characters that no text can hold were replaced by U+FFFD.'],
  ])
})

describe('start is read', () => {
  const startedAt = (start: string | undefined, first: string | undefined, zone: string) => {
    const epoch = first && (parseTime(first, 'UTC') ?? 0) / 1e6
    const text = job({ start, tests: [{ id: '1-a', actual_time_start: epoch }], total: 1 })
    const { time, warnings } = parseResultsJson(text, { zone })
    return [time, warnings]
  }
  const at = (text: string) => parseTime(text, 'UTC') as number
  const warning = (offset: string, zone: string) =>
    `results.json: the runner's clock was at UTC${offset}, not in the server's zone ${zone}: times without a zone were read so.`

  test("in the server's zone when no test says when it started", () => {
    expect(startedAt('2026-07-01 14:00:00', undefined, 'Europe/Berlin')).toEqual([at('2026-07-01 12:00'), []])
  })
  test("in the server's zone when the first test started a little later there", () => {
    expect(startedAt('2026-07-01 14:00:00', '2026-07-01T12:20:00', 'Europe/Berlin')).toEqual([
      at('2026-07-01 12:00'),
      [],
    ])
  })
  test('at the offset that the start of the first test shows', () => {
    expect(startedAt('2026-07-01 14:00:00', '2026-07-01T08:15:30', 'Europe/Berlin')).toEqual([
      at('2026-07-01 08:15'),
      [warning('+05:45', 'Europe/Berlin')],
    ])
    expect(startedAt('2026-07-01 14:00:00.5', '2026-07-01T19:00:30', 'UTC')).toEqual([
      at('2026-07-01 19:00:00.5'),
      [warning('-05:00', 'UTC')],
    ])
  })
  test("in the server's zone when the clocks show no offset that exists", () => {
    expect(startedAt('2026-07-01 14:00:00', '2020-07-01T08:15:30', 'UTC')).toEqual([
      at('2026-07-01 14:00'),
      [],
    ])
  })
  test('as it is when it names its zone', () => {
    expect(startedAt('2026-07-01T14:00:00+02:00', '2026-07-01T08:00', 'UTC')).toEqual([
      at('2026-07-01 12:00'),
      [],
    ])
  })
  test('from the first test when it is missing, as before Avocado 69', () => {
    expect(startedAt(undefined, '2026-07-01T12:20:00', 'Europe/Berlin')).toEqual([at('2026-07-01 12:20'), []])
  })
})

test.each([
  ['results.json: this is not JSON: JSON Parse error: Unexpected EOF.', ''],
  ['results.json: the content is not an object.', '[]'],
  [
    'results.json: this is not JSON: Nested more than 100 levels deep.',
    '['.repeat(100_000) + ']'.repeat(100_000),
  ],
  ['results.json: job_id is missing.', '{"tests": []}'],
  ['results.json: job_id is not a text.', job({ job_id: 7 })],
  ['results.json: job_id is no id of a job.', job({ job_id: '../../etc' })],
  ['results.json: job_id is no id of a job.', job({ job_id: '123' })],
  ['results.json: tests is missing.', job({ tests: undefined })],
  ['results.json: tests is not a list.', job({ tests: {} })],
  ['results.json: time is not a number.', job({ time: '1' })],
  ['results.json: total is not a whole number.', job({ total: 1.5 })],
  ['results.json: start is not a time.', job({ start: 'yesterday' })],
  ['results.json: tests[1] is not an object.', one({}, [7 as never])],
  ['results.json: tests[1].id is missing.', one({}, [{ status: 'PASS' }])],
  ['results.json: tests[0].id is missing.', one({ id: '' })],
  ['results.json: test 1-a has the unknown status PERHAPS.', one({ status: 'PERHAPS' })],
  ['results.json: tests[0].fail_reason is not a text.', one({ fail_reason: [] })],
  ['results.json: tests[0].time_elapsed is negative.', one({ time_elapsed: -1 })],
  ['results.json: tests[0].actual_time_start is no time.', one({ actual_time_start: 1e300 })],
  ['results.json: tests[0].tags is not an object.', one({ tags: [] })],
  ['results.json: tests[0].tags holds something other than texts.', one({ tags: { a: [1] } })],
])('refused with %s', (sentence, text) => {
  expect(refusal(() => parseResultsJson(text, UTC))).toBe(sentence)
})

test('no text makes it throw anything but BadRequest', () => {
  const shaped = fc.record(
    {
      job_id: fc.constantFrom('a1', 'b'.repeat(40)),
      start: fc.oneof(fc.string(), fc.constant('2026-01-01 00:00:00')),
      total: fc.oneof(fc.nat(), fc.jsonValue()),
      debuglog: fc.string({ unit: 'binary' }),
      tests: fc.array(
        fc.record(
          {
            id: fc.oneof(fc.constantFrom('1-a', '2-b'), fc.string({ unit: 'binary' })),
            status: fc.constantFrom('PASS', 'SKIP', '<unknown>', null),
            fail_reason: fc.string({ unit: 'binary' }),
            tags: fc.oneof(
              fc.constant({}),
              fc.dictionary(fc.string(), fc.array(fc.string())),
              fc.jsonValue(),
            ),
            actual_time_start: fc.oneof(fc.double({ min: 0, max: 9e9, noNaN: true }), fc.jsonValue()),
            actual_time_end: fc.double({ min: 0, max: 9e9, noNaN: true }),
          },
          { requiredKeys: ['id'] },
        ),
      ),
    },
    { requiredKeys: ['job_id', 'tests'] },
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    shaped.map((value) => JSON.stringify(value)),
    mutatedText(sampleText('small-sysinfo', 'results.json')),
    mutatedText(sampleText('failfast', 'results.json')),
  )
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', '-05:00')
  fc.assert(
    fc.property(texts, zones, (text, zone) => {
      refusal(() => {
        const { tests } = parseResultsJson(text, { zone })
        expect(new Set(tests.map(({ tag }) => tag)).size).toBe(tests.length)
        expect(JSON.stringify(tests)).not.toMatch(/\\u0000|\\ud[89a-f]/)
      })
    }),
    { numRuns: 500 },
  )
})
