import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { jobRows } from '../../../src/analysis/since/job-rows'
import { findOnset } from '../../../src/analysis/since/onset'
import { rowsOf } from '../series'

const chance = (logOdds: number) => 1 / (1 + Math.exp(-logOdds))

test('a flake before a regression is not its beginning', () => {
  const { row, low, high, logOdds } = findOnset(rowsOf('PPFPPPPPPPFFFFF'))
  expect({ row, low, high }).toEqual({ row: 10, low: 9, high: 11 })
  expect(logOdds).toBeCloseTo(5.323, 3)
  expect(chance(logOdds)).toBeCloseTo(0.995, 3)
})

test('three failures in a row are a regression, one is not sure', () => {
  const three = findOnset(rowsOf('PPPPPPPPFFF'))
  expect(three.row).toBe(8)
  expect(three.logOdds).toBeCloseTo(5.549, 3)
  const one = findOnset(rowsOf('PPPPPPPPPF'))
  expect(one.row).toBe(9)
  expect(one.logOdds).toBeCloseTo(1.074, 3)
  expect(chance(one.logOdds)).toBeCloseTo(0.745, 3)
})

test('a test that fails every other time did not change', () => {
  const runs = 'PFPFPFPFPFPFPFP'
  expect(findOnset(rowsOf(runs)).logOdds).toBeCloseTo(-1.279, 3)
  expect(findOnset(rowsOf(runs.slice(0, -1))).logOdds).toBeCloseTo(-0.894, 3)
})

const letters = fc.string({ unit: fc.constantFrom('P', 'F'), minLength: 1, maxLength: 80 })

test('the interval is around the likeliest row', () => {
  fc.assert(
    fc.property(letters, (runs) => {
      const { row, low, high, logOdds } = findOnset(rowsOf(runs))
      expect([0 <= low, low <= row, row <= high, high < runs.length, Number.isFinite(logOdds)]).toEqual(
        Array(5).fill(true),
      )
    }),
  )
})

test('a thousand passes and then failures: it begins with the first of those', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 950 }), fc.integer({ min: 3, max: 50 }), (passes, failures) => {
      expect(findOnset(rowsOf('P'.repeat(passes) + 'F'.repeat(failures))).row).toBe(passes)
    }),
  )
})

test('the runs of one job count as two at most, and failures are rounded up', () => {
  const job = (position: number, runs: string) =>
    [...runs].map((letter) => ({ position, failed: letter === 'F' }))
  expect(jobRows([...job(7, 'PPPPF'), ...job(3, 'FFF'), ...job(5, 'P'), ...job(9, 'FP')])).toEqual([
    { position: 3, failures: 2, runs: 2 },
    { position: 5, failures: 0, runs: 1 },
    { position: 7, failures: 1, runs: 2 },
    { position: 9, failures: 1, runs: 2 },
  ])
})
