// What the page computes without a browser.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withQuery } from '../../../src/dashboard/page/address'
import {
  formatBytes,
  formatCounted,
  formatDuration,
  formatExact,
  formatPassrate,
  formatRelative,
  formatTemplate,
} from '../../../src/dashboard/page/format'
import { visibleRange } from '../../../src/dashboard/page/rows'
import { meaningOf, statusOf } from '../../../src/dashboard/page/statuses'
import { jobStatuses, reportedStatuses, testStatuses } from '../../../src/storage/seed-data'

test.each([
  ['/dashboard/jobs', { page: 2 }, '/dashboard/jobs?page=2'],
  ['/dashboard/jobs?page=2&search=a+b', { page: undefined }, '/dashboard/jobs?search=a+b'],
  ['/dashboard/jobs?page=2', { page: '' }, '/dashboard/jobs'],
  ['/dashboard/jobs?status=PASS', { status: 'FAIL,ERROR' }, '/dashboard/jobs?status=FAIL%2CERROR'],
])('%s with %j is %s', (url, change, expected) => {
  expect(withQuery(url, change)).toBe(expected)
})

test.each([
  [0, '0.00 s'],
  [0.004, '< 0.01 s'],
  [0.0621, '0.06 s'],
  [9.994, '9.99 s'],
  [12.34, '12.3 s'],
  [59.96, '1 min 00 s'],
  [245, '4 min 05 s'],
  [3599.7, '1 h 00 min'],
  [7380, '2 h 03 min'],
  [93_600, '1 d 2 h'],
])('%p seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [5868, '5.7 KiB'],
  [104_857_600, '100 MiB'],
])('%p bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('a pass rate has one digit, and none without tests', () => {
  expect([formatPassrate(100), formatPassrate(75), formatPassrate(null)]).toEqual(['100.0 %', '75.0 %', '–'])
})

test('a pass rate of almost all is not shown as all', () => {
  expect([formatPassrate(99.999), formatPassrate(0.001)]).toEqual(['99.9 %', '0.1 %'])
})

const present = Date.UTC(2026, 10, 24, 12)

test.each([
  ['2026-11-24T11:59:55Z', 'just now'],
  ['2026-11-24T11:59:20Z', '40 sec. ago'],
  ['2026-11-24T11:57:00Z', '3 min. ago'],
  ['2026-11-23T18:00:00Z', '18 hr. ago'],
  ['2026-11-23T12:00:01Z', '24 hr. ago'],
  ['2026-11-24T12:05:00Z', 'in 5 min.'],
])('%s is %s', (time, text) => {
  expect(formatRelative(time, present)).toBe(text)
})

test.each([
  [new Date(2026, 10, 23, 11, 59), 'Mon 23 Nov 11:59'],
  [new Date(2026, 10, 14, 9, 5), 'Sat 14 Nov 09:05'],
  [new Date(2026, 11, 4, 0, 30), 'Fri 4 Dec 00:30'],
  [new Date(2024, 10, 24, 12, 0), '24 Nov 2024 12:00'],
])('more than a day away, %s is a date: %s', (time, text) => {
  expect(formatRelative(time.toISOString(), new Date(2026, 10, 24, 12).getTime())).toBe(text)
})

test('one of something, and several', () => {
  expect([0, 1, 1200].map((count) => formatCounted(count, 'test'))).toEqual([
    '0 tests',
    '1 test',
    '1,200 tests',
  ])
})

test('whatever a template leaves out is an ellipsis', () => {
  expect(formatTemplate('disk.c:<line>: <*> at read_block+<offset>')).toBe('disk.c:…: … at read_block+…')
})

test('an exact time names its zone', () => {
  expect(formatExact('2026-11-24T11:59:55.123456Z')).toMatch(
    /^2026-11-2\d \d{2}:\d{2}:55 UTC([+−-]\d{1,2}(:\d{2})?)?$/,
  )
})

test('every status of the API has a label', () => {
  const words = [...jobStatuses, ...reportedStatuses].map(({ name }) => name as string)
  const unknown = [...words, ...testStatuses.map(({ name }) => name)].filter(
    (word) => word !== 'NOSTATUS' && meaningOf(word) === meaningOf(null),
  )
  expect(unknown).toEqual([])
})

test("a test is shown by the client's own word", () => {
  expect(statusOf({ status: 'TEST_NA', reported_status: 'CANCEL' })).toBe('CANCEL')
  expect(statusOf({ status: 'PASS' })).toBe('PASS')
  expect(statusOf({ status: null })).toBe('unfinished')
})

test('the rows in sight are drawn, and not many more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -500_000, max: 2000 }),
      fc.integer({ min: 20, max: 100 }),
      fc.integer({ min: 200, max: 4000 }),
      fc.nat({ max: 20_000 }),
      (top, rowHeight, windowHeight, count) => {
        const { first, last } = visibleRange(top, rowHeight, windowHeight, count)
        expect(first).toBeGreaterThanOrEqual(0)
        expect(last).toBeLessThanOrEqual(count)
        expect(last - first).toBeLessThanOrEqual(windowHeight / rowHeight + 30)
        for (const row of [0, Math.floor(count / 2), count - 1].filter((row) => row >= 0 && row < count)) {
          const y = top + row * rowHeight
          if (y + rowHeight > 0 && y < windowHeight) {
            expect(row).toBeGreaterThanOrEqual(first)
            expect(row).toBeLessThan(last)
          }
        }
      },
    ),
  )
})
