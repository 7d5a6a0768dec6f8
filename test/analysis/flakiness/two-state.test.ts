import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { flakinessOf } from '../../../src/analysis/flakiness/two-state'
import { seriesOf, times } from '../series'

test('flakes count, and a regression after an update does not', () => {
  const flaky = seriesOf('PPFPPPPFPP')
  const broken = seriesOf('PPPFFFFF', [...times(3, 1), ...times(5, 2)])
  const { rate, low, high, events, flaky: isFlaky } = flakinessOf([flaky, broken])
  expect({ events, isFlaky }).toEqual({ events: 2, isFlaky: true })
  // The working runs of this example are 13, of which 2 failed, if it is certain which those are.
  expect(rate).toBeCloseTo(2.25 / 23, 2)
  expect([low > 0.005, low < rate, rate < high]).toEqual([true, true, true])
})

test('a test that never failed is not flaky, and neither is one that never passed', () => {
  expect(flakinessOf([seriesOf('PPPPPPPPPP')])).toMatchObject({ flaky: false, flakes: 0, events: 0 })
  expect(flakinessOf([seriesOf('FFFFFFFFFFFFFFF')]).flaky).toBe(false)
  expect(flakinessOf([])).toMatchObject({ rate: 0.025, low: 0, high: 1, flaky: false, runs: 0 })
})

test('the same failures are flakes without an update and a regression with one', () => {
  const runs = 'PPPPPPPPFFFPPPPPPPPFFFPPPPPPPP'
  const without = flakinessOf([seriesOf(runs)])
  const updates = flakinessOf([
    seriesOf(runs, [...times(8, 1), ...times(3, 2), ...times(8, 3), ...times(3, 4), ...times(8, 5)]),
  ])
  expect(updates.rate).toBeLessThan(without.rate)
})

const run = fc.record({ failed: fc.boolean(), environment: fc.constantFrom(null, 1, 2, 3) })
const manySeries = fc.array(fc.array(run, { maxLength: 60 }), { maxLength: 5 })

test('rates are chances, within their interval', () => {
  fc.assert(
    fc.property(manySeries, (series) => {
      const { rate, low, high, flakes, runs } = flakinessOf(series)
      expect([rate > 0, rate < 1, low >= 0, low <= high, high <= 1, flakes <= runs + 1e-9]).toEqual(
        Array(6).fill(true),
      )
    }),
  )
})

test('neither the order of the series nor the numbers of the environments matter, to the last bit', () => {
  fc.assert(
    fc.property(manySeries, (series) => {
      const renumbered = series.map((runs) =>
        runs.map((run) => ({ ...run, environment: run.environment === null ? null : 7 - run.environment })),
      )
      expect(flakinessOf(renumbered.toReversed())).toEqual(flakinessOf(series))
    }),
  )
})
