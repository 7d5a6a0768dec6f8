import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  flakeRate,
  probabilityOfRegression,
  runsToDecide,
  runsToProveFix,
  UNKNOWN_RATE,
} from '../../../src/analysis/flakiness/rerun'

const count = (runs: string, letter: string) => [...runs].filter((run) => run === letter).length

test.each([
  [0.1, 'F', 0.9048],
  [0.1, 'FF', 0.989],
  [0.1, 'FP', 0.3455],
  [0.1, 'FPP', 0.0285],
  [0.02, 'F', 0.9794],
  [0.3, 'F', 0.76],
  [0.3, 'FF', 0.9093],
  [0.3, 'FFF', 0.9695],
])('a test that is flaky at %f and ran %s is broken with %f', (rate, runs, expected) => {
  const probability = probabilityOfRegression(rate, count(runs, 'F'), count(runs, 'P'))
  expect(probability).toBeCloseTo(expected, 4)
})

test.each([
  [0.5, 5],
  [0.2, 14],
  [0.1, 29],
  [0.05, 59],
  [0.02, 149],
  [0.01, 299],
  [1, 1],
  [0, null],
])('a test that failed at a rate of %f is mended after %p passes', (rate, passes) => {
  expect(runsToProveFix(rate)).toBe(passes)
})

test('a failure of a test that is flaky at 0.1 needs one more failure or two passes', () => {
  expect(runsToDecide(0.1, 1)).toEqual({ if_fails: 1, if_passes: 2 })
  expect(runsToDecide(0.1, 1, 1)).toEqual({ if_fails: 2, if_passes: 1 })
})

test('a failure of a test that is hardly ever flaky needs no other run', () => {
  expect(runsToDecide(0.02, 1)).toEqual({ if_fails: 0, if_passes: 3 })
  expect(UNKNOWN_RATE).toBe(0.025)
  expect(flakeRate({ flakes: 2, runs: 13 })).toBeCloseTo(2.25 / 23, 9)
})

test('no failure tells anything about a test that fails as often while it works', () => {
  expect(runsToDecide(0.95, 1).if_fails).toBeNull()
})

test('the runs asked for are enough, and one less is not', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 0.9, noNaN: true }),
      fc.nat(5),
      fc.nat(5),
      (rate, failures, passes) => {
        const { if_fails, if_passes } = runsToDecide(rate, failures, passes)
        const after = (more: number) => probabilityOfRegression(rate, failures + more, passes)
        const afterPasses = (more: number) => probabilityOfRegression(rate, failures, passes + more)
        expect(if_fails).not.toBeNull()
        expect(after(if_fails ?? 0)).toBeGreaterThan(0.95 - 1e-9)
        if (if_fails) expect(after(if_fails - 1)).toBeLessThan(0.95 + 1e-9)
        if (if_passes === null) return
        expect(afterPasses(if_passes)).toBeLessThan(0.05 + 1e-9)
        if (if_passes > 0) expect(afterPasses(if_passes - 1)).toBeGreaterThan(0.05 - 1e-9)
      },
    ),
  )
})
