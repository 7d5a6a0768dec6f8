import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { bestSplit, findChangePoints } from '../../../src/analysis/durations/change-points'

const fast = [10.0, 10.4, 9.8, 10.1, 9.9, 10.2, 10.0, 9.7, 10.3, 10.1]
const slow = [12.9, 13.3, 13.0, 12.8, 13.1, 13.2, 12.7]

test('five slow runs are not enough, seven are', () => {
  expect(bestSplit([...fast, ...slow.slice(0, 5)])?.z).toBeCloseTo(3.0619, 4)
  expect(findChangePoints([...fast, ...slow.slice(0, 5)])).toEqual([])
  const [change, ...others] = findChangePoints([...fast, ...slow])
  expect(others).toEqual([])
  expect(change?.index).toBe(10)
  expect(change?.z).toBeCloseTo(3.4157, 4)
  expect([change?.before, change?.after]).toEqual([10.05, 13])
  expect(change?.ratio).toBeCloseTo(1.2935, 4)
})

test('outliers are no change', () => {
  expect(
    findChangePoints(fast.flatMap((seconds, at) => (at % 4 === 0 ? [seconds, seconds * 3] : [seconds]))),
  ).toEqual([])
})

test('each side of a change may have changes of its own', () => {
  const slowest = fast.map((seconds) => seconds * 2)
  const changes = findChangePoints([...fast, ...slow, ...slowest])
  expect(changes.map(({ index }) => index)).toEqual([10, 17])
  expect(changes.map(({ before, after }) => [before, after])).toEqual([
    [10.05, 13],
    [13, 20.1],
  ])
})

test('a change of less than a tenth is none', () => {
  expect(findChangePoints([...fast, ...fast.map((seconds) => seconds * 1.08)])).toEqual([])
})

test('only the last 100 runs are looked at, and indexes are those of all runs', () => {
  const old = Array.from({ length: 100 }, (_, at) => 50 + (at % 3))
  expect(findChangePoints([...old, ...Array.from({ length: 100 }, (_, at) => 10 + (at % 3) / 10)])).toEqual(
    [],
  )
  const recent = findChangePoints([...old, ...Array.from({ length: 50 }, (_, at) => 10 + (at % 3) / 10)])
  expect(recent.map(({ index }) => index)).toEqual([100])
})

test('noise without a change is hardly ever one', () => {
  const noise = fc.array(fc.double({ min: 9, max: 11, noNaN: true }), { minLength: 20, maxLength: 60 })
  const found = fc
    .sample(noise, { numRuns: 300, seed: 1 })
    .filter((runs) => findChangePoints(runs).length > 0)
  expect(found.length).toBeLessThan(6)
})

test('change points are in order, with four runs on each side', () => {
  const seconds = fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.constantFrom(1, 5, 10))
  fc.assert(
    fc.property(fc.array(fc.tuple(seconds, fc.integer({ min: 1, max: 30 })), { maxLength: 6 }), (parts) => {
      const runs = parts.flatMap(([value, count]) => Array.from({ length: count }, () => value))
      const ends = [
        Math.max(0, runs.length - 100),
        ...findChangePoints(runs).map(({ index }) => index),
        runs.length,
      ]
      ends.slice(1, -1).forEach((index, at) => {
        expect([index - (ends[at] ?? 0) >= 4, (ends[at + 2] ?? 0) - index >= 4]).toEqual([true, true])
      })
    }),
  )
})
