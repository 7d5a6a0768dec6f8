import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { splitAvocadoTag } from '../../src/ingest/model'
import { parseTime } from '../../src/lib/time'
import { findTestStatus, reportedStatusName, testStatusName } from '../../src/results/statuses/model'
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
      description: null,
      descriptionSource: expect.anything(),
      time: parseTime(json.start, 'UTC') as number,
      elapsed: json.time,
      wallTime: expect.closeTo(
        Math.max(...json.tests.map((test) => test.actual_time_start + test.time_elapsed)) -
          Math.min(...json.tests.map((test) => test.actual_time_start)),
        5,
      ) as number,
      status: null,
      ended: true,
      notStarted: json.total - json.tests.length,
      environment: null,
      activities: [],
      data: [],
      tests: json.tests.map((test) => ({
        ...splitAvocadoTag(test.id),
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

test("Python's None, which old versions write for a test that passed, is no reason", () => {
  const { tests, warnings } = parseResultsJson(one({ fail_reason: 'None' }), UTC)
  expect([tests[0]?.failReason, warnings]).toEqual([null, []])
})

test('<unknown>, null and nothing are the same: not known', () => {
  const unknown = Object.fromEntries(
    ['status', 'fail_reason', 'whiteboard', 'tags', 'time_elapsed', 'actual_time_start', 'logdir'].map(
      (name) => [name, '<unknown>'],
    ),
  )
  const expected = {
    ...splitAvocadoTag('1-a'),
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
  ['results.json: tests is not a list.', job({ tests: undefined })],
  ['results.json: tests is not a list.', job({ tests: {} })],
])('refused with %s', (sentence, text) => {
  expect(refusal(() => parseResultsJson(text, UTC))).toBe(sentence)
})

const bad = 'is not understood and counted as unknown'

describe('one bad value is unknown, and a sentence counts those of its kind:', () => {
  test.each<[string, object, object, string]>([
    ['status', { status: 'PERHAPS' }, { status: null }, '"PERHAPS"'],
    ['status', { status: {} }, { status: null }, '{}'],
    ['fail_reason', { fail_reason: ['a'] }, { failReason: null }, '["a"]'],
    ['time_elapsed', { time_elapsed: 'n/a' }, { elapsed: null }, '"n/a"'],
    ['time_elapsed', { time_elapsed: -5 }, { elapsed: null }, '-5'],
    ['time', { time: '-' }, { elapsed: null }, '"-"'],
    ['actual_time_start', { actual_time_start: 1e300 }, { started: null }, '1e+300'],
    ['tags', { tags: [] }, { data: [] }, '[]'],
    ['tags', { tags: { a: [1] } }, { data: [] }, '[1]'],
    ['id', { id: '' }, { tag: '1-test 1' }, '""'],
    ['id', { id: '<unknown>', name: 'n' }, { tag: '1-n' }, '"<unknown>"'],
    ['name', { name: 7 }, { tag: '1-a' }, '7'],
  ])('%s', (name, fields, expected, value) => {
    const { tests, warnings } = parseResultsJson(one(fields), UTC)
    expect(tests[0]).toMatchObject(expected)
    expect(warnings).toEqual([`results.json: a value of ${name} ${bad} (tests[0]: ${value}).`])
  })

  test('many are one sentence', () => {
    const others = Array.from({ length: 3 }, (_, at) => ({ id: `${at + 2}-b`, time_elapsed: 'slow' }))
    const { tests, warnings } = parseResultsJson(one({ time_elapsed: 'slow' }, [...others, 7 as never]), UTC)
    expect([tests.length, warnings]).toEqual([
      4,
      [
        `results.json: a value of tests ${bad} (tests[4]: 7).`,
        'results.json: 4 values of time_elapsed are not understood and counted as unknown (tests[0]: "slow").',
      ],
    ])
  })

  test('of the job', () => {
    const { elapsed, notStarted, time, warnings } = parseResultsJson(
      job({ time: [], total: 1.5, start: 'yesterday' }),
      UTC,
    )
    expect({ elapsed, notStarted, time, warnings }).toEqual({
      elapsed: null,
      notStarted: null,
      time: null,
      warnings: [
        `results.json: a value of total ${bad} (the job: 1.5).`,
        `results.json: a value of time ${bad} (the job: []).`,
        `results.json: a value of start ${bad} (the job: "yesterday").`,
      ],
    })
  })

  test('NaN and Infinity, which Python writes and JSON does not know', () => {
    const text = one({ time_elapsed: 7, fail_reason: 'x is NaN, not "Infinity"' }).replace(':7,', ':NaN,')
    const { tests, elapsed, warnings } = parseResultsJson(text.replace('"time":1', '"time":-Infinity'), UTC)
    expect([tests[0]?.elapsed, tests[0]?.failReason, elapsed, warnings]).toEqual([
      null,
      'x is NaN, not "Infinity"',
      null,
      [
        `results.json: a value of time_elapsed ${bad} (tests[0]: "NaN").`,
        `results.json: a value of time ${bad} (the job: "-Infinity").`,
      ],
    ])
  })

  test.each([7, '../../etc', '123', null])('job_id %p: the content makes one', (job_id) => {
    const { id, warnings } = parseResultsJson(job({ job_id }), UTC)
    expect([id, warnings]).toEqual([
      expect.stringMatching(/^[0-9a-f]{40}$/),
      ['results.json: job_id is no id of a job: one was made of the content.'],
    ])
  })
})

test('-1 is how Avocado says that it does not know: no warning', () => {
  const { tests, warnings } = parseResultsJson(
    one({ time_elapsed: -1, time: 5, actual_time_start: -1, actual_time_end: -1, start: -1 }),
    UTC,
  )
  expect([tests[0]?.elapsed, tests[0]?.started, tests[0]?.activities, warnings]).toEqual([null, null, [], []])
})

test('a number that came as a text is the number', () => {
  expect(parsedTest({ time_elapsed: '0.5', actual_time_start: '1705312800.25' })).toMatchObject({
    elapsed: 0.5,
    started: 1705312800250000,
  })
})

describe('versions of Avocado', () => {
  const started = 1705312800.25
  test.each<[string, object, object]>([
    ['104 and later', { time_elapsed: 1.5, time_start: 100, actual_time_start: started }, { elapsed: 1.5 }],
    [
      '93 to 103',
      { time: 1.5, start: 100, actual_start: started, actual_end: started + 1.5 },
      { elapsed: 1.5 },
    ],
    ['69 to 92, legacy runner', { time: 1.5, start: started, end: started + 1.5 }, { elapsed: 1.5 }],
  ])('%s: times', (_, fields, expected) => {
    expect(parsedTest(fields)).toMatchObject({ ...expected, started: started * 1e6 })
  })

  test('82 to 92, nrunner: an uptime is no date', () => {
    expect(parsedTest({ time: 0.04, start: 1417.87, end: 1417.91 })).toMatchObject({
      elapsed: 0.04,
      started: null,
    })
  })

  test('up to 92 the folder tells when the job started', () => {
    const debuglog = '/var/lib/avocado/job-results/job-2026-11-23T18.20-3333333/job.log'
    expect(parseResultsJson(job({ debuglog }), UTC).time).toBe(parseTime('2026-11-23T18:20', 'UTC') as number)
  })
})

test('dry runs, which all have the same id, are jobs of their own; the same bytes are the same job', () => {
  const dry = (fields: object) => parseResultsJson(job({ job_id: '0'.repeat(40), ...fields }), UTC)
  expect(dry({}).id).toBe(dry({}).id)
  expect(dry({}).id).not.toBe(dry({ time: 2 }).id)
  expect(dry({}).warnings).toEqual([])
})

describe('suites stand apart from the names', () => {
  const split = (ids: [id: string, name?: string][], suites?: string[]) => {
    const text = job({ tests: ids.map(([id, name]) => ({ id, ...(name && { name }) })), total: ids.length })
    return parseResultsJson(text, { ...UTC, ...(suites && { suites }) }).tests.map(
      ({ prefix, suite, variant }) => [prefix, suite, variant],
    )
  }
  test('where the file tells the names', () => {
    expect(
      split([
        ['sanity-2-ok.py:Ok.test', 'ok.py:Ok.test'],
        ['1-1-/bin/true', '/bin/true'],
        ['rhel-9-slow-1-/bin/false;run-a', '/bin/false;run-a'],
        ['1-3-way merge', '3-way merge'],
        ['2-b', 'another'],
      ]),
    ).toEqual([
      ['sanity-2-', 'sanity', null],
      ['1-1-', '1', null],
      ['rhel-9-slow-1-', 'rhel-9-slow', 'run-a'],
      ['1-', '', null],
      ['2-', '', null],
    ])
  })
  test('by their numbers, where every test has one', () => {
    expect(split([['1-1-/bin/true'], ['suite01-2-/bin/false'], ['suite01-3-t.py:T.test;run-1']])).toEqual([
      ['1-1-', '1', null],
      ['suite01-2-', 'suite01', null],
      ['suite01-3-', 'suite01', 'run-1'],
    ])
  })
  test('not where a number may belong to the name', () => {
    expect(split([['1-3-way'], ['2-/bin/true']])).toEqual([
      ['1-', '', null],
      ['2-', '', null],
    ])
    expect(split([['1-3-way']])).toEqual([['1-', '', null]])
  })
  test('by the names of suites that other files tell', () => {
    expect(split([['rhel-9-slow-2-/bin/true']], ['rhel', 'rhel-9-slow'])).toEqual([
      ['rhel-9-slow-2-', 'rhel-9-slow', null],
    ])
  })
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
