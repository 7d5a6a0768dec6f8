// Who is to blame, by counts: the examples of the definitions.

import { expect, test } from 'bun:test'
import { blameOf, likeliest } from '../../../src/analysis/infrastructure/blame'

const counts = (failed: number, runs: number, failedElsewhere: number, runsElsewhere: number) => ({
  ...{ failed, runs, failedElsewhere, runsElsewhere },
})

test.each([
  [[8, 10, 1, 90], 'host', 1],
  [[8, 10, 70, 90], 'product', 0.9996],
  [[3, 3, 0, 5], 'host', 0.9828],
  [[1, 10, 1, 90], 'noise', 0.7379],
] as const)('%p: %s with %d', (numbers, blame, probability) => {
  const [failed, runs, failedElsewhere, runsElsewhere] = numbers
  const chances = blameOf(counts(failed, runs, failedElsewhere, runsElsewhere))
  expect(Number(chances[blame].toFixed(4))).toBe(probability)
  expect(chances.host + chances.product + chances.noise).toBeCloseTo(1, 9)
})

test('runs of one job count as two at most: what one fixture breaks is no proof', () => {
  expect(blameOf(counts(30, 30, 1, 90)).host).toBeGreaterThan(0.999)
  expect(blameOf(counts(30, 30, 1, 90), 2).host).toBeLessThan(0.9)
})

test('a host on which less fails than elsewhere is not to blame', () => {
  expect(likeliest(counts(30, 60, 45, 60)).blame).toBe('product')
})
