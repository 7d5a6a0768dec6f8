import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { splitAvocadoTag } from '../../src/ingest/model'
import { findTestStatus } from '../../src/results/statuses/model'
import { parseTap } from './at-once'
import { mutatedText, refusal, sampleJob, samplesWith, sampleText } from './samples'

const FILE = 'results.tap'
const status = (word: string) => findTestStatus(word) ?? null
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
/** What Avocado's words become in its TAP. */
const words = new Map([
  ['CANCEL', 'SKIP'],
  ['INTERRUPTED', 'FAIL'],
  ['ERROR', 'FAIL'],
])

function outcomes(...lines: string[]) {
  const { tests, notStarted, warnings } = parseTap(lines.join('\n'))
  return {
    tests: tests.map(({ tag, status, failReason }) => [tag, status, failReason]),
    notStarted,
    warnings,
  }
}

describe.each(samplesWith('results.json'))('%s', (sample) => {
  test('is what results.json says, as far as TAP can', () => {
    const text = sampleText(sample, FILE)
    const json = sampleJob(sample)
    const seen = new Map<string, number>()
    const { files = [], ...report } = parseTap(text)
    const logs = json.tests.map(({ name }) => `debug.log of ${name}:`)
    const heads = files.map(({ content }) => new TextDecoder().decode(content).split('\n', 1)[0])
    expect(heads).toEqual(logs.filter((head) => text.includes(`# ${head}\n`)))
    expect({ ...report, warnings: [] }).toEqual({
      id: sha1(text),
      description: null,
      time: null,
      elapsed: null,
      status: null,
      notStarted: json.total - json.tests.length,
      environment: null,
      activities: [],
      data: [],
      tests: json.tests.map(({ name, status: word, fail_reason }) => {
        const count = (seen.get(name) ?? 0) + 1
        seen.set(name, count)
        return {
          ...splitAvocadoTag(count === 1 ? name : `${name}#${count}`),
          status: status(words.get(word) ?? word),
          precise: false,
          exactTimes: false,
          started: null,
          elapsed: null,
          folder: null,
          failReason: ['SKIP', 'CANCEL'].includes(word) ? fail_reason : null,
          activities: [],
          data: [],
        }
      }),
      warnings: [],
    })
  })
})

test('killed-sigkill: what the plan has and no line is has not started', () => {
  expect(outcomes(sampleText('killed-sigkill', FILE))).toEqual({
    tests: [['passtest.py:PassTest.test', status('PASS'), null]],
    notStarted: 2,
    warnings: [],
  })
})

test('every kind of line, TAP 14', () => {
  expect(
    outcomes(
      'TAP version 14',
      '1..9',
      '# a comment',
      'ok 1 - reads a disk',
      'not ok 2 - writes a disk',
      '  ---',
      "  message: 'No space left'",
      '  at:',
      '    file: disk.c',
      '  ...',
      'ok 3 - formats a disk # SKIP no disk',
      'not ok 4 - spins # TODO not written',
      'ok 5 - turns # todo done already',
      '# Subtest: parts',
      '    ok 1 - a part',
      '    not ok 2 - another part',
      '    1..2',
      'not ok 6 - parts',
      'pragma +strict',
      'something that a program printed',
      'ok - no number # skipped: too slow',
      'ok 8 - C\\# and \\\\ # Skip',
      'not ok',
    ),
  ).toEqual({
    tests: [
      ['reads a disk', status('PASS'), null],
      ['writes a disk', status('FAIL'), 'No space left'],
      ['formats a disk', status('SKIP'), 'no disk'],
      ['spins', status('WARN'), 'not written'],
      ['turns', status('PASS'), null],
      ['parts', status('FAIL'), null],
      ['parts > a part', status('PASS'), null],
      ['parts > another part', status('FAIL'), null],
      ['no number', status('SKIP'), 'too slow'],
      ['C# and \\', status('SKIP'), null],
      ['9', status('FAIL'), null],
    ],
    notStarted: 0,
    warnings: ['The TAP file: a line that is not TAP was left out: line 20.'],
  })
})

test("Avocado's note on warnings is a WARN", () => {
  expect(outcomes('ok 1 a.py:A.test  # Warnings were printed into warn log').tests).toEqual([
    ['a.py:A.test', status('WARN'), null],
  ])
})

test('a directive stands behind the only unescaped #, glued to more or not; any other # is text', () => {
  expect(
    outcomes(
      '1..8',
      'ok 1 - issue # 7',
      'ok 2 - a #SKIPPER',
      'ok 3 a\\# SKIP b',
      'not ok 4 # TODOs',
      'not ok 5 - a # b # SKIP c',
      'not ok 6 - C# # TODO(me): why',
      'not ok 7 - Array#skip works',
      'not ok 8 - a # TODO see # 7',
    ).tests,
  ).toEqual([
    ['issue # 7', status('PASS'), null],
    ['a', status('SKIP'), null],
    ['a# SKIP b', status('PASS'), null],
    ['4', status('WARN'), null],
    ['a # b # SKIP c', status('FAIL'), null],
    ['C#', status('WARN'), '(me): why'],
    ['Array#skip works', status('FAIL'), null],
    ['a # TODO see # 7', status('FAIL'), null],
  ])
})

test('the plan may come last, and lines may end as on Windows', () => {
  expect(outcomes('ok 1 - a\r', 'ok 2 - a\r', '1..4\r')).toEqual({
    tests: [
      ['a', status('PASS'), null],
      ['a#2', status('PASS'), null],
    ],
    notStarted: 2,
    warnings: ['The TAP file: several tests have the tag a; the second is stored as a#2.'],
  })
})

test('without a plan one test at least has not started', () => {
  expect(outcomes('ok 1 - a')).toEqual({
    tests: [['a', status('PASS'), null]],
    notStarted: 1,
    warnings: ['The TAP file: there is no plan, so it is not known whether all tests ran.'],
  })
})

test('a skipped test without a name: never started where Avocado wrote it', () => {
  expect(
    outcomes('1..3', 'ok 1 # SKIP', 'ok 2 # SKIP Interrupting job (failfast).', 'ok 3 # SKIP no disk'),
  ).toEqual({
    tests: [['3', status('SKIP'), 'no disk']],
    notStarted: 2,
    warnings: [],
  })
})

test('any other producer skips tests without names', () => {
  expect(outcomes('1..2', 'ok 1 # SKIP', 'ok 2 - a').tests).toEqual([
    ['1', status('SKIP'), null],
    ['a', status('PASS'), null],
  ])
})

test('who bails out has not run the rest, wherever it is said', () => {
  const sentence = 'The TAP file: line 3: the tests bailed out: no disk'
  const tests = [['a', status('PASS'), null]]
  const after = 'The TAP file: tests that come after it bailed out were left out: 1.'
  const rest = ['1..3', 'ok 1 - a', 'Bail out! no disk', 'ok 2 - b'] as const
  expect(outcomes(...rest)).toEqual({ tests, notStarted: 2, warnings: [sentence, after] })
  expect(outcomes('1..1', 'ok 1 - a', '    Bail out! no disk')).toEqual({
    tests,
    notStarted: 1,
    warnings: [sentence],
  })
  expect(parseTap(rest.join('\n')).data).toEqual([{ category: 'tap', key: 'bail out', value: 'no disk' }])
})

test('nothing to run is a job, with the reason', () => {
  const { tests, notStarted, data, warnings } = parseTap('TAP version 13\n1..0 # SKIP no disk')
  expect({ tests, notStarted, data, warnings }).toEqual({
    tests: [],
    notStarted: 0,
    data: [{ category: 'tap', key: 'skipped', value: 'no disk' }],
    warnings: ['The TAP file: nothing was to be run: no disk'],
  })
})

test('numbers beyond the plan, or given twice, make the job an ERROR where no test is missing', () => {
  const { status: word, notStarted, warnings } = parseTap('1..1\nok 1 - a\nok 2 - b')
  expect({ word, notStarted, warnings }).toEqual({
    word: 3,
    notStarted: 0,
    warnings: ['The TAP file: numbers of tests are not in the plan, or come again: 1 of 2.'],
  })
  expect(parseTap('1..2\nok 1\nok 1')).toMatchObject({ status: null, notStarted: 1 })
})

test('a second plan begins a second stream', () => {
  expect(outcomes('1..1', 'ok', '1..1')).toMatchObject({ notStarted: 1 })
  expect(outcomes('1..1', 'ok 1 - a', '1..1', 'ok 1 - b')).toEqual({
    tests: [
      ['a', status('PASS'), null],
      ['b', status('PASS'), null],
    ],
    notStarted: 0,
    warnings: [],
  })
})

describe('who wrote the file tells what a name is', () => {
  const splits = (...lines: string[]) =>
    parseTap(lines.join('\n')).tests.map(({ prefix, tag, variant }) => [prefix, tag, variant])

  test('numbers and variants are those of Avocado', () => {
    expect(splits('1..1', '# debug.log of 1-/bin/true;a:', 'ok 1 1-/bin/true;a')).toEqual([
      ['1-', '1-/bin/true;a', 'a'],
    ])
    expect(splits('1..2', 'ok 1 a.py:A.test;run-x-12ab', 'ok 2 3-way;y')).toEqual([
      ['', 'a.py:A.test;run-x-12ab', 'run-x-12ab'],
      ['', '3-way;y', 'y'],
    ])
  })

  test('of others a name is whole', () => {
    expect(splits('1..3', 'ok 1 - 1-way;a', 'ok 2 - 2-way;b', 'ok 3 - 3-way merge')).toEqual([
      ['', '1-way;a', null],
      ['', '2-way;b', null],
      ['', '3-way merge', null],
    ])
  })
})

test('a tag of subtests is cut where it is too long, at the parents first', () => {
  const { tests, warnings } = parseTap(
    `1..1\n        ok 1 - c\n    ok 1 - ${'b'.repeat(2000)}\nok 1 - ${'a'.repeat(2000)}`,
  )
  expect(tests.map(({ tag }) => tag.length)).toEqual([1024, 1024, 504])
  expect(warnings).toEqual([
    `The TAP file: the tag of a test was cut at 1024 characters: ${'a'.repeat(60)}...`,
  ])
})

test.each([
  ['there is no test and no plan in it.', ''],
  ['there is no test and no plan in it.', '{"job_id": 1}'],
  ['there is no test and no plan in it.', '# only a comment'],
])('refused with %s', (sentence, text) => {
  expect(refusal(() => parseTap(text))).toBe(`The TAP file: ${sentence}`)
})

const BEGINNINGS = [
  '',
  'ok ',
  'not ok ',
  'ok 7 - ',
  '1..2',
  '1..',
  'Bail out!',
  '# Subtest: ',
  '# ',
  '# 1..1',
  '# ok 1',
].concat(
  [
    'TAP version 13',
    '    ok 1',
    '        not ok 1 - ',
    '    # Subtest: ',
    '    1..1',
    '}',
    '{',
    '  KTAP version 1',
  ],
  ['  ---', '  message: ', '    - ', '  ...', 't/a.t .. ', '    }', '\t', '  error: |-', "  message: '"],
)

test('no text makes it throw anything but BadRequest', () => {
  const line = fc
    .tuple(
      fc.constantFrom(...BEGINNINGS),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ' # SKIP ', '# TODO', '\\#', ' # SKIPped: x', ' {', ' # time=1ms'),
    )
    .map((parts) => parts.join(''))
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(line).map((lines) => lines.join('\n')),
    mutatedText(sampleText('job-timeout', FILE)),
    mutatedText(sampleText('failfast', FILE)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      refusal(() => {
        const { tests, notStarted } = parseTap(text)
        expect(new Set(tests.map(({ tag }) => tag)).size).toBe(tests.length)
        expect(tests.filter(({ tag, status }) => tag === '' || status === null)).toEqual([])
        expect(notStarted ?? 0).toBeGreaterThanOrEqual(0)
      })
    }),
    { numRuns: 1000 },
  )
})
