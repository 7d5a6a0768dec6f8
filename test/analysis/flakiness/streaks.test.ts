import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { findStreaks, flakinessByStreaks } from '../../../src/analysis/flakiness/streaks'
import { seriesOf, times } from '../series'

test('a failure that goes away is a flake; a host that fails since its first run is not flaky', () => {
  expect(flakinessByStreaks([seriesOf('PPFP')]).flakes).toBe(1)
  expect(flakinessByStreaks([seriesOf('FFFF')])).toMatchObject({ runs: 0, flakes: 0, flaky: false })
})

test('a host with two flakes and one with a regression after an update are flaky by the flakes alone', () => {
  const flaky = seriesOf('PPFPPPPFPP')
  const broken = seriesOf('PPPFFFFF', [...times(3, 1), ...times(5, 2)])
  const { rate, low, high, ...counts } = flakinessByStreaks([flaky, broken])
  expect(counts).toEqual({ runs: 13, flakes: 2, events: 2, flaky: true })
  expect(rate).toBeCloseTo(0.1538, 4)
  expect(low).toBeCloseTo(0.0523, 4)
  expect(high).toBeGreaterThan(rate)
})

const broken = 'PPPPPFFFFFPPPPP'

test('a long streak between two updates is a regression and its fix', () => {
  const environments = [...times(5, 1), ...times(5, 2), ...times(5, 3)]
  expect(flakinessByStreaks([seriesOf(broken, environments)])).toMatchObject({ runs: 10, flakes: 0 })
})

test('a long streak without any update is one flake, which is not enough to be flaky', () => {
  expect(flakinessByStreaks([seriesOf(broken)])).toMatchObject({
    runs: 15,
    flakes: 5,
    events: 1,
    flaky: false,
  })
})

test('an unknown environment is never the same as another', () => {
  const unknown = seriesOf(broken, times(15, null))
  expect(flakinessByStreaks([unknown])).toMatchObject({ runs: 10, flakes: 0, events: 0 })
})

test('a streak at the beginning is a flake by its length only, and the last one is open', () => {
  expect(findStreaks(seriesOf('FFPPFPFFFPFF'))).toEqual([
    { start: 0, end: 2, kind: 'flake' },
    { start: 4, end: 5, kind: 'flake' },
    { start: 6, end: 9, kind: 'flake' },
    { start: 10, end: 12, kind: 'open' },
  ])
  expect(findStreaks(seriesOf('FFFP'))).toEqual([{ start: 0, end: 3, kind: 'fixed' }])
})

test('streaks are all failures, and only those', () => {
  const run = fc.record({ failed: fc.boolean(), environment: fc.constantFrom(null, 1, 2) })
  fc.assert(
    fc.property(fc.array(run), (runs) => {
      const failed = runs.map(() => false)
      for (const { start, end } of findStreaks(runs)) failed.fill(true, start, end)
      expect(failed).toEqual(runs.map((run) => run.failed))
      const { flakes, runs: working, low, rate, high } = flakinessByStreaks([runs])
      expect(working - flakes).toBe(runs.filter((run) => !run.failed).length)
      expect([low <= rate, rate <= high || working === 0]).toEqual([true, true])
    }),
  )
})
