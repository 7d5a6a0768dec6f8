import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { Bytes } from '../../src/dashboard/page/log/bytes'
import { errorPattern, type Pattern, Scan, textPattern } from '../../src/dashboard/page/log/scan'

const encode = (text: string) => new TextEncoder().encode(text)

function scan(pattern: Pattern | undefined, chunks: Uint8Array[], limit = 1000) {
  if (!pattern) throw new Error('no pattern')
  const bytes = new Bytes()
  const found = new Scan(bytes, pattern, limit)
  for (const chunk of chunks) {
    bytes.append(chunk)
    while (found.advance(false));
  }
  while (found.advance(true));
  return found
}

function matches(pattern: Pattern | undefined, ...chunks: string[]) {
  const found = scan(pattern, chunks.map(encode))
  return Array.from({ length: found.count }, (_, index) => found.match(index))
}

test('text is found whatever its case', () => {
  expect(matches(textPattern('fail'), 'FAIL fail Fail fal')).toEqual([
    { start: 0, end: 4 },
    { start: 5, end: 9 },
    { start: 10, end: 14 },
  ])
})

test('text of other scripts is found whatever its case, by its bytes', () => {
  expect(matches(textPattern('żół'), '€ ŻÓŁ żół')).toEqual([
    { start: 4, end: 10 },
    { start: 11, end: 17 },
  ])
})

test('what means something to a regular expression is text like any other', () => {
  expect(matches(textPattern('.*[a|b]-$'), 'xx .*[a|b]-$ aab')).toEqual([{ start: 3, end: 12 }])
})

test('matches do not overlap', () => {
  expect(matches(textPattern('aa'), 'aaaaa')).toEqual([
    { start: 0, end: 2 },
    { start: 2, end: 4 },
  ])
})

test('no text is no search', () => {
  expect(textPattern('')).toBeUndefined()
})

test('a match lies across chunks and across slices', () => {
  const filling = 'x'.repeat(256 * 1024 - 2)
  expect(matches(textPattern('needle'), `${filling}nee`, 'd', `le${filling}`, 'need', 'le')).toEqual([
    { start: filling.length, end: filling.length + 6 },
    { start: 2 * filling.length + 6, end: 2 * filling.length + 12 },
  ])
})

test('any text in any chunks has the matches that the whole has', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', 'É', '\n'), maxLength: 60 })
  const needle = fc.string({ unit: fc.constantFrom('a', 'b', 'É'), minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(text, needle, fc.array(fc.nat(80), { maxLength: 6 }), (text, needle, cuts) => {
      const whole = encode(text)
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b),
        whole.length,
      ]
      const chunks = places.slice(1).map((place, number) => whole.subarray(places[number], place))
      const found = scan(textPattern(needle), chunks)
      const expected = [...text.toLowerCase().matchAll(new RegExp(needle.toLowerCase(), 'g'))].map(
        ({ index }) => encode(text.slice(0, index)).length,
      )
      expect(Array.from({ length: found.count }, (_, index) => found.match(index).start)).toEqual(expected)
    }),
  )
})

test('at the limit it stops', () => {
  const found = scan(textPattern('a'), [encode('aaaaa')], 3)
  expect([found.count, found.isFull]).toEqual([3, true])
})

test('it tells how many matches lie before a place', () => {
  const found = scan(textPattern('ab'), [encode('ab ab ab')])
  expect([0, 1, 2, 3, 5, 8].map((place) => found.countBefore(place))).toEqual([0, 0, 1, 1, 2, 3])
})

test('errors are what Avocado calls so', () => {
  const lines = [
    '[stdlog] 18:20:51,904 avocado.test stacktrace L0041 ERROR| ',
    '[stdlog] 18:20:51,904 avocado.test test L0041 CRITI| out of memory',
    '[stdlog] Traceback (most recent call last):',
    'FAIL 1-failtest.py:FailTest.test',
    'CRITICAL: no disk',
  ]
  expect(lines.map((line) => matches(errorPattern, line).length > 0)).toEqual(lines.map(() => true))
})

test('words that only look like errors are none', () => {
  const lines = [
    '[stdlog] avocado.test parameters L0140 DEBUG| PARAMS (key=fail_fast, default=None)',
    'no_error ERRORS FAILED xFAIL',
    'RESULTS: PASS 3 | ERROR 0 | FAIL 0',
    '[stdlog] avocado.test test L0312 INFO | INIT 1-errortest.py:ErrorTest.test',
  ]
  expect(lines.map((line) => matches(errorPattern, line))).toEqual(lines.map(() => []))
})

test('whether a word is one does not depend on the chunks', () => {
  expect(matches(errorPattern, 'x', 'ERROR ', 'FAIL', ' 0', ' CRIT', 'I|')).toEqual([{ start: 14, end: 20 }])
})

test('the first error in a log of Avocado', () => {
  const job = join(import.meta.dir, '../fixtures/jobs/failfast/job-2026-11-23T18.20-dd56aa9')
  const log = readFileSync(join(job, 'test-results/2-failtest.py_FailTest.test/debug.log'))
  const { start } = scan(errorPattern, [log], 1).match(0)
  expect(log.subarray(0, start).toString().split('\n').length).toBe(21)
})
