// Where hours, days, weeks and months begin.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { bucketsOf, type Interval } from '../../../src/analysis/statistics/buckets'
import { formatTime } from '../../../src/lib/time'

const at = (text: string) => Date.parse(text) * 1000

const starts = (interval: Interval, after: string, before: string, zone: string) =>
  [...bucketsOf(interval, { after: at(after), before: at(before) }, zone)].map(({ start }) =>
    formatTime(start),
  )

test('days begin at midnight, also where the clocks are changed', () => {
  expect(starts('day', '2026-10-24T12:00:00Z', '2026-10-26T23:00:00Z', 'Europe/Prague')).toEqual([
    '2026-10-23T22:00:00Z',
    '2026-10-24T22:00:00Z',
    '2026-10-25T23:00:00Z',
  ])
  // In Santiago the clocks go from 24:00 to 01:00: this day has no midnight.
  expect(starts('day', '2026-09-05T12:00:00Z', '2026-09-07T00:00:00Z', 'America/Santiago')).toEqual([
    '2026-09-05T04:00:00Z',
    '2026-09-06T04:00:00Z',
  ])
  expect(starts('day', '2026-11-24T00:00:00Z', '2026-11-24T19:00:00Z', 'Asia/Kathmandu')).toEqual([
    '2026-11-23T18:15:00Z',
    '2026-11-24T18:15:00Z',
  ])
})

test('weeks begin on Mondays, months on the first', () => {
  expect(starts('week', '2026-11-22T12:00:00Z', '2026-11-30T00:00:01Z', 'UTC')).toEqual([
    '2026-11-16T00:00:00Z',
    '2026-11-23T00:00:00Z',
    '2026-11-30T00:00:00Z',
  ])
  expect(starts('month', '2026-12-31T23:30:00Z', '2027-03-01T00:00:00Z', 'Europe/Prague')).toEqual([
    '2026-12-31T23:00:00Z',
    '2027-01-31T23:00:00Z',
    '2027-02-28T23:00:00Z',
  ])
})

test('hours are those of the clock', () => {
  expect(starts('hour', '2026-11-24T10:30:00Z', '2026-11-24T12:00:00Z', 'UTC')).toEqual([
    '2026-11-24T10:00:00Z',
    '2026-11-24T11:00:00Z',
  ])
})

test('a range without a moment has none', () => {
  expect(starts('day', '2026-11-24T10:00:00Z', '2026-11-20T00:00:00Z', 'UTC')).toEqual([])
})

test('one follows the other, and together they hold the whole range', () => {
  const range = fc.record({
    interval: fc.constantFrom<Interval>('hour', 'day', 'week', 'month'),
    after: fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
    seconds: fc.integer({ min: 1, max: 60 * 24 * 3600 }),
    zone: fc.constantFrom('UTC', 'Europe/Prague', 'America/Chicago', 'Asia/Kolkata', 'Australia/Lord_Howe'),
  })
  fc.assert(
    fc.property(range, ({ interval, after, seconds, zone }) => {
      const before = after + seconds * 1_000_000
      const buckets = [...bucketsOf(interval, { after, before }, zone)]
      const [first] = buckets
      const last = buckets.at(-1)
      if (!first || !last) throw new Error('no bucket')
      expect(first.start).toBeLessThanOrEqual(after)
      expect(first.end).toBeGreaterThan(after)
      expect(last.start).toBeLessThan(before)
      expect(last.end).toBeGreaterThanOrEqual(before)
      expect(buckets.slice(1).map(({ start }) => start)).toEqual(buckets.slice(0, -1).map(({ end }) => end))
    }),
  )
})
