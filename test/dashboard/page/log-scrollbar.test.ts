import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { formatLines, lineRange, parseLines } from '../../../src/dashboard/page/log/line-range'
import { MAX_SCROLLBAR_PIXELS, Scrollbar } from '../../../src/dashboard/page/log/scrollbar'

const VIEW = 600

test('as long as there are not too many rows, the bar is the rows', () => {
  const bar = new Scrollbar(10_000, VIEW)
  expect([bar.height, bar.isCompressed, bar.toScrollTop(1234.5), bar.fromScrollTop(1234.5)]).toEqual([
    10_000,
    false,
    1234.5,
    1234.5,
  ])
})

test('nothing is beyond the ends', () => {
  const bar = new Scrollbar(10_000, VIEW)
  expect([bar.clamp(-5), bar.clamp(99_999), new Scrollbar(100, VIEW).clamp(50)]).toEqual([0, 9400, 0])
})

test('the ends of the bar are the ends of the rows', () => {
  const bar = new Scrollbar(1e9, VIEW)
  expect([bar.height, bar.isCompressed]).toEqual([MAX_SCROLLBAR_PIXELS, true])
  expect([bar.fromScrollTop(0), bar.fromScrollTop(MAX_SCROLLBAR_PIXELS - VIEW)]).toEqual([0, 1e9 - VIEW])
})

test('near the ends it is exact', () => {
  const bar = new Scrollbar(1e9, VIEW)
  expect([bar.fromScrollTop(500), bar.fromScrollTop(MAX_SCROLLBAR_PIXELS - VIEW - 500)]).toEqual([
    500,
    1e9 - VIEW - 500,
  ])
})

test('further down on the bar is further down in the rows, and back again', () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), place, place, (content, one, other) => {
      const bar = new Scrollbar(content, VIEW)
      const longest = bar.clamp(Number.POSITIVE_INFINITY)
      const [low, high] = [one * longest, other * longest].sort((a, b) => a - b) as [number, number]
      expect(bar.toScrollTop(low)).toBeLessThanOrEqual(bar.toScrollTop(high))
      expect(bar.fromScrollTop(bar.toScrollTop(high))).toBeCloseTo(high, 3)
    }),
  )
})

test('marked lines stand in the address', () => {
  expect([parseLines('120'), parseLines('120-140'), parseLines('140-120')]).toEqual([
    { first: 120, last: 120 },
    { first: 120, last: 140 },
    { first: 120, last: 140 },
  ])
})

test('what names no lines marks none', () => {
  const texts = [undefined, '', '0', '-1', 'x', '1-', '1-2-3', ' 1', '1e3', '0-4', '12345678901']
  expect(texts.map(parseLines)).toEqual(texts.map(() => undefined))
})

test('lines are read as they were written', () => {
  const line = fc.integer({ min: 1, max: 4e9 })
  fc.assert(
    fc.property(line, line, (one, other) => {
      const lines = lineRange(one, other)
      if (!lines) throw new Error('there are lines')
      expect(parseLines(formatLines(lines))).toEqual(lines)
    }),
  )
})
