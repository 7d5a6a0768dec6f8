import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Histogram } from '../../src/lib/histogram'

test('every value is counted in the first bucket whose bound it does not exceed, or behind all of them', () => {
  const ascending = fc
    .uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 10 })
    .map((bounds) => bounds.sort((a, b) => a - b))
  fc.assert(
    fc.property(ascending, fc.array(fc.integer({ min: 0, max: 1100 })), (bounds, values) => {
      const histogram = new Histogram(bounds)
      for (const value of values) histogram.add(value)
      const edges = [Number.NEGATIVE_INFINITY, ...bounds, Number.POSITIVE_INFINITY]
      expect(histogram.counts).toEqual(
        edges.slice(1).map((to, at) => {
          const from = edges[at] ?? 0
          return values.filter((value) => value > from && value <= to).length
        }),
      )
      expect(histogram.sum).toBe(values.reduce((sum, value) => sum + value, 0))
    }),
  )
})
