import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { asAvocadoSplits } from '../../src/imports/model'
import { findTestStatus } from '../../src/statuses/model'
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
    expect({ ...parseTap(text), warnings: [] }).toEqual({
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
          ...asAvocadoSplits(count === 1 ? name : `${name}#${count}`),
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
      ['no number', status('SKIP'), 'too slow'],
      ['C# and \\', status('SKIP'), null],
      ['9', status('FAIL'), null],
    ],
    notStarted: 0,
    warnings: [],
  })
})

test("Avocado's note on warnings is a WARN", () => {
  expect(outcomes('ok 1 a.py:A.test  # Warnings were printed into warn log').tests).toEqual([
    ['a.py:A.test', status('WARN'), null],
  ])
})

test('a # that says neither SKIP nor TODO is part of the name', () => {
  expect(outcomes('ok 1 - issue # 7', 'ok 2 - a #SKIPPER', 'ok 3 a\\# SKIP b', 'ok 4 # TODOs').tests).toEqual(
    [
      ['issue # 7', status('PASS'), null],
      ['a #SKIPPER', status('PASS'), null],
      ['a# SKIP b', status('PASS'), null],
      ['# TODOs', status('PASS'), null],
    ],
  )
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

test('without a plan nobody knows what has not started', () => {
  expect(outcomes('ok 1 - a').notStarted).toBeNull()
})

test('a skipped test without a name: never started if it is as Avocado writes it', () => {
  expect(
    outcomes('1..3', 'ok 1 # SKIP', 'ok 2 # SKIP Interrupting job (failfast).', 'ok 3 # SKIP no disk'),
  ).toEqual({
    tests: [['3', status('SKIP'), 'no disk']],
    notStarted: 2,
    warnings: [],
  })
})

test('who bails out has not run the rest', () => {
  const warnings = ['The TAP file: line 3: the tests bailed out: no disk']
  const a = ['a', status('PASS'), null] as const
  expect(outcomes('1..3', 'ok 1 - a', 'Bail out! no disk', 'ok 2 - b')).toEqual({
    tests: [[...a]],
    notStarted: 2,
    warnings,
  })
  expect(outcomes('', 'ok 1 - a', 'Bail out! no disk')).toEqual({ tests: [[...a]], notStarted: 1, warnings })
})

test('nothing to run is a job', () => {
  expect(outcomes('TAP version 13', '1..0 # SKIP no disk')).toEqual({
    tests: [],
    notStarted: 0,
    warnings: [],
  })
})

test('more tests than planned are worth a warning', () => {
  expect(outcomes('1..1', 'ok 1 - a', 'ok 2 - b')).toMatchObject({
    notStarted: 0,
    warnings: ['The TAP file: 1 tests are counted, 2 are listed.'],
  })
})

test.each([
  ['there is no test and no plan in it.', ''],
  ['there is no test and no plan in it.', '{"job_id": 1}'],
  ['line 3 is a second plan.', '1..1\nok\n1..1'],
  ['line 1: nobody has so many tests.', '1..99999999999999999999'],
])('refused with %s', (sentence, text) => {
  expect(refusal(() => parseTap(text))).toBe(`The TAP file: ${sentence}`)
})

test('no text makes it throw anything but BadRequest', () => {
  const line = fc
    .tuple(
      fc.constantFrom('', 'ok ', 'not ok ', 'ok 7 - ', '1..', 'Bail out!', '  message: ', '# '),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ' # SKIP ', '# TODO', '\\#', ' # SKIPped: x'),
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
